"""Writes who carried reports as one HTML page: a row for each report, a column for each outlet.

The page has no scripts and needs no other file. Its colours are those of the web pages.
"""

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cli.show.carriage_tables import MANNER_LETTERS, manner_labels
from cli.show.printing import format_value
from storage.clean import printable
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage.reports.carriage import CarryingArticle, Report

_CSS = """
body { background: var(--paper); color: var(--ink); font: 14px/1.4 var(--sans); margin: 1.5rem; }
.matrix { max-height: 85vh; overflow: auto; }
table { border-collapse: separate; border-spacing: 0; }
th, td { border-bottom: 1px solid var(--rule); padding: .2rem .4rem; text-align: left; vertical-align: bottom; }
thead th { background: var(--paper); position: sticky; top: 0; z-index: 1; }
thead th:first-child { left: 0; z-index: 2; }
thead .outlet { font-weight: 400; padding: .4rem .2rem; text-align: left; white-space: nowrap; writing-mode: vertical-rl; }
tbody th { background: var(--paper); font-weight: 400; left: 0; min-width: 18rem; position: sticky; vertical-align: middle; }
tbody th span { color: var(--soft); display: block; font-size: 12px; white-space: nowrap; }
td { text-align: center; vertical-align: middle; }
tbody tr:hover > * { background: var(--panel); }
td a, .letter { border-radius: 3px; color: inherit; display: inline-block; font-weight: 600; min-width: 1.6em; text-align: center; text-decoration: none; }
td a:hover { text-decoration: underline; }
.none { color: var(--soft); }
.key span { margin-right: 1rem; white-space: nowrap; }
.soft { color: var(--soft); }
"""
_COLOURS = {manner: manner for manner in MANNER_LETTERS} | {
    "first-seen": "original",
    "unknown": "soft",
}


def format_carriage_page(reports: "Sequence[Report]") -> str:
    """Returns the page. All text from outlets is escaped; only http(s) addresses become links."""
    names = sorted({each.outlet for report in reports for each in report.articles})
    title = (
        f"{format_count(len(reports), 'report')} carried by {format_count(len(names), 'outlet')}"
    )
    heads = "".join(f'<th class="outlet" scope="col">{_escape(name)}</th>' for name in names)
    rows = "\n".join(_format_row(report, names) for report in reports)
    labels = manner_labels()
    key = "".join(
        f'<span><b class="letter m-{manner}">{letter}</b> {labels[manner]}</span>'
        for manner, letter in MANNER_LETTERS.items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
        f'<h1>{title}</h1>\n<p class="key">{key}</p>\n'
        '<p class="soft">Times are UTC; a date alone means that the time is not known.</p>\n'
        f'<div class="matrix"><table>\n<thead><tr><th scope="col">lead document</th>{heads}</tr>'
        f"</thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>\n</body>\n</html>\n"
    )


def _format_row(report: "Report", names: Sequence[str]) -> str:
    cells = report.closest_by_outlet()
    lead = report.lead
    head = (
        f'<th scope="row"><span>r{report.id}, {format_value(lead.time)}, {_escape(lead.outlet)}</span>'
        f'<bdi dir="auto">{_escape(lead.title) or "(no headline)"}</bdi></th>'
    )
    return f"<tr>{head}{''.join(_format_cell(name, cells.get(name)) for name in names)}</tr>"


def _format_cell(name: str, carrying: "CarryingArticle | None") -> str:
    if carrying is None:
        return '<td class="none">·</td>'
    manner = carrying.manner.value
    words = _escape(
        f"{name}: {carrying.manner.label}, {format_value(carrying.time)}. {carrying.title}"
    )
    letter = f'class="letter m-{manner}" title="{words}"'
    if carrying.url.startswith(("http://", "https://")):
        link = f'<a {letter} href="{_escape(carrying.url)}" rel="noopener noreferrer">'
        return f"<td>{link}{MANNER_LETTERS[manner]}</a></td>"
    return f"<td><b {letter}>{MANNER_LETTERS[manner]}</b></td>"


def _escape(text: str) -> str:
    return escape(printable(" ".join(text.split())))


@cache
def _style() -> str:
    """Returns the style sheet: the colours and fonts of the web pages, and the rules above."""
    import web

    tokens = Path(web.__path__[0], "static", "css", "00-tokens.css").read_text("utf-8")
    lines = (
        f".m-{manner} {{ box-shadow: inset 0 -3px 0 var(--{colour}); }}"
        for manner, colour in _COLOURS.items()
    )
    return "\n".join((tokens, _CSS, *lines))
