"""Prints tables for people, JSON for programs, and one clear line for each problem."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, cast

from cli.show.streams import PrintableBytes, SafeConsole, unguarded
from cli.show.tables import Cells, describe_left_out, fit_columns, format_plain, make_table
from storage.clean import cut_middle, format_utc, printable, printable_json
from storage.guard.secrets import conceal
from storage.stated_time import StatedTime

if TYPE_CHECKING:
    from rich.progress import Progress

EMPTY_CELL = "–"
PIPE_WIDTH = 160
"""Of what is shown side by side: its texts wrap. Tables and lines have any length in a pipe."""
_MAX_WORD_CHARS, _MAX_LINE_CHARS = 300, 2_000


def console() -> SafeConsole:
    """Returns standard output for people: colours on a terminal only, no line broken in a pipe."""
    if sys.stdout.isatty():
        return SafeConsole(highlight=False, file=unguarded(sys.stdout))
    return SafeConsole(
        highlight=False, width=PIPE_WIDTH, soft_wrap=True, file=unguarded(sys.stdout)
    )


def terminal_width() -> int | None:
    """Returns the width of the terminal in columns; None if standard output is no terminal."""
    return console().width if sys.stdout.isatty() else None


def error_console() -> SafeConsole:
    """Returns standard error for people."""
    return SafeConsole(file=unguarded(sys.stderr))


def binary_output() -> IO[bytes]:
    """Returns standard output for data. A terminal gets text that cannot control it."""
    if sys.stdout.isatty():
        return cast("IO[bytes]", PrintableBytes(sys.stdout))
    return sys.stdout.buffer


def progress(*, shows_numbers: bool = True) -> "Progress":
    """Returns a progress bar on standard error; invisible if that is no terminal.

    `shows_numbers`: what is done and the total stand beside the bar.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        *((MofNCompleteColumn(),) if shows_numbers else (TaskProgressColumn(),)),
        TimeElapsedColumn(),
        console=error_console(),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def print_json(value: object) -> None:
    """Prints one JSON document; a list has one line for each row."""
    if isinstance(value, list):
        rows = ",\n".join(dumps(row) for row in value)
        print(f"[\n{rows}\n]" if rows else "[]")
    else:
        print(dumps(value, indent=2))


def dumps(value: object, indent: int | None = None) -> str:
    """Returns JSON with times as ISO 8601 in UTC.

    Letters beyond ASCII are as they are; everything that is not printable is escaped.
    """
    return printable_json(
        json.dumps(value, ensure_ascii=False, indent=indent, default=_json_default)
    )


def _json_default(value: object) -> object:
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], drops: Sequence[str] = ()
) -> None:
    """Prints a table. Nothing is cut: into a pipe each row is one line of any length.

    A column named `>x` holds numbers, `~x` holds text that may wrap. Names, ids and dates do not
    wrap. `drops`: the columns that a narrow terminal leaves out, the least important first.
    """
    cells = Cells(columns, [[format_value(cell) for cell in row] for row in rows])
    width = terminal_width()
    if width is None:
        print(format_plain(cells), file=unguarded(sys.stdout))
        return
    fitted = fit_columns(cells, width, drops)
    out = console()
    with out.capture() as drawn:
        out.print(make_table(cells, fitted))
    # Drawn by rich, with its own codes for bold letters, from cells that are safe.
    print("\n".join(map(str.rstrip, drawn.get().splitlines())), file=unguarded(sys.stdout))
    if fitted.left_out:
        print_note(describe_left_out(fitted.left_out))


def format_value(value: object) -> str:
    """Returns a value as one line for people: times in UTC to the minute, days as dates.

    Text from pages cannot control the terminal.
    """
    if value is None or value == "":
        return EMPTY_CELL
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, StatedTime):
        return value.as_words()
    return printable(" ".join(str(value).split()))


def format_article_time(published: StatedTime | None, first_seen_at: datetime) -> str:
    """Returns when an article was published, or `seen` with the day on which nkwire first saw it."""
    return published.as_words() if published else f"seen {first_seen_at.astimezone(UTC):%Y-%m-%d}"


def format_counts(counts: Mapping[str, int]) -> str:
    """Returns counts by cause on one line, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {cause}" for cause, number in ordered if number) or "nothing"


def print_warning(line: str) -> None:
    """Prints one line on standard error about input that was left out.

    Very long names and lines are shown without their middle.
    """
    words = " ".join(cut_middle(word, _MAX_WORD_CHARS) for word in conceal(line).split())
    _tell(cut_middle(words, _MAX_LINE_CHARS))


def print_note(line: str) -> None:
    """Prints one line on standard error about what was done; standard output is for data."""
    _tell(conceal(line))


def _tell(line: str) -> None:
    with suppress(BrokenPipeError):  # who closed standard error wants no lines; the work goes on
        print(f"{printable(line)}\n", end="", file=sys.stderr, flush=True)  # in one piece
