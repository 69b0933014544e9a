"""The corpus out: JSON lines or CSV, one row an article or one row a story, as a stream.

JSONL: UTF-8, one object a line; instants as ISO 8601 in UTC (`2026-07-19T01:30:00Z`); names that are
also in the import form mean the same there. CSV: UTF-8, a header, lists joined by "; ". A CSV cell of
text that begins with one of `= + - @`, their full-width forms, a tab or a carriage return (or with
apostrophes and then one of these) gets one apostrophe more in front, or a spreadsheet would run it as
a formula; taking one apostrophe away there gives the text back. Numbers are left as they are.
"""

import csv
import gzip
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal, Unpack

import orjson

from storage.errors import StorageError
from storage.reading import Reading
from storage.rows import ArticleRow, Filters, StoryRow

Format = Literal["jsonl", "csv"]
Text = Literal["full", "lead", "none"]
Progress = Callable[[int, int], None]

_LEVELS: tuple[Text, ...] = ("none", "lead", "full")
_LEAD_CHARACTERS = 500
_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")
_EVERY = 200

ARTICLE_COLUMNS = (
    *("id", "external_id", "outlet", "url", "canonical_url", "key", "title", "text", "lead_text"),
    *("language", "authors", "section", "tags", "dateline", "captions", "published_at"),
    *("published_precision", "published_source", "published_raw", "modified_at", "first_seen_at"),
    *("last_poll_without_at", "last_captured_at", "gone_at", "page_class", "rights"),
    *("rules_version", "story", "report", "relation", "lead"),
)
STORY_COLUMNS = (
    *("story", "lead", "outlet", "url", "title", "text", "lead_text", "language", "published_at"),
    *("first_seen_at", "size", "outlets", "members", "urls", "external_ids", "report"),
)


def export(
    database: Reading,
    out: Path | IO[bytes],
    *,
    format: Format = "jsonl",
    collapse: bool = False,
    text: Text = "full",
    progress: Progress | None = None,
    **filters: Unpack[Filters],
) -> int:
    """Write the articles that pass the filters, or with `collapse` their stories; returns the rows.

    A path that ends in `.gz` is gzipped, and appears only when it is whole. `text`: how much of the
    words to give away; never more than the outlet's rights allow. `progress` is called now and then
    with the rows written and their total (with `collapse` at most so many).
    """
    columns = STORY_COLUMNS if collapse else ARTICLE_COLUMNS
    rows = _stories(database, text, filters) if collapse else _articles(database, text, filters)
    counted = _counted(rows, progress, database.count(**filters) if progress else 0)
    with _opened(out) as file:
        write = _write_csv if format == "csv" else _write_jsonl
        return write(file, columns, counted)


def article_dict(row: ArticleRow, text: Text = "full") -> dict[str, Any]:
    """A row of the export of articles. `relation` and `report` are None where there is none."""
    words, lead = _words(row.text, row.lead, row.rights, text)
    dateline = row.dateline
    return {name: getattr(row, name, None) for name in ARTICLE_COLUMNS} | {
        "text": words,
        "lead_text": lead,
        "dateline": dateline
        and {"place": dateline.place, "date": dateline.date, "agency": dateline.agency},
        "story": row.story_id,
        "report": None,
        "relation": row.relation or None,
        "lead": row.is_lead,
    }


def story_dict(row: StoryRow, text: Text = "full") -> dict[str, Any]:
    """A row of the export of stories. `lead` is the lead document's id; the words are its."""
    words, lead = _words(row.text, row.lead_text, row.rights, text)
    return {
        "story": row.id,
        "lead": row.lead.id,
        "outlet": row.lead.outlet,
        "url": row.lead.url,
        "title": row.title,
        "text": words,
        "lead_text": lead,
        "language": row.lead.language,
        "published_at": row.published_at,
        "first_seen_at": row.first_seen_at,
        "size": len(row.members),
        "outlets": row.outlets,
        "members": [member.id for member in row.members],
        "urls": [member.url for member in row.members],
        "external_ids": [member.external_id for member in row.members],
        "report": None,
    }


def neutral(cell: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _articles(database: Reading, text: Text, filters: Filters) -> Iterator[dict[str, Any]]:
    return (article_dict(row, text) for row in database.articles(**filters))


def _stories(database: Reading, text: Text, filters: Filters) -> Iterator[dict[str, Any]]:
    return (story_dict(row, text) for row in database.stories(**filters))


def _words(text: str, lead: str, rights: str, wanted: Text) -> tuple[str, str]:
    """Text and lead paragraph, as far as both the wish and the rights go."""
    allowed = next((level for level in _LEVELS if rights.split()[:1] == [level]), "full")
    level = min(wanted, allowed, key=_LEVELS.index)
    if level == "full":
        return text, lead
    if level == "none":
        return "", ""
    return "", lead or text.split("\n", 1)[0][:_LEAD_CHARACTERS]


def _counted(
    rows: Iterable[dict[str, Any]], progress: Progress | None, total: int
) -> Iterator[dict[str, Any]]:
    done = 0
    for done, row in enumerate(rows, start=1):
        yield row
        if progress and done % _EVERY == 0:
            progress(done, total)
    if progress:
        progress(done, total)


def _write_jsonl(file: IO[bytes], columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> int:
    done = 0
    for row in rows:
        file.write(orjson.dumps(row, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE))
        done += 1
    return done


def _write_csv(file: IO[bytes], columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> int:
    done = 0
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
        done += 1
    text.detach()
    return done


def _cell(value: Any) -> str | int | float:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Mapping():
            return neutral(", ".join(str(part) for part in value.values() if part))
        case list() | tuple():
            return neutral("; ".join(str(each) for each in value))
        case _:
            return neutral(str(value))


@contextmanager
def _opened(out: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """A file to write to; a path gets its name when all is written."""
    if not isinstance(out, Path):
        yield out
        return
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as raw:
            with _packed(raw, out) as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(out)
    except OSError as error:
        raise StorageError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _packed(raw: IO[bytes], out: Path) -> Iterator[IO[bytes]]:
    if out.suffix != ".gz":
        yield raw
        return
    # No name and no time in it: the same corpus gives the same bytes.
    with gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0, compresslevel=6) as file:
        yield file  # type: ignore[misc]
