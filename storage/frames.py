"""The corpus as a table in memory, for pandas or polars.

    from storage import open_database
    from storage.frames import articles
    frame = articles(open_database("sqlite:///data/nkwire.db"), outlet="kcna", words="미사일")

The columns are those of an export (docs/corpus.md); times are aware, in UTC.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Unpack

from storage.carriage import carriage, carriage_rows
from storage.formats.columns import ARTICLE, STORY, Column, Kind
from storage.formats.selection import Text, Wanted, selected
from storage.formats.target import library
from storage.reading import Reading

Library = Literal["pandas", "polars"]


def articles(
    database: Reading, *, text: Text = "full", to: Library = "pandas", **wanted: Unpack[Wanted]
) -> Any:
    """A DataFrame of the articles that pass the filters. Raises MissingLibrary."""
    with selected(database, text=text, **wanted) as selection:
        return frame(selection.articles(), ARTICLE, to)


def stories(
    database: Reading, *, text: Text = "full", to: Library = "pandas", **wanted: Unpack[Wanted]
) -> Any:
    """A DataFrame of the stories of which an article passes the filters. Raises MissingLibrary."""
    with selected(database, text=text, **wanted) as selection:
        return frame(selection.stories(), STORY, to)


def reports(database: Reading, *, to: Library = "pandas", **wanted: Any) -> Any:
    """A DataFrame with a row for each report and outlet; arguments as `storage.carriage.carriage`."""
    rows = list(carriage_rows(carriage(database, **wanted)))
    times = ("original_at", "appeared_after", "appeared_by", "stated_at")
    columns = [Column(n, Kind.TIME if n in times else Kind.TEXT, "") for n in (rows or [{}])[0]]
    return frame(rows, columns, to)


def frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[Column], to: Library) -> Any:
    """A DataFrame of rows under these columns."""
    found = library(to, to)
    named = list(columns)
    held = list(rows)
    table = {column.name: [row[column.name] for row in held] for column in named}
    if to == "polars":
        return found.DataFrame(table, strict=False)
    made = found.DataFrame(table)
    for column in named:
        if column.kind is Kind.TIME:
            made[column.name] = found.to_datetime(made[column.name], utc=True)
        elif column.kind is Kind.NUMBER:
            made[column.name] = made[column.name].astype("Int64")
    return made
