"""Builds a large corpus for benchmarks from recombined real articles, without deduplication.

Each article has the title of one text and paragraphs of two others, so that no two are the same.
Every fifth article is the second member of the story before it. Rows go straight into the tables.
`benchmarks.placement` measures the cost of deduplication.
"""

import gzip
import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from storage import open_database
from storage.identity import compute_identity
from storage.search import fulltext

START = datetime(2000, 1, 1, tzinfo=UTC)
OUTLETS = tuple(f"outlet{n:02}" for n in range(60))
_BATCH_ROWS = 2_000


def build(
    path: Path,
    source: Path,
    articles: int,
    *,
    searchable: bool = False,
    max_chars: int | None = None,
) -> None:
    """Writes a new database with this number of articles.

    `searchable` adds the full-text index. `max_chars` limits the length of a text.
    """
    texts = _texts(source)
    open_database(f"sqlite:///{path}", seed=1).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    if searchable:
        enlarge_fts_cache(connection, "search_index")
    connection.execute("BEGIN")
    added_at = _format_time(START)
    connection.executemany(
        "INSERT INTO outlet (name, rank, added_at) VALUES (?, ?, ?)",
        [(name, 0 if name == OUTLETS[0] else 9, added_at) for name in OUTLETS],
    )
    rows = _rows(texts, articles, max_chars)
    while batch := list(islice(rows, _BATCH_ROWS)):
        for table in ("story", "article", "version"):
            _insert(connection, table, [row[table] for row in batch if row.get(table)])
        if searchable:
            _index(connection, batch)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def enlarge_fts_cache(connection: sqlite3.Connection, index: str) -> None:
    """Lets an FTS5 index hold 64 MB of entries in memory instead of 1 MB while it is filled."""
    connection.execute(f"INSERT INTO {index}({index}, rank) VALUES ('hashsize', {2**26})")


def _texts(source: Path) -> list[tuple[str, list[str]]]:
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["title"], row["text"].split("\n")) for row in rows]


def _rows(
    texts: list[tuple[str, list[str]]], articles: int, max_chars: int | None
) -> Iterator[dict[str, dict[str, Any]]]:
    rng = random.Random(7)
    for number in range(1, articles + 1):
        title, _ = rng.choice(texts)
        first, second = rng.choice(texts)[1], rng.choice(texts)[1]
        text = "\n".join([*first[: len(first) // 2 + 1], *second[len(second) // 2 :]])
        # Every fifth article is the second member of the story before it.
        story = number - 1 if number % 5 == 0 else number
        yield _row(number, story, title, text[:max_chars])


def _row(number: int, story: int, title: str, text: str) -> dict[str, dict[str, Any]]:
    at = _format_time(START + timedelta(minutes=12 * number))
    outlet, url = OUTLETS[number % len(OUTLETS)], f"https://example.org/{number}"
    article = {
        "id": number,
        "outlet": outlet,
        "identity": compute_identity("", "", url),
        "url": url,
        "page_class": "article",
        "language": "ko",
        "published_at": at,
        "published_precision": "minute",
        "first_seen_at": at,
        "version_id": number,
        "story_id": story,
        **dict.fromkeys(("key", "canonical_url", "external_id"), ""),
    }
    version = {
        "id": number,
        "article_id": number,
        "content_sha256": hashlib.sha256(f"{title}\0{text}".encode()).hexdigest(),
        "page_class": "article",
        "stored_at": at,
        "title": title,
        "text": text,
        "language": "ko",
        "published_at": at,
        **dict.fromkeys(("rules_version", "lead", "section", "published_source"), ""),
        **dict.fromkeys(("published_raw", "rights"), ""),
    }
    tables: dict[str, dict[str, Any]] = {"article": article, "version": version}
    if story == number:
        tables["story"] = {"id": number, "lead_id": number, "created_at": at}
    return tables


def _index(connection: sqlite3.Connection, rows: list[dict[str, dict[str, Any]]]) -> None:
    entries = []
    for row in rows:
        article, version = row["article"], row["version"]
        at = datetime.fromisoformat(article["published_at"]).replace(tzinfo=UTC)
        tokens = fulltext.tokenise_article(version["title"], version["text"], "")
        entries.append(
            (article["id"], version["id"], fulltext.index_place(at, article["id"]), *tokens)
        )
    connection.executemany(
        "INSERT INTO search_index(rowid, title, text) VALUES (?, ?, ?)",
        [(place, " ".join(title), " ".join(text)) for _, _, place, title, text in entries],
    )
    connection.executemany(
        "INSERT INTO searched (article_id, version_id, place) VALUES (?, ?, ?)",
        [entry[:3] for entry in entries],
    )


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
        connection.executemany(statement, [[row[name] for name in names] for row in rows])


def _format_time(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")
