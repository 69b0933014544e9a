"""`nkwire stats`: how many articles there are, by time, outlet or language."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.cells import cell_len

from cli.arguments.names import find_language, find_outlets
from cli.charts.bars import bar, needs_ascii
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    LanguageOption,
    OutletOption,
    SinceOption,
    UntilOption,
    day_range,
    examples,
    read_database,
)
from cli.show.printing import console, format_value, print_json, print_note, print_table
from cli.show.summaries import undated_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage import Database
    from storage.totals.article_counts import CorpusSize, CountFilters, DayCount
    from storage.totals.calendar_steps import Step

commands = typer.Typer(rich_markup_mode="rich")

UNDATED, NO_LANGUAGE = "undated", "not known"
_MOST_BAR_CHARS, _LEAST_BAR_CHARS = 50, 10


class By(StrEnum):
    """What the articles are counted by."""

    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    OUTLET = "outlet"
    LANGUAGE = "language"


class Row(NamedTuple):
    """A line of the chart. `articles`: None for a line that stands for empty periods.

    `key`: the label in JSON; None for the articles without a date or language.
    """

    label: str
    articles: int | None
    key: str | None


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples("nkwire stats", "nkwire stats --by outlet --since 2026-01-01"),
)
def stats(
    by: Annotated[
        By | None,
        typer.Option(
            help="What to count by. By default day, week, month or year, as the time fits."
        ),
    ] = None,
    since: SinceOption = "",
    until: UntilOption = "",
    outlet: OutletOption = None,
    language: LanguageOption = "",
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Count articles, outlets, languages, stories and reports, and draw the articles as bars.

    A day is the day of publication in UTC. Articles without a date are counted as undated. With
    --since or --until they are left out.
    """
    from storage.totals.article_counts import CountedBy, load_name_counts, load_size
    from storage.totals.calendar_steps import Step, fitting_step

    with read_database(database) as opened:
        filters = count_filters(opened, since, until, outlet, language)
        size, counts = load_size(opened, filters)
        names = None
        if by in (By.OUTLET, By.LANGUAGE):
            names = load_name_counts(opened, CountedBy(by.value), filters)
    if by and names is not None:
        name = by.value
        rows = [Row(each or NO_LANGUAGE, number, each or None) for each, number in names.items()]
    else:
        step = Step(by.value) if by else fitting_step(size.first, size.last)
        name, rows = step.value, list(_by_time(counts, step))
    if as_json:
        counted = [{name: row.key, "articles": row.articles} for row in rows if row.articles]
        print_json({**_size_fields(size), "by": name, "counts": counted})
        _print_notes(size, filters)
        return
    if size.articles:
        print_table(("what", ">number"), _size_rows(size, filters))
        print()
        _print_bars(name, rows)
    _print_notes(size, filters)


def count_filters(
    database: "Database", since: str, until: str, outlet: "Sequence[str] | None", language: str
) -> "CountFilters":
    """Returns the filters. Raises UserError for a malformed day, unknown outlet or language."""
    from storage.totals.article_counts import CountFilters

    first, after = day_range(since, until)
    return CountFilters(
        since=first,
        until=after,
        outlet=find_outlets(database, outlet),
        language=find_language(database, language),
    )


def _by_time(counts: "Sequence[DayCount]", step: "Step") -> "Iterator[Row]":
    from storage.totals.calendar_steps import iter_periods, sum_by_step

    dated = ((each.day, each.articles) for each in counts if each.day is not None)
    for start, number, left_out in iter_periods(sum_by_step(dated, step), step):
        if left_out:
            yield Row(f"({left_out:,} {step.value}s without articles)", None, None)
        yield Row(step.label(start), number, step.label(start))
    if undated := sum(each.articles for each in counts if each.day is None):
        yield Row(UNDATED, undated, None)


def _print_bars(name: str, rows: "Sequence[Row]") -> None:
    """Prints a line for each row. Names are never cut, whatever the width of the terminal."""
    head = ("week from" if name == By.WEEK else name, "articles")
    labels = [head[0], *(format_value(row.label) for row in rows)]
    numbers = [head[1], *("" if row.articles is None else f"{row.articles:,}" for row in rows)]
    label_width, number_width = max(map(cell_len, labels)), max(map(len, numbers))
    room = console().width - label_width - number_width - 5
    width = min(_MOST_BAR_CHARS, max(_LEAST_BAR_CHARS, room))
    most, is_ascii = max(row.articles or 0 for row in rows), needs_ascii()
    bars = ["", *(bar(row.articles or 0, most, width, is_ascii=is_ascii) for row in rows)]
    for label, number, drawn in zip(labels, numbers, bars, strict=True):
        padded = label + " " * (label_width - cell_len(label))
        print(f"{padded}  {number:>{number_width}}  {drawn}".rstrip())


def _size_fields(size: "CorpusSize") -> dict[str, Any]:
    return {
        "articles": size.articles,
        "undated": size.undated,
        "first_day": size.first and size.first.isoformat(),
        "last_day": size.last and size.last.isoformat(),
        "outlets": size.outlets,
        "languages": size.languages,
        "stories": size.stories,
        "reports": size.reports,
    }


def _size_rows(size: "CorpusSize", filters: "CountFilters") -> "Iterator[tuple[str, str]]":
    fields = _size_fields(size)
    for name in ("articles", "undated", "outlets", "languages", "stories", "reports"):
        if name != "undated" or (size.undated and not filters.has_period):
            yield name, f"{fields[name]:,}"
    if size.first and size.last:
        yield "first day", str(size.first)
        yield "last day", str(size.last)


def _print_notes(size: "CorpusSize", filters: "CountFilters") -> None:
    if size.undated and filters.has_period:
        print_note(
            f"{undated_words(size.undated)} left out: {'their' if size.undated > 1 else 'its'} day is not known"
        )
    if not size.articles:
        is_filtered = filters.has_period or filters.outlet or filters.language
        print_note(
            "no article passes these filters"
            if is_filtered
            else "the database has no articles yet: `nkwire run` or `nkwire import FILE` brings some"
        )
