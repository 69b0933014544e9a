"""Restores the captures and earlier versions of articles from exports of nkwire.

`corpus.versions.jsonl` beside `corpus.jsonl` contains all versions of the articles that have
several. Both files are sorted by article id, so they are joined by a merge, in constant memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias

from storage.importers.jsonl_reader import BadLine, parse_time
from storage.records import Article, Capture

Row: TypeAlias = Mapping[str, Any]
NumberedRows: TypeAlias = Iterator[tuple[int, Row | BadLine]]

_HTTP_OK = 200
_VERSION_FIELD_ALIASES = (
    "text",
    "maintext",
    "description",
    "date_publish",
    "publish_date",
    "date_modify",
)


def join_versions(
    rows: NumberedRows, versions: NumberedRows
) -> Iterator[tuple[int, Row | BadLine, list[Row]]]:
    """Yields the number and the row of each article, with the rows of its versions.

    Both inputs must be sorted by article id. Most articles have no versions. The versions keep
    their order in the file. Bad lines of `versions` are skipped.
    """
    whole = (
        row for _, row in versions if not isinstance(row, BadLine) and parse_id(row, "article")
    )
    grouped = groupby(whole, key=lambda row: parse_id(row, "article"))
    waiting: tuple[int, list[Row]] = (0, [])
    for place, row in rows:
        wanted = 0 if isinstance(row, BadLine) else parse_id(row, "id", "stories_id")
        while waiting[0] < wanted:
            waiting = next(((i, list(some)) for i, some in grouped), _END_OF_VERSIONS)
        yield place, row, waiting[1] if waiting[0] == wanted else []


def parse_id(row: Row, *names: str) -> int:
    """Returns the first id under these names: digits, or in JSON a number. 0 if there is none."""
    value = next((row[name] for name in names if row.get(name)), 0)
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def apply_version(row: Row, wording: Row) -> dict[str, Any]:
    """Returns the row of an article with the values of one of its versions."""
    plain = {name: value for name, value in row.items() if name not in _VERSION_FIELD_ALIASES}
    return plain | {name: value for name, value in wording.items() if name != "version"}


def with_capture(article: Article, at: datetime | None) -> Article:
    """Returns the article with a capture at this time (HTTP 200), or unchanged if it is None."""
    return article if at is None else replace(article, capture=Capture(article.url, at, _HTTP_OK))


def rows_by_fetch(row: Row, several: list[Row]) -> list[tuple[Row, datetime | None]]:
    """Returns the row as it was at each known fetch, in order, with the time of the fetch.

    `several`: the rows of its versions. Each has the time of its first capture. The last version
    is repeated at `last_captured_at` if that is later and the page is not gone. The time is None if
    no fetch is known.
    """
    last = None if row.get("gone_at") else _parse_row_time(row, "last_captured_at")
    if not several:
        return [(row, last)]
    found: list[tuple[Row, datetime | None]]
    found = [(apply_version(row, each), _parse_row_time(each, "captured_at")) for each in several]
    shown, at = found[-1]
    return [*found, (shown, last)] if last and at and last > at else found


def _parse_row_time(row: Row, name: str) -> datetime | None:
    return parse_time(row.get(name))[0]


_END_OF_VERSIONS: tuple[int, list[Row]] = (2**63, [])
