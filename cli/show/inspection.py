"""Shows authors what a page says about each field, and what a source lists."""

from typing import TYPE_CHECKING, Any

from rich.markup import escape

from cli.show.printing import console, format_value
from storage.clean import printable
from storage.stated_time import make_stated_time

if TYPE_CHECKING:
    from crawler.authoring.inspection import Inspection
    from crawler.sources import ParsedSource


def inspection_row(inspection: "Inspection", outlet: str) -> dict[str, Any]:
    """Returns an inspection for JSON: the evidence for each field, and the links of a source."""
    extraction, source = inspection.extraction, inspection.source
    links = source.links if source else ()
    return {
        "outlet": outlet,
        "layout": inspection.layout,
        "page_class": extraction.page_class,
        "reason": extraction.reason,
        "flags": list(extraction.flags),
        "fields": {
            name: [
                {"source": piece.source, "value": piece.value, "used": piece.is_used}
                for piece in evidence
            ]
            for name, evidence in inspection.evidence.items()
        },
        "links": [
            {
                "url": link.url,
                "title": link.title,
                "published_at": make_stated_time(link.published_at, link.published_precision),
                "key": link.key,
            }
            for link in links
        ],
        "problems": list(source.problems) if source else [],
    }


def print_inspection(inspection: "Inspection", outlet: str) -> None:
    """Prints an inspection: the evidence for each field of an article, the links of a source.

    On a terminal the evidence that is used is green, and a field without any value is red.
    """
    out = console()
    out.soft_wrap = True
    extraction = inspection.extraction
    reason = f": {extraction.reason}" if extraction.reason else ""
    flags = f"; {', '.join(extraction.flags)}" if extraction.flags else ""
    out.print(
        f"[bold]{outlet}[/]  {inspection.layout}  [bold]{extraction.page_class}[/]{reason}{flags}"
    )
    if inspection.source is not None:
        _print_links(inspection.source)
        if inspection.source.links and extraction.article is None:
            return
    for name, evidence in inspection.evidence.items():
        has_value = name in extraction.evidence or getattr(extraction.article, name, None)
        out.print(f"\n[bold]{name}[/]" + ("" if has_value else "  [red]no value[/]"))
        for piece in evidence:
            line = escape(printable(f"{piece.source}: {piece.value}"))
            out.print(f"  [green]* {line}[/]" if piece.is_used else f"    {line}")


def _print_links(source: "ParsedSource") -> None:
    print(f"\nlinks to articles: {len(source.links)}")
    for link in source.links:
        published = make_stated_time(link.published_at, link.published_precision)
        print("   ", "  ".join(map(format_value, (published, link.key, link.url, link.title))))
    for problem in source.problems:
        print("   ", printable(problem))
