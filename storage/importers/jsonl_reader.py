"""Reads extracted articles from JSON lines, plain or compressed (gzip, zstd).

A line is an object with `url`, `title` and `text`, and any other field of `Article`. The reader
also accepts the field names of news-please (`maintext`, `date_publish` ...), of Media Cloud
(`publish_date`, `media_name`, `stories_id`) and of exports of nkwire. It ignores unknown fields.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import orjson
import tldextract

from storage.batches import ProgressCallback
from storage.errors import InvalidRequest
from storage.guard.addresses import NOT_WEB, web_address
from storage.importers.character_references import replace_references
from storage.importers.decompression import decompression_errors, open_decompressed
from storage.importers.field_names import LIST_FIELDS, OWN_NAMES
from storage.importers.foreign_rows import to_own_fields
from storage.importers.headline_dates import split_headline_date
from storage.importers.stated_dates import NOT_UNDERSTOOD, parse_time, states_no_time
from storage.records import Article, Dateline, PageClass, TimePrecision

MAX_ROW_BYTES = 16 * 2**20
"""Of a line, an element of a list or a row: parsed it takes up to twenty times as much."""

_MAX_UNREAD_CHARS = 100
_MIN_LANGUAGE_CHARS, _MAX_LANGUAGE_CHARS = 40, 400  # that language detection uses
_MAX_WHOLE = 2**53
_LENIENT_WORDS = ("\\u", "NaN", "Infinity")

_TEXT_ALIASES = {
    "url": OWN_NAMES["url"],
    "canonical_url": ("canonical_url",),
    "key": ("key",),
    "title": OWN_NAMES["title"],
    "text": OWN_NAMES["text"],
    "lead": OWN_NAMES["lead_text"],
    "section": OWN_NAMES["section"],
    "language": OWN_NAMES["language"],
    "outlet": OWN_NAMES["outlet"],
    "published_source": ("published_source",),
    "published_raw": ("published_raw",),
    "rights": ("rights",),
    "rules_version": ("rules_version",),
    "external_id": OWN_NAMES["external_id"],
}
_SHORT_FIELDS = ("title", "lead", "section")
PUBLISHED_AT_NAMES = OWN_NAMES["published_at"]
_TIME_ALIASES = {
    "published_at": PUBLISHED_AT_NAMES,
    "modified_at": OWN_NAMES["modified_at"],
    "first_seen_at": OWN_NAMES["first_seen_at"],
    "last_poll_without_at": ("last_poll_without_at",),
}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not an article, and the reason. Lines are counted from 1."""

    number: int
    reason: str


class BadRow(InvalidRequest):
    """Raised for a row that is not an article; the message is the reason."""


def too_large(max_size: int) -> str:
    """Returns the reason against a row of more than `max_size` bytes or characters."""
    return f"a row of over {max_size >> 20} MB"


def read_jsonl(
    path: Path,
    *,
    outlet_from_url: Callable[[str], str] | None = None,
    progress: ProgressCallback | None = None,
) -> Iterator[Article | BadLine]:
    """Yields the articles of a file in order, and a `BadLine` in the place of each bad line.

    Uses constant memory. `outlet_from_url`: returns the outlet for a URL, called if the line names
    none; the default is `registered_domain`. `progress`: called from time to time with the bytes
    read and the size of the file. A missing language is detected from the text. Raises OSError if
    the file cannot be read.
    """
    for number, line in read_lines(path, progress):
        yield line if isinstance(line, BadLine) else parse_line(number, line, outlet_from_url)


def parse_line(
    number: int,
    line: bytes,
    outlet_from_url: Callable[[str], str] | None = None,
    *,
    detects_language: bool = True,
) -> Article | BadLine:
    """Parses a line of `read_lines`, as `read_jsonl` does.

    `detects_language`: False leaves a missing language empty, which saves a fifth of the time.
    """
    try:
        row = to_own_fields(parse_object(line))
        return parse_article(
            row, outlet_from_url or registered_domain, detects_language=detects_language
        )
    except BadRow as error:
        return BadLine(number, str(error))


def read_jsonl_rows(
    path: Path, progress: ProgressCallback | None = None
) -> Iterator[tuple[int, Mapping[str, Any] | BadLine]]:
    """Yields the objects of a file of JSON lines with their line numbers.

    Errors and `progress` as in `read_jsonl`.
    """
    for number, line in read_lines(path, progress):
        if isinstance(line, BadLine):
            yield number, line
            continue
        try:
            yield number, parse_object(line)
        except BadRow as error:
            yield number, BadLine(number, str(error))


def registered_domain(url: str) -> str:
    """Returns the registered domain: `bbc.co.uk` for a page of `news.bbc.co.uk`.

    Uses the Public Suffix List. Returns the host if it has no registered domain, "" if the URL is
    malformed.
    """
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return _suffix_extractor()(host).top_domain_under_public_suffix or host


def read_lines(
    path: Path, progress: ProgressCallback | None = None
) -> Iterator[tuple[int, bytes | BadLine]]:
    """Yields the lines of a file that are not blank, with their numbers, from 1.

    Errors and `progress` as in `read_jsonl`.
    """
    number = 0
    total = path.stat().st_size
    with path.open("rb") as raw, open_decompressed(raw) as file:
        while True:
            number += 1
            try:
                line = file.readline(MAX_ROW_BYTES)
                if len(line) == MAX_ROW_BYTES and not line.endswith(b"\n"):
                    _skip_line(file)
                    yield number, BadLine(number, too_large(MAX_ROW_BYTES))
                    continue
            except decompression_errors() as error:
                yield number, BadLine(number, f"the file is damaged from here on: {error}")
                return
            if not line:
                return
            if progress and number % 500 == 1:
                progress(raw.tell(), total)
            if line.strip():
                yield number, line


def _skip_line(file: IO[bytes]) -> None:
    while line := file.readline(MAX_ROW_BYTES):
        if line.endswith(b"\n"):
            return


def parse_object(line: bytes) -> Mapping[str, Any]:
    """Returns an object in JSON. Raises BadRow if it is none."""
    line = line.removeprefix(b"\xef\xbb\xbf")
    try:
        parsed = orjson.loads(line)
    except ValueError as error:
        parsed = _parse_leniently(line, error)
    if not isinstance(parsed, dict):
        raise BadRow(f"not an object but {type(parsed).__name__}")
    return parsed


def _parse_leniently(line: bytes, error: ValueError) -> Any:
    """Parses a line that orjson rejected.

    JSON allows lone surrogates (RFC 8259, 8.2), and Python and pandas write NaN, which is null.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError as undecodable:
        place = f"byte {line[undecodable.start]:#x} at {undecodable.start:,}"
        raise BadRow(f"not UTF-8: {place}") from None
    if not any(word in text for word in _LENIENT_WORDS):
        raise BadRow(f"not JSON: {error}") from None
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise BadRow(f"not JSON: {error}") from None


def parse_article(
    row: Mapping[str, Any],
    outlet_from_url: Callable[[str], str],
    *,
    detects_language: bool = True,
) -> Article:
    """Converts a row with the known field names to an article.

    `outlet_from_url`: as in `read_jsonl`. `detects_language`: as in `parse_line`. Raises BadRow if
    the row has no http(s) address, neither title nor text, no outlet, or a text field of another
    type.
    """
    texts = {name: _find_text(row, aliases) for name, aliases in _TEXT_ALIASES.items()}
    is_own_export = bool(row.get("content_sha256"))
    if is_own_export or isinstance(row.get("external_id"), str):
        # The `id` of an export of nkwire is of another database and has no meaning here.
        texts["external_id"] = _find_text(row, ("external_id",))
    if not texts["url"]:
        raise BadRow("no url")
    if not web_address(texts["url"]):
        raise BadRow(f"{NOT_WEB}: {texts['url'][:80]!r}")
    if not texts["title"] and not texts["text"]:
        raise BadRow("neither title nor text")
    texts["outlet"] = texts["outlet"] or outlet_from_url(texts["url"])
    if not texts["outlet"]:
        raise BadRow(f"no outlet, and the url does not name one {texts['url'][:80]!r}")
    headline_date = None
    if not is_own_export:  # its headlines are clean
        texts |= {name: replace_references(texts[name]) for name in _SHORT_FIELDS}
        texts["title"], headline_date, printed_date = split_headline_date(texts["title"])
    if headline_date and all(states_no_time(row.get(alias)) for alias in PUBLISHED_AT_NAMES):
        row = {**row, "published_at": headline_date}
        texts["published_source"], texts["published_raw"] = "import headline", printed_date
    texts["language"] = _shorten_language(texts["language"])
    if not texts["language"] and detects_language:
        texts["language"] = detect_language(texts["title"], texts["text"])
    return Article(
        **texts
        | _parse_times(row, texts)
        | {name: _parse_texts(row, name, is_own_export) for name in LIST_FIELDS},
        page_class=PageClass.STUB if row.get("page_class") == "stub" else PageClass.ARTICLE,
        dateline=_parse_dateline(row.get("dateline")),
    )


def _parse_times(row: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Parses the times. The words of one that nobody can read are kept as evidence.

    Those of a publication time are also `published_raw`.
    """
    times = {name: _find_time(row, aliases) for name, aliases in _TIME_ALIASES.items()}
    at, precision, raw = times["published_at"]
    stated_precision = row.get("published_precision")
    if at and "published_precision" in row:
        precision = (
            TimePrecision(stated_precision) if stated_precision in list(TimePrecision) else None
        )
    unread = {
        name: f"{NOT_UNDERSTOOD}{words[:_MAX_UNREAD_CHARS]}"
        for name, (time, _, words) in times.items()
        if words and time is None
    }
    return {
        **{name: time for name, (time, _, _) in times.items()},
        "evidence": _parse_evidence(row.get("evidence")) | unread,
        "published_precision": precision,
        "published_source": texts["published_source"] or _default_published_source(row, at),
        "published_raw": texts["published_raw"] or ("" if at else raw),
    }


def _default_published_source(row: Mapping[str, Any], at: datetime | None) -> str:
    return "import" if at and "published_source" not in row else ""


def _find_time(
    row: Mapping[str, Any], aliases: tuple[str, ...]
) -> tuple[datetime | None, TimePrecision | None, str]:
    value = next((row[alias] for alias in aliases if not states_no_time(row.get(alias))), "")
    return *parse_time(value), str(value)


def _find_text(row: Mapping[str, Any], aliases: tuple[str, ...]) -> str:
    for alias in aliases:
        value = row.get(alias)
        # In exports of nkwire, `lead` is a flag: whether the article is the lead document.
        if value is None or value == "" or isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            # pandas makes floats of whole numbers in a column with gaps.
            is_whole = isinstance(value, float) and abs(value) < _MAX_WHOLE and value.is_integer()
            return str(int(value) if is_whole else value)
        if not isinstance(value, str):
            raise BadRow(f"{alias} is not text but {type(value).__name__}")
        return value
    return ""


def _parse_texts(row: Mapping[str, Any], name: str, is_own_export: bool) -> tuple[str, ...]:
    value = row.get(name)
    values = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    texts = tuple(str(each) for each in values if each)
    return texts if is_own_export else tuple(map(replace_references, texts))


def _parse_dateline(value: object) -> Dateline | None:
    if not isinstance(value, dict):
        return None
    parts = (str(value.get(name) or "") for name in ("place", "date", "agency"))
    return Dateline(*parts)


def _parse_evidence(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _shorten_language(stated: str) -> str:
    return stated.replace("_", "-").split("-")[0].strip().lower()


def detect_language(title: str, text: str) -> str:
    """Returns the language of an article, as ISO 639-1; "" if it is too short to tell."""
    text = f"{title}\n{text}"
    if len(text) < _MIN_LANGUAGE_CHARS:
        return ""
    import py3langid

    return str(py3langid.classify(text[:_MAX_LANGUAGE_CHARS])[0])


@cache
def _suffix_extractor() -> tldextract.TLDExtract:
    # Uses the list in the package. It must never be downloaded.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
