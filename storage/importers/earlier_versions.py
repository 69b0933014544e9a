"""Restores the captures and earlier versions of articles from exports of nkwire.

`corpus.versions.jsonl` beside `corpus.jsonl` contains all versions of the articles that have
several. Both files are sorted by article id, so they are joined by a merge, in constant memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias

from storage.importers.exported_rows import parse_id
from storage.importers.jsonl_reader import BadLine
from storage.importers.stated_dates import parse_time
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
    valid_rows = (
        row for _, row in versions if not isinstance(row, BadLine) and parse_id(row, "article")
    )
    grouped = groupby(valid_rows, key=lambda row: parse_id(row, "article"))
    pending: tuple[int, list[Row]] = (0, [])
    for number, row in rows:
        article_id = 0 if isinstance(row, BadLine) else parse_id(row, "id", "stories_id")
        while pending[0] < article_id:
            pending = next(((i, list(group)) for i, group in grouped), _END_OF_VERSIONS)
        yield number, row, pending[1] if pending[0] == article_id else []


def apply_version(row: Row, version: Row) -> dict[str, Any]:
    """Returns the row of an article with the values of one of its versions."""
    article_fields = {
        name: value for name, value in row.items() if name not in _VERSION_FIELD_ALIASES
    }
    return {**article_fields, **version}


def with_capture(article: Article, at: datetime | None) -> Article:
    """Returns the article with a capture at this time (HTTP 200), or unchanged if it is None."""
    return article if at is None else replace(article, capture=Capture(article.url, at, _HTTP_OK))


def rows_by_fetch(row: Row, versions: list[Row]) -> list[tuple[Row, datetime | None]]:
    """Returns the row as it was at each known fetch, in order, with the time of the fetch.

    `versions`: the rows of its versions. Each has the time of its first capture, none if it was
    imported. The current version is repeated at `last_captured_at` if the page is not gone and the
    fetches before do not say so: that time is later, or another reading of one fetch is current.
    The time is None if no fetch is known.
    """
    last_captured_at = None if row.get("gone_at") else _parse_row_time(row, "last_captured_at")
    if not versions:
        return [(row, last_captured_at)]
    fetches: list[tuple[Row, datetime | None]]
    fetches = [
        (apply_version(row, each), _parse_row_time(each, "captured_at")) for each in versions
    ]
    position = next((i for i, (each, _) in enumerate(fetches) if _is_current(each)), -1)
    current_row, first_captured_at = fetches[position]
    captured = [captured_at for _, captured_at in fetches if captured_at]
    is_later = last_captured_at and all(last_captured_at > each for each in captured)
    if last_captured_at and (is_later or current_row is not fetches[-1][0]):
        # Texts that were imported after the fetch of another imported text do not hide that text.
        is_fetch_of_import = is_later and first_captured_at is None
        place = position % len(fetches) + 1 if is_fetch_of_import else len(fetches)
        fetches.insert(place, (current_row, last_captured_at))
    return fetches


def _is_current(version: Row) -> bool:
    return version.get("current") in (True, "true")


def _parse_row_time(row: Row, name: str) -> datetime | None:
    return parse_time(row.get(name))[0]


_END_OF_VERSIONS: tuple[int, list[Row]] = (2**63, [])
