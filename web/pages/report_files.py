"""Writes the files of a report: its carriage as CSV, and its graph for other programs."""

import io
from functools import partial
from typing import Literal

from storage.export.formats import csv_format
from storage.export.formats.columns import Column, ColumnKind
from storage.reports.carriage import CARRIAGE_COLUMNS, iter_carriage_rows, load_carriage
from storage.reports.provenance_drawing import format_graph
from web.page import Query
from web.pages.graph import load_graph
from web.pages.report import follow_report
from web.raw import RawAnswer, RawPage

_MEDIA_TYPES: dict[Literal["dot", "graphml", "svg"], str] = {
    "dot": "text/vnd.graphviz; charset=utf-8",
    "graphml": "application/graphml+xml",
    "svg": "image/svg+xml",
}


def answer_csv(query: Query) -> RawAnswer:
    """Writes a row for each outlet, as `nkwire carriage --csv` does. A former number redirects."""
    number = follow_report(query, query.ids["report"], "/reports/{}.csv")
    rows = iter_carriage_rows(load_carriage(query.database, report_id=number))
    columns = tuple(Column(name, ColumnKind.TEXT, "") for name in CARRIAGE_COLUMNS)
    content = io.BytesIO()
    csv_format.write(content, columns, rows)
    return RawAnswer(
        content=content.getvalue(), media_type="text/csv; charset=utf-8", filename=f"r{number}.csv"
    )


def answer_graph(query: Query, style: Literal["dot", "graphml", "svg"]) -> RawAnswer:
    """Writes a graph, as `nkwire graph` does."""
    what = query.ids["what"]
    graph = load_graph(query, what, f"/graph/{{}}.{style}")
    name = f"r{graph.report}" if graph.report else f"s{graph.story}"
    return RawAnswer(
        content=format_graph(graph, style).encode("utf-8", "replace"),
        media_type=_MEDIA_TYPES[style],
        filename=f"{name}.{style}",
    )


CARRIAGE_CSV = RawPage(
    name="report-csv",
    path="/reports/{report}.csv",
    summary="Who carried a report: a row for each outlet, as CSV.",
    media_types=("text/csv",),
    answer=answer_csv,
)
GRAPH_FILES = tuple(
    RawPage(
        name=f"graph-{style}",
        path=f"/graph/{{what}}.{style}",
        summary=f"The graph of a report (r7) or story (s12), as {style}.",
        media_types=(media_type.partition(";")[0],),
        answer=partial(answer_graph, style=style),
    )
    for style, media_type in _MEDIA_TYPES.items()
)
REPORT_FILES: tuple[RawPage, ...] = (CARRIAGE_CSV, *GRAPH_FILES)
