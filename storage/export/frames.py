"""Loads the corpus into pandas or polars data frames.

    from storage import open_database
    from storage.export.frames import articles
    frame = articles(open_database("sqlite:///data/nkwire.db"), outlet="kcna", words="미사일")

The columns are those of an export (docs/exporting.md). Times are aware and in UTC.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Unpack

from storage.database import Database
from storage.export.formats.columns import ARTICLE_COLUMNS, STORY_COLUMNS, Column, ColumnKind
from storage.export.formats.output_files import import_optional
from storage.export.formats.selection import ExportFilters, open_selection
from storage.reports.carriage import CARRIAGE_COLUMNS, iter_carriage_rows, load_carriage
from storage.rights import TextLevel

Library = Literal["pandas", "polars"]

_CARRIAGE_KINDS = (
    dict.fromkeys(("appeared_after", "appeared_by", "first_seen_at"), ColumnKind.TIME)
    | dict.fromkeys(("report", "article"), ColumnKind.NUMBER)
    | {name: ColumnKind.SHARE for name in CARRIAGE_COLUMNS if name.endswith("_seconds")}
)


def articles(
    database: Database,
    *,
    text: TextLevel = "full",
    to: Library = "pandas",
    **filters: Unpack[ExportFilters],
) -> Any:
    """Returns a DataFrame of the articles that pass the filters.

    Raises MissingLibrary if the library `to` is not installed, and the errors of `open_selection`.
    """
    with open_selection(database, text=text, **filters) as selection:
        return make_frame(selection.iter_articles(), ARTICLE_COLUMNS, to)


def stories(
    database: Database,
    *,
    text: TextLevel = "full",
    to: Library = "pandas",
    **filters: Unpack[ExportFilters],
) -> Any:
    """Returns a DataFrame of the stories with at least one article that passes the filters.

    Raises the same errors as `articles`.
    """
    with open_selection(database, text=text, **filters) as selection:
        return make_frame(selection.iter_stories(), STORY_COLUMNS, to)


def reports(database: Database, *, to: Library = "pandas", **arguments: Any) -> Any:
    """Returns a DataFrame with the rows of `storage.reports.carriage.iter_carriage_rows`.

    `arguments`: those of `storage.reports.carriage.load_carriage`. Raises MissingLibrary if the
    library `to` is not installed, and the errors of `load_carriage`.
    """
    rows = list(iter_carriage_rows(load_carriage(database, **arguments)))
    return make_frame(
        rows,
        [Column(name, _CARRIAGE_KINDS.get(name, ColumnKind.TEXT), "") for name in CARRIAGE_COLUMNS],
        to,
    )


def make_frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[Column], to: Library) -> Any:
    """Returns a DataFrame with these columns of the rows.

    Raises MissingLibrary if the library `to` is not installed.
    """
    library = import_optional(to, to)
    column_list = list(columns)
    row_list = list(rows)
    values_by_column = {
        column.name: [row[column.name] for row in row_list] for column in column_list
    }
    if to == "polars":
        return library.DataFrame(
            values_by_column, schema={c.name: _polars_type(library, c.kind) for c in column_list}
        )
    frame = library.DataFrame(values_by_column)
    for column in column_list:
        if column.kind is ColumnKind.TIME:
            frame[column.name] = library.to_datetime(frame[column.name], utc=True)
        elif column.kind is ColumnKind.SHARE:
            frame[column.name] = frame[column.name].astype("float64")
        elif column.kind is ColumnKind.NUMBER:
            frame[column.name] = frame[column.name].astype("Int64")
    return frame


def _polars_type(polars: Any, kind: ColumnKind) -> Any:
    text = polars.String
    return {
        ColumnKind.NUMBER: polars.Int64,
        ColumnKind.TEXT: text,
        ColumnKind.TIME: polars.Datetime("us", "UTC"),
        ColumnKind.FLAG: polars.Boolean,
        ColumnKind.SHARE: polars.Float64,
        ColumnKind.TEXTS: polars.List(text),
        ColumnKind.NUMBERS: polars.List(polars.Int64),
        ColumnKind.DATELINE: polars.Struct(dict.fromkeys(("place", "date", "agency"), text)),
    }[kind]
