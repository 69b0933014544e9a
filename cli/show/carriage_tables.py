"""Prints who carried reports: a table of outlets, a list where they are too many, or one report."""

from collections import Counter
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from cli.show.printing import console, print_note, print_table
from storage.clean import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.reports.carriage import Report

MAX_NAMED_COLUMNS = 6
_MIN_TITLE_WIDTH = 30
_FIXED_WIDTH = len("report  2026-03-01 06:00  ")
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


def print_reports(reports: "Sequence[Report]") -> None:
    """Prints a row for each report: a column for each outlet if they fit, else counts."""
    names = sorted({each.outlet for report in reports for each in report.articles})
    # Outlet names are too long as heads of many narrow columns.
    numbered = len(names) > MAX_NAMED_COLUMNS or not _fit(names)
    headings = [str(n) for n in range(1, len(names) + 1)] if numbered else names
    if not _fit(headings):
        _print_counts(reports)
        return
    rows = []
    for report in reports:
        cells = report.closest_by_outlet()
        marks = [MANNER_LETTERS[cells[n].manner.value] if n in cells else "·" for n in names]
        rows.append((f"r{report.id}", report.lead.time, report.lead.title, *marks))
    title = "~lead document" if numbered else "lead document"
    print_table(("report", "at", title, *headings), rows)
    if numbered:
        print_note(
            ", ".join(f"{heading} {name}" for heading, name in zip(headings, names, strict=True))
        )
    labels = _labels()
    print_note(", ".join(f"{letter} {labels[manner]}" for manner, letter in MANNER_LETTERS.items()))


def _fit(headings: "Sequence[str]") -> bool:
    """Returns whether columns with these headings leave room for the title of a report."""
    columns = sum(cell_len(heading) + 2 for heading in headings)
    return _FIXED_WIDTH + _MIN_TITLE_WIDTH + columns <= console().width


def print_report(report: "Report") -> None:
    """Prints all articles of one report, the lead document first."""
    from storage.reports.delays import compute_stated_delay

    lead = report.lead
    console().print(Text(printable(lead.title), "bold"))
    outlets = len({each.outlet for each in report.articles})
    print(f"r{report.id}, {_count(len(report.articles), 'article')} of {_count(outlets, 'outlet')}")
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
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _print_counts(reports: "Sequence[Report]") -> None:
    labels = _labels()
    rows = []
    for report in reports:
        cells = report.closest_by_outlet()
        counts = Counter(each.manner.value for each in cells.values())
        manners = [
            labels[manner]
            if labels[manner] == report.lead.manner.label
            else f"{counts[manner]} {manner}"
            for manner in MANNER_LETTERS
            if counts[manner]
        ]
        rows.append(
            (f"r{report.id}", report.lead.time, len(cells), ", ".join(manners), report.lead.title)
        )
    print_table(("report", "at", ">outlets", "carried", "~lead document"), rows)
    print_note(
        "The outlets are too many for columns: `nkwire carriage --report ID` lists those of one report,"
        " --csv and --json all"
    )


def _labels() -> dict[str, str]:
    from storage.reports.manners import CarriageManner

    return {manner: CarriageManner(manner).label for manner in MANNER_LETTERS}
