"""Translates rows of other systems to the field names of our import, for all formats. No I/O.

Fundus (`Article.to_json`) has `body` with summary and sections, `publishing_date`, `topics`, and
`html` with the addresses, the crawl date and the publisher. The CSV of stories of Media Cloud has
no text, so its rows become stubs. The names of all others are in `field_names`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from storage.export.formats.csv_format import DATELINE_PARTS, SEPARATOR, unescape_formula
from storage.importers.field_names import LIST_FIELDS, fill_own_fields, known_name
from storage.importers.list_cells import parse_list_cell
from storage.importers.missing_values import is_missing

_FLAGS = {"true": True, "false": False, "True": True, "False": False}
_MAX_CODE_CHARS = 3
_LANGUAGE_CODES = {
    "english": "en",
    "korean": "ko",
    "japanese": "ja",
    "chinese": "zh",
    "simplified chinese": "zh",
    "traditional chinese": "zh",
    "chinese simplified": "zh",
    "chinese traditional": "zh",
    "chinese - simplified": "zh",
    "chinese - traditional": "zh",
    "russian": "ru",
    "spanish": "es",
    "french": "fr",
    "german": "de",
    "한국어": "ko",
    "영어": "en",
    "русский": "ru",
    "中文": "zh",
    "日本語": "ja",
}
"""The codes (ISO 639-1) of languages that are named in words."""


def to_own_fields(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a row of any system and any format with the names and values of our import.

    Names of columns are read in any case. Values that say that there is none (NaN, `NaT`) are left
    out. A row of an export of nkwire is returned as it is.
    """
    if row.get("content_sha256"):
        return row
    fields = _with_known_names(row)
    if "publishing_date" in fields or isinstance(fields.get("body"), Mapping):
        fields = _from_fundus(fields)
    fields = fill_own_fields(fields)
    for name in LIST_FIELDS:
        if name in fields:
            is_keywords = name == "tags" and name not in row
            fields[name] = _parse_texts(fields[name], is_keywords=is_keywords)
    if isinstance(language := fields.get("language"), str):
        fields["language"] = _language_code(language)
    if not fields.get("text") and not fields.get("maintext"):
        fields.setdefault("page_class", "stub")
    return fields


def from_csv(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a CSV row (an export of nkwire, Media Cloud, or any with known names) for import."""
    return from_cells({name: unescape_formula(value) for name, value in row.items()})


def from_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row of a table whose cells hold no lists, such as a sheet of a workbook."""
    fields = {name.strip(): value for name, value in row.items() if name.strip()}
    is_own = bool(fields.get("content_sha256"))
    for name in LIST_FIELDS:
        cell = fields.get(name)
        if isinstance(cell, str) and (is_own or parse_list_cell(cell) is None):
            fields[name] = [part for part in cell.split(SEPARATOR) if part]
    dateline = str(fields.get("dateline") or "").split(SEPARATOR)
    if len(dateline) == len(DATELINE_PARTS):
        fields["dateline"] = dict(zip(DATELINE_PARTS, dateline, strict=True))
    if fields.get("lead") in _FLAGS:  # in our export: is it the lead document?
        fields["lead"] = _FLAGS[fields["lead"]]
    return fields


def from_parquet(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row of a Parquet file or a workbook with times as ISO 8601 text."""
    return {name: _time_to_text(value) for name, value in row.items()}


def _with_known_names(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the row without missing values; known names are plain, exact ones come first."""
    present = {name: value for name, value in row.items() if not is_missing(value)}
    fields = dict(present)
    for name, value in present.items():
        if known := known_name(name):
            fields.setdefault(known, value)
    return fields


def _language_code(stated: str) -> str:
    """Returns a code, also for the name of a language; "" for a name that is not known."""
    word = stated.strip().lower()
    is_code = len(word.replace("_", "-").split("-")[0]) <= _MAX_CODE_CHARS
    return _LANGUAGE_CODES.get(word, stated if is_code else "")


def _parse_texts(value: Any, *, is_keywords: bool) -> Any:
    """Returns a list of texts: of a list, or of one text that lists several."""
    if isinstance(value, list | tuple):
        named = (each.get("name") if isinstance(each, Mapping) else each for each in value)
        return [each for each in named if not is_missing(each)]
    if not isinstance(value, str):
        return _parse_texts([value], is_keywords=is_keywords)
    if (texts := parse_list_cell(value)) is not None:
        return [each for each in texts if not is_missing(each)]
    separator = "," if is_keywords and SEPARATOR not in value else SEPARATOR
    return [part.strip() for part in value.split(separator) if part.strip()]


def _from_fundus(row: Mapping[str, Any]) -> dict[str, Any]:
    html = row.get("html")
    page = html if isinstance(html, Mapping) else {}
    body = row.get("body")
    text = "\n".join(_iter_paragraphs(body)) if isinstance(body, Mapping) else body
    source = page.get("source_info") or page.get("source") or {}
    found = {
        "url": page.get("responded_url") or page.get("requested_url"),
        "text": text or row.get("plaintext"),
        "first_seen_at": page.get("crawl_date"),
        "outlet": source.get("publisher") if isinstance(source, Mapping) else None,
    }
    return {name: value for name, value in found.items() if not is_missing(value)} | dict(row)


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


def _time_to_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date | time) else value
