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
    raw = sqlite3.connect(database)
    chance = random.Random(11)
    top = raw.execute("SELECT max(id) FROM version").fetchone()[0]
    found = []
    for n in range(number):
        row = raw.execute("SELECT text FROM version WHERE id = ?", [chance.randint(1, top)])
        words = ["".join(filter(str.isalnum, w)) for w in row.fetchone()[0].split()]
        words = [word for word in words if len(word) > 1] or ["북한"]
        at = chance.randrange(len(words))
        pair = words[at : at + 2]
        found.append([words[at], " ".join(pair), f'"{" ".join(pair)}"'][n % 3])
    raw.close()
    return found


def open_plain_index(database: Path, beside: Path) -> sqlite3.Connection:
    """Opens the database with a plain FTS5 index of title and text in the file `beside`.

    Creates the index if it is missing.
    """
    raw = sqlite3.connect(database)
    raw.execute("ATTACH DATABASE ? AS beside", [str(beside)])
    raw.execute("PRAGMA beside.synchronous=OFF")
    held = raw.execute("SELECT count(*) FROM beside.sqlite_master").fetchone()[0]
    if not held:
        raw.execute("CREATE VIRTUAL TABLE beside.plain USING fts5(title, text, tokenize='trigram')")
        enlarge_fts_cache(raw, "plain")
        raw.execute(
            "INSERT INTO beside.plain(rowid, title, text) SELECT id, title, text FROM version"
        )
        raw.commit()
    return raw


def quoted(words: str) -> str:
    """Returns the query in FTS5's syntax."""
    return words if words.startswith('"') else " ".join(f'"{w}"' for w in words.split())


@dataclass(frozen=True, slots=True)
class QueryTimes:
    """Wall-clock and CPU milliseconds of each query, both sorted, and how many had a hit."""

    wall_ms: list[float]
    cpu_ms: list[float]
    answered: int


def time_queries(asked: list[str], ask: Callable[[str], int]) -> QueryTimes:
    """Runs the queries one after the other. Stops after two minutes."""
    clock: list[float] = []
    processor: list[float] = []
    answered = 0
    while len(clock) < len(asked) and sum(clock) < _MAX_SECONDS * 1000:
        begun, used = time.perf_counter(), time.process_time()
        answered += ask(asked[len(clock)]) > 0
        clock.append((time.perf_counter() - begun) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return QueryTimes(sorted(clock), sorted(processor), answered)


def count_hits(raw: sqlite3.Connection, sql: str, words: str) -> int:
    """Returns the number of hits, or 0 if the query takes longer than DEFAULT_TIMEOUT_SECONDS."""
    deadline = time.monotonic() + DEFAULT_TIMEOUT_SECONDS
    raw.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        return len(raw.execute(sql, [quoted(words)]).fetchall())
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return 0
        raise


def _percentiles(spent: list[float]) -> tuple[float, float]:
    return spent[len(spent) // 2], spent[len(spent) * 95 // 100]


def measure(path: Path, beside: Path, number: int) -> None:
    """Runs `number` queries in each way and prints a table."""
    asked = queries(path, number)
    database = open_database(f"sqlite:///{path}")
    # Created at its first query, after ours, because that takes as long as all the rest.
    plain = cache(lambda: open_plain_index(path, beside))

    def hand_written(sql: str) -> Callable[[str], int]:
        return lambda words: count_hits(plain(), sql, words)

    def ours(**how: Any) -> Callable[[str], int]:
        def ask(words: str) -> int:
            try:
                return len(database.search(words, limit=_LIMIT, **how))
            except SearchTimeout:
                return 0

        return ask

    at = datetime(2000, 1, 15, tzinfo=UTC)
    ways: dict[str, Callable[[str], int]] = {
        "nkwire search": ours(),
        "nkwire search --collapse": ours(collapse=True),
        "nkwire search --outlet": ours(outlet="outlet07"),
        "nkwire search --since --until": ours(since=at, until=at + timedelta(days=30)),
        "FTS5 trigram, ids alone, unsorted": hand_written(_FTS5_IDS_SQL),
        _SLOW: hand_written(_FTS5_SNIPPETS_SQL),
    }
    print(f"{database.articles.count():,} articles, {number} queries, {_LIMIT} hits at most\n")
    print("| what | p50 ms | p95 ms | most ms | p50 CPU | p95 CPU | answered |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for what, ask in ways.items():
        # The slow way gets fewer queries and no warm-up.
        some = asked[: number // 5] if what == _SLOW else asked
        time_queries(asked[:10] if what != _SLOW else [], ask)
        found = time_queries(some, ask)
        told = [*_percentiles(found.wall_ms), found.wall_ms[-1], *_percentiles(found.cpu_ms)]
        cells = " | ".join(f"{each:.1f}" for each in told)
        print(f"| {what} | {cells} | {found.answered} of {len(found.wall_ms)} |", flush=True)
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
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        name = f"{given.articles}-{given.longest}.db"
        path, beside = folder / f"search{name}", folder / f"plain{name}"
        if not path.exists():
            build(path, given.texts, given.articles, searchable=True, max_chars=given.longest)
        measure(path, beside, given.queries)


if __name__ == "__main__":
    main()
