"""The corpus as a table in memory, for pandas or polars.

    from storage import open_database
    from storage.export.frames import articles
    frame = articles(open_database("sqlite:///data/nkwire.db"), outlet="kcna", words="미사일")

The columns are those of an export (docs/corpus.md); times are aware, in UTC.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Unpack

from storage.database import Database
from storage.export.formats.columns import ARTICLE, STORY, Column, Kind
from storage.export.formats.selection import Text, Wanted, selected
from storage.export.formats.target import library
from storage.reports.carriage import CARRIAGE_COLUMNS, carriage, carriage_rows

Library = Literal["pandas", "polars"]

_TIMES = ("original_at", "appeared_after", "appeared_by", "stated_at")
_CARRIAGE = dict.fromkeys(_TIMES, Kind.TIME) | dict.fromkeys(("report", "article"), Kind.NUMBER)


def articles(
    database: Database, *, text: Text = "full", to: Library = "pandas", **wanted: Unpack[Wanted]
) -> Any:
    """A DataFrame of the articles that pass the filters. Raises MissingLibrary."""
    with selected(database, text=text, **wanted) as selection:
        return frame(selection.articles(), ARTICLE, to)


def stories(
    database: Database, *, text: Text = "full", to: Library = "pandas", **wanted: Unpack[Wanted]
) -> Any:
    """A DataFrame of the stories of which an article passes the filters. Raises MissingLibrary."""
    with selected(database, text=text, **wanted) as selection:
        return frame(selection.stories(), STORY, to)


def reports(database: Database, *, to: Library = "pandas", **wanted: Any) -> Any:
    """A DataFrame with a row for each report and outlet; arguments as `storage.reports.carriage.carriage`."""
    rows = list(carriage_rows(carriage(database, **wanted)))
    return frame(rows, [Column(n, _CARRIAGE.get(n, Kind.TEXT), "") for n in CARRIAGE_COLUMNS], to)


def frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[Column], to: Library) -> Any:
    """A DataFrame of rows under these columns."""
    found = library(to, to)
    named = list(columns)
    held = list(rows)
    table = {column.name: [row[column.name] for row in held] for column in named}
    if to == "polars":
        return found.DataFrame(table, schema={c.name: _polars_type(found, c.kind) for c in named})
    made = found.DataFrame(table)
    for column in named:
        if column.kind is Kind.TIME:
            made[column.name] = found.to_datetime(made[column.name], utc=True)
        elif column.kind is Kind.NUMBER:
            made[column.name] = made[column.name].astype("Int64")
    return made


def _polars_type(polars: Any, kind: Kind) -> Any:
    text = polars.String
    return {
        Kind.NUMBER: polars.Int64,
        Kind.TEXT: text,
        Kind.TIME: polars.Datetime("us", "UTC"),
        Kind.FLAG: polars.Boolean,
        Kind.SHARE: polars.Float64,
        Kind.TEXTS: polars.List(text),
        Kind.NUMBERS: polars.List(polars.Int64),
        Kind.DATELINE: polars.Struct(dict.fromkeys(("place", "date", "agency"), text)),
    }[kind]
