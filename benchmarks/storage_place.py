"""What it costs to place one article, by how many are in the database already.

    python benchmarks/storage_place.py ARTICLES.jsonl.gz [--sizes 10000 100000] [--keep FOLDER]

The corpus is invented from the words of real articles (JSON lines with `title`, `text`, `language`):
each text is made of runs of 4 to 12 words taken from anywhere in the articles of one language, with
one word in eight replaced; every tenth is an edited copy of an earlier one. So lengths and vocabulary
are real; phrases return less often than in life (0.14 candidates an article at 16,000, of the real
articles 1.9), so this is what the tables cost, and not what comparing more candidates does.
The corpus is written straight into the tables (all but the full-text index, which placing does not
read), each size into a database of its own; then the same articles, not among it, are saved through
`Database.save` with all that it does, one a transaction and fifty a transaction.
CPU is this process's; wall-clock figures depend on who else uses the machine.
"""

import argparse
import gzip
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, Text, insert

from dedup.features import features
from dedup.records import Document, Features
from storage import Database, open_database
from storage.batches import batched
from storage.identity import identity
from storage.index import pack
from storage.models import article, band, fingerprint, signature, story, version
from storage.records import Article

Postings = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OUTLETS = tuple(f"outlet{number}" for number in range(40))
COPIES = 10  # every tenth text
ROUND = 100  # articles
_AT_ONCE = 2000
_POSTINGS = 200_000


@dataclass(frozen=True)
class Source:
    """The words of the real articles of one language, and how long they are."""

    words: tuple[str, ...]
    lengths: tuple[int, ...]


def read_sources(path: Path) -> list[Source]:
    """The languages with enough words that are set apart by spaces."""
    words: dict[str, list[str]] = {}
    lengths: dict[str, list[int]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            taken = [sys.intern(word) for word in row["text"].split()]
            words.setdefault(row.get("language") or "", []).extend(taken)
            lengths.setdefault(row.get("language") or "", []).append(len(taken))
    return [Source(tuple(words[k]), tuple(lengths[k])) for k in words if len(words[k]) > 100_000]


def write_texts(sources: Sequence[Source], count: int, seed: int) -> Iterator[str]:
    """Invented texts; the same for the same seed."""
    chosen = random.Random(seed)
    recent: list[str] = []
    for number in range(count):
        if number % COPIES == COPIES - 1:
            yield _edited(chosen.choice(recent), chosen)
            continue
        text = _recombined(chosen.choice(sources), chosen)
        recent = [*recent[-200:], text]
        yield text


def _recombined(source: Source, chosen: random.Random) -> str:
    taken: list[str] = []
    length = max(60, min(chosen.choice(source.lengths), 1500))
    while len(taken) < length:
        start = chosen.randrange(len(source.words) - 12)
        taken += source.words[start : start + chosen.randint(4, 12)]
    return " ".join(w if chosen.random() > 1 / 8 else chosen.choice(source.words) for w in taken)


def _edited(text: str, chosen: random.Random) -> str:
    words = text.split()
    kept = words[: int(len(words) * chosen.uniform(0.7, 1))]
    return " ".join(w if chosen.random() > 0.02 else "edited" for w in kept)


class Filler:
    """Writes a corpus straight into the tables, every article a story by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: list[Postings] = []
        self._keys: dict[str, list[Postings]] = {band.name: [], fingerprint.name: []}

    def fill(self, texts: Iterator[str]) -> None:
        """Write all articles; the inverted indexes last and in order, which is quickest."""
        self._database.declare(dict.fromkeys(OUTLETS, 9))
        for some in batched(enumerate(texts, 1), _AT_ONCE):
            self._add(some)
        for table in (band, fingerprint):
            self._post(table)

    def _add(self, some: Sequence[tuple[int, str]]) -> None:
        scheme = self._database.scheme
        rows: dict[Table, list[dict[str, Any]]] = {
            t: [] for t in (story, article, version, signature)
        }
        for number, text in some:
            found = features(Document(number, "", "", text), scheme)
            for name, keys in (("band", found.bands), ("fingerprint", found.fingerprints)):
                self._keys[name].append(np.stack([keys, np.full_like(keys, number)], axis=1))
            for table, row in _rows(number, text, found).items():
                rows[table].append(row)

        def work(connection: Connection) -> None:
            for table, values in rows.items():
                connection.execute(insert(table), values)

        self._database.write(work)

    def _post(self, table: Table) -> None:
        postings = np.concatenate(self._keys.pop(table.name))
        postings = postings[np.lexsort((postings[:, 1], postings[:, 0]))]
        postings = np.unique(postings, axis=0)
        for start in range(0, len(postings), _POSTINGS):
            part = postings[start : start + _POSTINGS].tolist()
            values = [{"hash": key, "article_id": number} for key, number in part]
            self._database.write(partial(_insert, table, values))


def _insert(table: Table, values: list[dict[str, Any]], connection: Connection) -> None:
    connection.execute(insert(table), values)


def _rows(number: int, text: str, found: Features) -> dict[Table, dict[str, Any]]:
    url = f"https://outlet.test/{number}"
    known: dict[Table, dict[str, Any]] = {
        story: {"id": number, "lead_id": number, "created_at": NOW},
        article: {
            "id": number,
            "outlet": OUTLETS[number % len(OUTLETS)],
            "identity": identity("", "", url),
            "url": url,
            "page_class": "article",
            "first_seen_at": NOW,
            "version_id": number,
            "story_id": number,
            "state": "live",
        },
        version: {
            "id": number,
            "article_id": number,
            "page_class": "article",
            "stored_at": NOW,
            "title": f"Headline {number}",
            "text": text,
        },
        signature: {
            "article_id": number,
            "scheme": found.scheme,
            "text_hash": found.text_hash,
            "shingles": found.shingles,
            "signature": found.signature.astype("<u4").tobytes(),
            "bands": pack(found.bands),
            "fingerprints": pack(found.fingerprints),
        },
    }
    return {table: _blanks(table) | row for table, row in known.items()}


def _blanks(table: Table) -> dict[str, Any]:
    return {c.name: "" for c in table.c if isinstance(c.type, Text) and not c.nullable}


class Bench:
    """A filled database and what saving new articles into it costs, in CPU milliseconds each."""

    def __init__(self, folder: Path, size: int) -> None:
        self.size = size
        self.path = folder / f"{size}.db"
        self.alone: list[float] = []
        self.batched: list[float] = []
        self._database: Database | None = None

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def fill(self, sources: Sequence[Source]) -> None:
        """Make the database, unless an earlier call did."""
        done = self.path.with_suffix(".done")
        if done.exists():
            return
        with open_database(self.url, seed=1) as database:
            Filler(database).fill(write_texts(sources, self.size, seed=1))
        done.touch()

    def open(self, first: Article) -> float:
        """Open it and place one article; returns the CPU milliseconds of both."""
        began = time.process_time()
        self._database = open_database(self.url)
        self._database.save([first])
        return (time.process_time() - began) * 1000

    def round(self, articles: Sequence[Article]) -> None:
        """Save some articles one by one and as many in one batch."""
        half = len(articles) // 2
        self.alone.append(self._cost([[each] for each in articles[:half]]))
        self.batched.append(self._cost([articles[half:]]))

    def _cost(self, batches: Sequence[Sequence[Article]]) -> float:
        if self._database is None:
            raise RuntimeError("not open")
        began = time.process_time()
        saved = sum(len(self._database.save(batch)) for batch in batches)
        return (time.process_time() - began) / saved * 1000


def new_articles(sources: Sequence[Source], count: int) -> list[Article]:
    """Articles that are not among what the databases were filled with."""
    return [
        Article(outlet=OUTLETS[n % 40], url=f"https://new.test/{n}", title=f"New {n}", text=text)
        for n, text in enumerate(write_texts(sources, count, seed=time.time_ns()))
    ]


def measure(benches: Sequence[Bench], sources: Sequence[Source], rounds: int) -> None:
    """Take turns, so that whatever else the machine does slows all sizes alike."""
    articles = new_articles(sources, 1 + rounds * ROUND)
    print("| articles | CPU ms, alone | in batches of 50 | ratio | first after opening | MB |")
    print("|---|---|---|---|---|---|")
    first = {bench.size: bench.open(articles[0]) for bench in benches}
    for start in range(1, len(articles), ROUND):
        for bench in benches:
            bench.round(articles[start : start + ROUND])
    base = median(benches[0].batched)
    for bench in benches:
        alone, together = median(bench.alone), median(bench.batched)
        print(
            f"| {bench.size:,} | {alone:.2f} | {together:.2f} | {together / base:.2f} |"
            f" {first[bench.size]:.0f} ms | {bench.path.stat().st_size / 2**20:,.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="folder that keeps the filled databases")
    options = parser.parse_args()
    sources = read_sources(options.articles)
    with tempfile.TemporaryDirectory() as folder:
        benches = [Bench(options.keep or Path(folder), size) for size in options.sizes]
        for bench in benches:
            bench.fill(sources)
        measure(benches, sources, options.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory, with the words of all texts: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
