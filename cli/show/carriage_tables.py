"""Prints who carried reports: a matrix of outlets, a line for each report, or one report."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from cli.show.printing import console, format_article_time, print_note, print_table, terminal_width
from cli.show.summaries import summarise, summary_width
from storage.clean import printable
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.reports.carriage import Report

MAX_NAMED_COLUMNS = 6
MAX_MATRIX_COLUMNS = 15
"""With more outlets each report is one line, unless the whole matrix is asked for."""
_MIN_TITLE_WIDTH = 30
_MIN_CARRIERS = 2  # the lead alone would not say who carries it
_FIXED_WIDTH = len("report  2026-03-01 06:00  ")
_GAP = 2
MANNER_LETTERS = {
    "original": "O",
    "first-seen": "F",
    "unknown": "?",
    "verbatim": "v",
    "edited": "e",
    "excerpt": "x",
    "translation": "t",
    "derived": "d",
}


def print_reports(reports: "Sequence[Report]", *, wide: bool = False) -> None:
    """Prints a row for each report: a column for each outlet if they fit, else one line in words.

    `wide`: columns for all outlets, in as many tables as the terminal needs.
    """
    names = sorted({each.outlet for report in reports for each in report.articles})
    width = terminal_width()
    headings = _make_headings(names, width)
    if not wide and (len(names) > MAX_MATRIX_COLUMNS or not _fit(headings, width)):
        _print_lines(reports, width)
        return
    for first, end in _split(headings, width):
        if first:
            print()
        _print_matrix(reports, names[first:end], headings[first:end])
    if headings != names:
        print_note(
            ", ".join(f"{heading} {name}" for heading, name in zip(headings, names, strict=True))
        )
    labels = manner_labels()
    print_note(", ".join(f"{letter} {labels[manner]}" for manner, letter in MANNER_LETTERS.items()))


def _make_headings(names: "Sequence[str]", width: int | None) -> list[str]:
    """Returns the names, or numbers for them: names are too long for many narrow columns."""
    if width is None or (len(names) <= MAX_NAMED_COLUMNS and _fit(names, width)):
        return list(names)
    return [str(number) for number in range(1, len(names) + 1)]


def _fit(headings: "Sequence[str]", width: int | None) -> bool:
    """Returns whether columns with these headings leave room for the title of a report."""
    columns = sum(cell_len(heading) + _GAP for heading in headings)
    return width is None or _FIXED_WIDTH + _MIN_TITLE_WIDTH + columns <= width


def _split(headings: "Sequence[str]", width: int | None) -> "Iterator[tuple[int, int]]":
    """Yields the first and the end of the columns of each table that fits, in order."""
    first = 0
    for end in range(1, len(headings) + 1):
        is_last = end == len(headings)
        if is_last or not _fit(headings[first : end + 1], width):
            yield first, end
            first = end


def _print_matrix(
    reports: "Sequence[Report]", names: "Sequence[str]", headings: "Sequence[str]"
) -> None:
    rows = []
    for report in reports:
        cells = report.closest_by_outlet()
        marks = [MANNER_LETTERS[cells[n].manner.value] if n in cells else "·" for n in names]
        rows.append((f"r{report.id}", _lead_time(report), report.lead.title, *marks))
    print_table(("report", "at", "~lead document", *headings), rows)


def _print_lines(reports: "Sequence[Report]", width: int | None) -> None:
    """Prints the outlets of each report in words, closest to the lead document first."""
    is_short = width is not None
    rows = [
        (
            f"r{report.id}",
            _lead_time(report),
            len(report.closest_by_outlet()),
            summarise(describe_carriers(report, is_short=is_short), summary_width(), _MIN_CARRIERS),
            report.lead.title,
        )
        for report in reports
    ]
    columns = ("report", "at", ">outlets", "~carried by", "~lead document")
    print_table(columns, rows, drops=("outlets",))
    if is_short:
        print_note(f"? {manner_labels()['unknown']}; a pipe, --wide or --html shows all outlets")
    print_note(
        "`nkwire carriage --wide` has a column for each outlet, --html FILE writes it as a page;"
        " `nkwire carriage --report ID` lists one report"
    )


def describe_carriers(report: "Report", *, is_short: bool = False) -> list[str]:
    """Returns each outlet with its manner, closest to the lead document first: KBS verbatim.

    `is_short`: `?` for an unknown origin.
    """
    order = list(MANNER_LETTERS)
    carriers = sorted(
        report.closest_by_outlet().items(),
        key=lambda item: (order.index(item[1].manner.value), item[1].appeared_by, item[0]),
    )
    return [
        f"{name} {'?' if is_short and each.manner == 'unknown' else each.manner.label}"
        for name, each in carriers
    ]


def print_report(report: "Report") -> None:
    """Prints all articles of one report, the lead document first."""
    from storage.reports.delays import compute_stated_delay

    lead = report.lead
    console().print(Text(printable(lead.title), "bold"))
    outlets = len({each.outlet for each in report.articles})
    print(
        f"r{report.id}, {format_count(len(report.articles), 'article')} of {format_count(outlets, 'outlet')}"
    )
    print_table(
        (">article", "outlet", "is", "published", ">later by stated times", "~headline"),
        [
            (
                each.article_id,
                each.outlet,
                each.manner.label,
                each.stated,
                ""
                if each is lead
                else compute_stated_delay(lead.appearance, each.appearance).as_rounded_words(),
                each.title,
            )
            for each in report.articles
        ],
        drops=("later by stated times",),
    )


def _lead_time(report: "Report") -> str:
    return format_article_time(report.lead.stated, report.lead.appeared_by)


def manner_labels() -> dict[str, str]:
    """Returns the words for each manner."""
    from storage.reports.manners import CarriageManner

    return {manner: CarriageManner(manner).label for manner in MANNER_LETTERS}
