"""Translates rows of other systems to the field names of our import. No I/O.

Fundus (`Article.to_json`) has `body` with summary and sections, `publishing_date`, `topics`, and
`html` with the addresses, the crawl date and the publisher. The CSV of stories of Media Cloud has
no text, so its rows become stubs. `jsonl_reader` knows the names of news-please: they stay.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from storage.export.formats.csv_format import DATELINE_PARTS, SEPARATOR, unescape_formula

_LIST_FIELDS = ("authors", "tags", "captions")
_FLAGS = {"true": True, "false": False, "True": True, "False": False}


def from_csv(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a CSV row (an export of nkwire, Media Cloud, or any with known names) for import."""
    fields: dict[str, Any] = {
        name.strip(): unescape_formula(value)
        for name, value in row.items()
        if name and isinstance(value, str)
    }
    for name in _LIST_FIELDS:
        if isinstance(fields.get(name), str):
            fields[name] = [part for part in fields[name].split(SEPARATOR) if part]
    dateline = str(fields.get("dateline") or "").split(SEPARATOR)
    if len(dateline) == len(DATELINE_PARTS):
        fields["dateline"] = dict(zip(DATELINE_PARTS, dateline, strict=True))
    if fields.get("lead") in _FLAGS:  # in our export: is it the lead document?
        fields["lead"] = _FLAGS[fields["lead"]]
    return _mark_stub(fields)


def from_parquet(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row of a Parquet file with times as ISO 8601 text."""
    return {name: _time_to_text(value) for name, value in row.items()}


def from_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a JSON object (Fundus, news-please, or any with known names) for import."""
    if "publishing_date" in row or isinstance(row.get("body"), Mapping):
        return _from_fundus(row)
    return dict(row)


def _from_fundus(row: Mapping[str, Any]) -> dict[str, Any]:
    html = row.get("html")
    page = html if isinstance(html, Mapping) else {}
    body = row.get("body")
    text = "\n".join(_iter_paragraphs(body)) if isinstance(body, Mapping) else body
    source = page.get("source_info") or page.get("source") or {}
    publisher = source.get("publisher") if isinstance(source, Mapping) else None
    return dict(row) | {
        "url": row.get("url") or page.get("responded_url") or page.get("requested_url"),
        "text": text or row.get("plaintext"),
        "published_at": row.get("publishing_date"),
        "first_seen_at": page.get("crawl_date"),
        "tags": row.get("topics"),
        "language": row.get("language") or row.get("lang"),
        "outlet": row.get("outlet") or publisher,
    }


def _iter_paragraphs(body: Mapping[str, Any]) -> Iterator[str]:
    yield from _list_texts(body.get("summary"))
    sections = body.get("sections")
    for section in sections if isinstance(sections, list) else ():
        if isinstance(section, Mapping):
            yield from _list_texts(section.get("headline"))
            yield from _list_texts(section.get("paragraphs"))


def _list_texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, Mapping):
        return _list_texts(value.get("texts"))
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else ()


def _mark_stub(row: dict[str, Any]) -> dict[str, Any]:
    if not row.get("text") and not row.get("maintext"):
        row.setdefault("page_class", "stub")
    return row


def _time_to_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
