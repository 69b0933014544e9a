"""How long searches take, beside plain FTS5 (its own trigram tokenizer) over the same texts.

    python -m benchmarks.search --articles 100000 --texts ../shared/load/articles.jsonl.gz

Queries: words drawn from the texts, common and rare alike, and pairs and phrases of them. Plain FTS5
holds its own copy of the texts and sorts nothing; ours joins, sorts by time and cuts snippets. A
trigram index finds no word of two letters, which most Korean words are: how many queries it could
answer at all is told.
"""

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from benchmarks.bulk_corpus import build
from storage import open_database

_LIMIT = 50


def queries(database: Path, number: int) -> list[str]:
    """Words, pairs of words and phrases from random articles."""
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


def plain_index(database: Path) -> sqlite3.Connection:
    """What one gets without any of this: FTS5 over title and text."""
    raw = sqlite3.connect(database)
    raw.execute("ATTACH DATABASE ':memory:' AS beside")
    raw.execute("CREATE VIRTUAL TABLE beside.plain USING fts5(title, text, tokenize='trigram')")
    raw.execute("INSERT INTO beside.plain(rowid, title, text) SELECT id, title, text FROM version")
    return raw


def timed(asked: list[str], ask: Callable[[str], int]) -> tuple[list[float], int]:
    """Milliseconds of each query, in order, and how many found anything."""
    spent, answered = [], 0
    for words in asked:
        begun = time.perf_counter()
        answered += ask(words) > 0
        spent.append((time.perf_counter() - begun) * 1000)
    return sorted(spent), answered


def main() -> None:
    """Build the corpus, ask, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--texts", type=Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "corpus.db"
        build(path, given.texts, given.articles, searchable=True)
        asked = queries(path, given.queries)
        database = open_database(f"sqlite:///{path}")
        plain = plain_index(path)

        def with_trigrams(words: str) -> int:
            quoted = words if words.startswith('"') else " ".join(f'"{w}"' for w in words.split())
            rows = plain.execute(
                f"SELECT rowid FROM plain WHERE plain MATCH ? LIMIT {_LIMIT}", [quoted]
            )
            return len(rows.fetchall())

        rows = [
            ("nkwire search", *timed(asked, lambda words: len(database.search(words)))),
            ("plain FTS5, trigram", *timed(asked, with_trigrams)),
        ]
        database.close()
        plain.close()
    print(f"{given.articles:,} articles, {given.queries} queries, {_LIMIT} hits at most\n")
    print("| what | p50 ms | p95 ms | answered |\n|---|---:|---:|---:|")
    for what, spent, answered in rows:
        cut = quantiles(spent, n=20)
        print(f"| {what} | {cut[9]:.1f} | {cut[18]:.1f} | {answered} of {len(asked)} |")


if __name__ == "__main__":
    main()
