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
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode=OFF")
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute("PRAGMA cache_size=-200000")
    if searchable:
        enlarge_fts_cache(raw, "search_index")
    raw.execute("BEGIN")
    at = _format_time(START)
    raw.executemany(
        "INSERT INTO outlet (name, rank, added_at) VALUES (?, ?, ?)",
        [(name, 0 if name == OUTLETS[0] else 9, at) for name in OUTLETS],
    )
    rows = _rows(texts, articles, max_chars)
    while some := list(islice(rows, _BATCH_ROWS)):
        for table in ("story", "article", "version"):
            _insert(raw, table, [row[table] for row in some if row.get(table)])
        if searchable:
            _index(raw, some)
    raw.execute("COMMIT")
    raw.execute("ANALYZE")
    raw.execute("PRAGMA journal_mode=WAL")
    raw.close()


def enlarge_fts_cache(raw: sqlite3.Connection, index: str) -> None:
    """Lets an FTS5 index hold 64 MB of entries in memory instead of 1 MB while it is filled."""
    raw.execute(f"INSERT INTO {index}({index}, rank) VALUES ('hashsize', {2**26})")


def _texts(source: Path) -> list[tuple[str, list[str]]]:
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["title"], row["text"].split("\n")) for row in rows]


def _rows(
    texts: list[tuple[str, list[str]]], articles: int, longest: int | None
) -> Iterator[dict[str, dict[str, Any]]]:
    chance = random.Random(7)
    for n in range(1, articles + 1):
        title, _ = chance.choice(texts)
        one, other = chance.choice(texts)[1], chance.choice(texts)[1]
        text = "\n".join([*one[: len(one) // 2 + 1], *other[len(other) // 2 :]])
        # Every fifth article is the second member of the story before it.
        story = n - 1 if n % 5 == 0 else n
        yield _row(n, story, title, text[:longest])


def _row(n: int, story: int, title: str, text: str) -> dict[str, dict[str, Any]]:
    at = _format_time(START + timedelta(minutes=12 * n))
    outlet, url = OUTLETS[n % len(OUTLETS)], f"https://example.org/{n}"
    article = {
        "id": n,
        "outlet": outlet,
        "identity": compute_identity("", "", url),
        "url": url,
        "page_class": "article",
        "language": "ko",
        "published_at": at,
        "published_precision": "minute",
        "first_seen_at": at,
        "version_id": n,
        "story_id": story,
        **dict.fromkeys(("key", "canonical_url", "external_id"), ""),
    }
    version = {
        "id": n,
        "article_id": n,
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
    made: dict[str, dict[str, Any]] = {"article": article, "version": version}
    if story == n:
        made["story"] = {"id": n, "lead_id": n, "created_at": at}
    return made


def _index(raw: sqlite3.Connection, rows: list[dict[str, dict[str, Any]]]) -> None:
    entries = []
    for row in rows:
        article, version = row["article"], row["version"]
        at = datetime.fromisoformat(article["published_at"]).replace(tzinfo=UTC)
        words = fulltext.tokenise_article(version["title"], version["text"], "")
        entries.append(
            (article["id"], version["id"], fulltext.index_place(at, article["id"]), *words)
        )
    raw.executemany(
        "INSERT INTO search_index(rowid, title, text) VALUES (?, ?, ?)",
        [(place, " ".join(title), " ".join(text)) for _, _, place, title, text in entries],
    )
    raw.executemany(
        "INSERT INTO searched (article_id, version_id, place) VALUES (?, ?, ?)",
        [entry[:3] for entry in entries],
    )


def _insert(raw: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
        raw.executemany(statement, [[row[name] for name in names] for row in rows])


def _format_time(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")
