"""Compares the duration of searches with plain SQLite FTS5 (trigram tokenizer) on the same texts.

    python -m benchmarks.search --articles 100000 --texts ../shared/load/articles.jsonl.gz

The queries are words from the texts, common and rare, and pairs and phrases of them. Plain FTS5
holds its own copy of the texts and runs in two ways. The first returns any 50 ids without sorting.
The second returns what nkwire returns: the latest 50 with title, outlet and snippet. A query may
take 30 s. A longer one counts as 30 s without a hit. A trigram index finds no word of two letters,
and most Korean words have two. So the table shows how many queries each way could answer.
"""

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.bulk_corpus import build, enlarge_fts_cache
from storage import open_database
from storage.search.search import DEFAULT_TIMEOUT_SECONDS, SearchTimeout

_LIMIT = 50
_MAX_SECONDS = 120.0
_FTS5_IDS_SQL = f"SELECT rowid FROM plain WHERE plain MATCH ? LIMIT {_LIMIT}"
_FTS5_SNIPPETS_SQL = f"""
SELECT article.outlet, article.url, article.published_at, found.title, found.passage FROM
 (SELECT rowid AS id, title, snippet(plain, 1, '[', ']', '...', 64) AS passage FROM plain
  WHERE plain MATCH ? ORDER BY
  (SELECT coalesce(published_at, first_seen_at) FROM article WHERE article.id = plain.rowid) DESC
  LIMIT {_LIMIT}) AS found JOIN article USING (id)
"""


_SLOW = "FTS5 trigram, by time, with snippets"


def queries(database: Path, number: int) -> list[str]:
    """Returns words, pairs of words and phrases from random articles."""
    connection = sqlite3.connect(database)
    rng = random.Random(11)
    last_id = connection.execute("SELECT max(id) FROM version").fetchone()[0]
    query_texts = []
    for n in range(number):
        row = connection.execute("SELECT text FROM version WHERE id = ?", [rng.randint(1, last_id)])
        words = ["".join(filter(str.isalnum, token)) for token in row.fetchone()[0].split()]
        words = [word for word in words if len(word) > 1] or ["북한"]
        start = rng.randrange(len(words))
        pair = words[start : start + 2]
        query_texts.append([words[start], " ".join(pair), f'"{" ".join(pair)}"'][n % 3])
    connection.close()
    return query_texts


def open_plain_index(database: Path, index_path: Path) -> sqlite3.Connection:
    """Opens the database with a plain FTS5 index of title and text in the file `index_path`.

    Creates the index if it is missing.
    """
    connection = sqlite3.connect(database)
    connection.execute("ATTACH DATABASE ? AS beside", [str(index_path)])
    connection.execute("PRAGMA beside.synchronous=OFF")
    table_count = connection.execute("SELECT count(*) FROM beside.sqlite_master").fetchone()[0]
    if not table_count:
        connection.execute(
            "CREATE VIRTUAL TABLE beside.plain USING fts5(title, text, tokenize='trigram')"
        )
        enlarge_fts_cache(connection, "plain")
        connection.execute(
            "INSERT INTO beside.plain(rowid, title, text) SELECT id, title, text FROM version"
        )
        connection.commit()
    return connection


def quoted(words: str) -> str:
    """Returns the query in FTS5's syntax."""
    return words if words.startswith('"') else " ".join(f'"{word}"' for word in words.split())


@dataclass(frozen=True, slots=True)
class QueryTimes:
    """Wall-clock and CPU milliseconds of each query, both sorted, and how many had a hit."""

    wall_ms: list[float]
    cpu_ms: list[float]
    answered: int


def time_queries(query_texts: list[str], search: Callable[[str], int]) -> QueryTimes:
    """Runs the queries one after the other. Stops after two minutes."""
    wall_ms: list[float] = []
    cpu_ms: list[float] = []
    answered = 0
    while len(wall_ms) < len(query_texts) and sum(wall_ms) < _MAX_SECONDS * 1000:
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        answered += search(query_texts[len(wall_ms)]) > 0
        wall_ms.append((time.perf_counter() - wall_start) * 1000)
        cpu_ms.append((time.process_time() - cpu_start) * 1000)
    return QueryTimes(sorted(wall_ms), sorted(cpu_ms), answered)


def count_hits(connection: sqlite3.Connection, sql: str, words: str) -> int:
    """Returns the number of hits, or 0 if the query takes longer than DEFAULT_TIMEOUT_SECONDS."""
    deadline = time.monotonic() + DEFAULT_TIMEOUT_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        return len(connection.execute(sql, [quoted(words)]).fetchall())
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return 0
        raise


def _percentiles(durations: list[float]) -> tuple[float, float]:
    return durations[len(durations) // 2], durations[len(durations) * 95 // 100]


def measure(path: Path, index_path: Path, number: int) -> None:
    """Runs `number` queries in each way and prints a table."""
    query_texts = queries(path, number)
    database = open_database(f"sqlite:///{path}")
    # Created at its first query, after ours, because that takes as long as all the rest.
    plain = cache(lambda: open_plain_index(path, index_path))

    def plain_search(sql: str) -> Callable[[str], int]:
        return lambda words: count_hits(plain(), sql, words)

    def own_search(**filters: Any) -> Callable[[str], int]:
        def search(words: str) -> int:
            try:
                return len(database.search(words, limit=_LIMIT, **filters))
            except SearchTimeout:
                return 0

        return search

    start = datetime(2000, 1, 15, tzinfo=UTC)
    methods: dict[str, Callable[[str], int]] = {
        "nkwire search": own_search(),
        "nkwire search --collapse": own_search(collapse=True),
        "nkwire search --outlet": own_search(outlet="outlet07"),
        "nkwire search --since --until": own_search(since=start, until=start + timedelta(days=30)),
        "FTS5 trigram, ids alone, unsorted": plain_search(_FTS5_IDS_SQL),
        _SLOW: plain_search(_FTS5_SNIPPETS_SQL),
    }
    print(f"{database.articles.count():,} articles, {number} queries, {_LIMIT} hits at most\n")
    print("| what | p50 ms | p95 ms | most ms | p50 CPU | p95 CPU | answered |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, search in methods.items():
        # The slow way gets fewer queries and no warm-up.
        method_queries = query_texts[: number // 5] if name == _SLOW else query_texts
        time_queries(query_texts[:10] if name != _SLOW else [], search)
        times = time_queries(method_queries, search)
        figures = [*_percentiles(times.wall_ms), times.wall_ms[-1], *_percentiles(times.cpu_ms)]
        cells = " | ".join(f"{each:.1f}" for each in figures)
        print(f"| {name} | {cells} | {times.answered} of {len(times.wall_ms)} |", flush=True)
    database.close()
    plain().close()


def main() -> None:
    """Builds the corpus if it is missing, measures and prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--folder", type=Path, help="keep the corpus here [a temporary folder]")
    parser.add_argument("--longest", type=int, help="cut texts off at so many characters")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        name = f"{arguments.articles}-{arguments.longest}.db"
        path, index_path = folder / f"search{name}", folder / f"plain{name}"
        if not path.exists():
            build(
                path,
                arguments.texts,
                arguments.articles,
                searchable=True,
                max_chars=arguments.longest,
            )
        measure(path, index_path, arguments.queries)


if __name__ == "__main__":
    main()
