"""Shortens a list of names to a width, and says what a list does not show and why it is empty."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from cli.show.printing import print_note, terminal_width
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage import Database

_MIN_WIDTH = 24


def summarise(names: Sequence[str], width: int | None, least: int = 1) -> str:
    """Returns as many names as fit, and how many more there are: `KBS, SBS +21`. None: all names.

    `least`: so many names are there although they do not fit.
    """
    if width is None:
        return ", ".join(names)
    text = ""
    for number, name in enumerate(names):
        longer = f"{text}, {name}" if text else name
        rest = len(names) - number - 1
        if number >= least and cell_len(longer + (f" +{rest}" if rest else "")) > width:
            return f"{text} +{rest + 1}"
        text = longer
    return text


def summary_width() -> int | None:
    """Returns the width for `summarise`: a third of the terminal; None in a pipe."""
    width = terminal_width()
    return None if width is None else max(_MIN_WIDTH, width // 3)


def note_limit(limit: int, total: int, noun: str, plural: str = "") -> None:
    """Says on standard error that a list stops at its limit, if there are more in total."""
    if limit < total:
        print_note(
            f"{limit:,} of {format_count(total, noun, plural)} shown; --limit {total} shows all"
        )


def undated_words(number: int) -> str:
    """Returns `1 article without a date is`, or `3 articles without a date are`."""
    return (
        "1 article without a date is" if number == 1 else f"{number:,} articles without a date are"
    )


def note_undated(number: int) -> None:
    """Says on standard error how many articles a period leaves out because they have no date."""
    if number:
        print_note(f"{undated_words(number)} left out")


def note_empty(
    database: "Database", things: str, options: Mapping[str, object], reason: str
) -> None:
    """Says on standard error why a list is empty, and what to do.

    `things`: what is listed. `options`: the values of the options (or words) that choose among them,
    by name.
    `reason`: why there may be none, if no option is given.
    """
    given = [name for name, value in options.items() if value]
    if not database.articles.count():
        print_note(
            "the database has no articles yet: `nkwire crawl OUTLET` or `nkwire run` reads outlets,"
            " `nkwire import FILE` reads files"
        )
    elif given:
        print_note(f"no {things} with {' and '.join(given)}: leave out or change an option")
    else:
        print_note(f"no {things}: {reason}")
