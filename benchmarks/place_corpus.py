"""Databases of many articles for benchmarks of placing, written past deduplication in minutes.

The texts are invented from the words of real articles (JSON lines with `title`, `text`, `language`):
each is made of runs of 2 to 4 words taken from anywhere in the articles of one script; every fourth is
an edited copy of one of the latest. So lengths and vocabulary are real, as is the number of candidates
(one or two an article), which is the same at every size: only the tables grow. The words are hashed once, in the
source; the features of a text are made of the hashes of its words. All rows are written but those of
the full-text index, which placing does not read. The inverted indexes are written last and in order,
which is quickest.
"""

import gzip
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Table, Text

from dedup.records import Features
from dedup.signature.features import compute_unit_features
from dedup.signature.scheme import Scheme
from dedup.text.alphabet import codes_of, count_letters_by_alphabet
from dedup.text.boilerplate import mask
from dedup.text.normalise import NormalisedText, Script, detect_script, fold_words
from dedup.text.shingles import unit_hashes
from storage import open_database
from storage.batches import batched
from storage.index.fresh import pack, unpack
from storage.index.settling import KEEP
from storage.tables.articles import article, band, fingerprint, signature, story, version

NOW = "2026-01-01 00:00:00.000000"
SCHEME = Scheme(seed=1)
OUTLETS = tuple(f"outlet{number}" for number in range(40))
COPIES = 4  # every fourth text
_LATEST = 200
_AT_ONCE = 2000
_POSTINGS = 1_000_000


@dataclass(frozen=True)
class Source:
    """The real articles of one script: their text without boilerplate in one string; where in it, and
    where in `units`, each word begins; the hash of each unit; the lengths of the articles in words.
    """

    script: Script
    text: str
    begins: NDArray[np.int64]
    starts: NDArray[np.int64]
    units: NDArray[np.uint64]
    lengths: NDArray[np.int64]


@dataclass(frozen=True)
class Made:
    """An invented text and the hashes of its units."""

    script: Script
    text: str
    units: NDArray[np.uint64]


def read_sources(path: Path, key: int) -> list[Source]:
    """Articles in words and articles in syllables, hashed with this key."""
    texts: dict[Script, list[tuple[str, NormalisedText]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = mask(json.loads(line)["text"]).replace("\n", " ") + " "
            normal = fold_words(
                text, detect_script(count_letters_by_alphabet(codes_of(text[:2000])))
            )
            texts.setdefault(normal.script, []).append((text, normal))
    return [_source(script, texts[script], key) for script in sorted(texts)]


def _source(script: Script, texts: Sequence[tuple[str, NormalisedText]], key: int) -> Source:
    at = np.cumsum([0, *(len(text) for text, _ in texts)])
    units = [unit_hashes(normal, key) for _, normal in texts]
    first = np.cumsum([0, *map(len, units)])
    begins = [n.offsets[n.word_starts] + at[i] for i, (_, n) in enumerate(texts)]
    # Of words each is one unit; of syllables a word is several.
    starts = [
        (n.word_starts if script is Script.SYLLABLES else np.arange(len(n.word_starts))) + first[i]
        for i, (_, n) in enumerate(texts)
    ]
    return Source(
        script,
        "".join(text for text, _ in texts),
        np.append(np.concatenate(begins), at[-1]),
        np.append(np.concatenate(starts), first[-1]),
        np.concatenate(units),
        np.array([len(n.word_starts) for _, n in texts]),
    )


def write_texts(sources: Sequence[Source], count: int, seed: int) -> Iterator[Made]:
    """Invented texts; the same for the same seed."""
    chance = np.random.default_rng(seed)
    shares = np.array([len(source.lengths) for source in sources])
    of = chance.choice(len(sources), count, p=shares / shares.sum())
    latest: list[tuple[Source, NDArray[np.int64], NDArray[np.int64]]] = []
    for number in range(count):
        if number % COPIES == COPIES - 1:
            yield _made(*_edited(*latest[chance.integers(len(latest))], chance))
            continue
        source = sources[of[number]]
        runs = _runs(source, chance)
        latest = [*latest[1 - _LATEST :], (source, *runs)]
        yield _made(source, *runs)


def _runs(
    source: Source, chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where runs of words begin and end."""
    length = int(source.lengths[chance.integers(len(source.lengths))].clip(60, 1500))
    begins = chance.integers(0, len(source.begins) - 5, length // 3 + 1)
    return begins, begins + chance.integers(2, 5, len(begins))


def _edited(
    source: Source,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    chance: np.random.Generator,
) -> tuple[Source, NDArray[np.int64], NDArray[np.int64]]:
    """Up to three tenths cut off at the end, and every eighth run a word shorter."""
    kept = int(len(begins) * chance.uniform(0.7, 1)) + 1
    return source, begins[:kept], ends[:kept] - (chance.random(len(ends[:kept])) < 1 / 8)


def _made(source: Source, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Made:
    pieces = zip(source.begins[begins].tolist(), source.begins[ends].tolist(), strict=True)
    text = "".join([source.text[start:end] for start, end in pieces])
    first = source.starts[begins]
    sizes = source.starts[ends] - first
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return Made(source.script, text, source.units[np.repeat(first, sizes) + within])


class Filler:
    """Fills a new SQLite database; every article is a story by itself."""

    def __init__(self, path: Path) -> None:
        with open_database(f"sqlite:///{path}", seed=SCHEME.seed) as database:
            database.outlets.declare_ranks(dict.fromkeys(OUTLETS, 9))
        self._raw = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
            self._raw.execute(f"PRAGMA {setting}")
        self._held = 0

    def add(self, texts: Iterable[Made]) -> None:
        """Add articles, but not to the inverted indexes."""
        for some in batched(texts, _AT_ONCE):
            rows: dict[Table, list[dict[str, Any]]] = {}
            for number, made in enumerate(some, self._held + 1):
                found = compute_unit_features(made.units, made.script, SCHEME)
                for table, row in _rows(number, made.text, found):
                    rows.setdefault(table, []).append(row)
            self._raw.execute("BEGIN")
            for table, values in rows.items():
                self._raw.executemany(*_statement(table, values))
            self._raw.execute("COMMIT")
            self._held += len(some)

    def finish(self) -> None:
        """Write the inverted indexes, and leave the database as the program does: with the keys of
        the latest articles waiting, and a round about to begin.
        """
        settled = max(0, self._held - KEEP)
        for table in (band, fingerprint):
            self._post(table.name, settled)
        late = [(number,) for number in range(settled + 1, self._held + 1)]
        self._raw.executemany("INSERT INTO unposted (article_id) VALUES (?)", late)
        self._raw.execute("PRAGMA journal_mode=WAL")
        self._raw.execute("ANALYZE")
        self._raw.close()

    def _post(self, table: str, settled: int) -> None:
        keys, owners = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        asked = f"SELECT article_id, {table}s FROM signature WHERE article_id <= ?"
        for number, packed in self._raw.execute(asked, (settled,)):
            keys.append(unpack(packed))
            owners.append(np.full(len(keys[-1]), number, np.int32))
        flat, owner = np.concatenate(keys), np.concatenate(owners)
        order = np.argsort(flat, kind="stable")
        self._raw.execute("BEGIN")
        for start in range(0, len(order), _POSTINGS):
            part = order[start : start + _POSTINGS]
            rows = zip(flat[part].tolist(), owner[part].tolist(), strict=True)
            self._raw.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", rows)
        self._raw.execute("COMMIT")


def _statement(
    table: Table, values: Sequence[dict[str, Any]]
) -> tuple[str, Iterable[tuple[Any, ...]]]:
    given = values[0]
    constant = [c.name for c in table.c if _is_blank(c) and c.name not in given]
    names = ", ".join([*given, *constant])
    marks = ", ".join(["?"] * len(given) + ["''"] * len(constant))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
    return statement, (tuple(row.values()) for row in values)


def _is_blank(column: Column[Any]) -> bool:
    return isinstance(column.type, Text) and not column.nullable


def _rows(number: int, text: str, found: Features) -> Iterator[tuple[Table, dict[str, Any]]]:
    url = f"https://outlet.test/{number}"
    yield story, {"id": number, "lead_id": number, "created_at": NOW}
    yield (
        article,
        {
            "id": number,
            "outlet": OUTLETS[number % len(OUTLETS)],
            "identity": f"u:{number}",
            "url": url,
            "page_class": "article",
            "first_seen_at": NOW,
            "version_id": number,
            "story_id": number,
            "state": "live",
        },
    )
    yield (
        version,
        {
            "id": number,
            "article_id": number,
            "page_class": "article",
            "stored_at": NOW,
            "title": f"Headline {number}",
            "text": text,
        },
    )
    yield (
        signature,
        {
            "article_id": number,
            "scheme": found.scheme,
            "text_hash": found.text_hash,
            "shingles": found.shingles,
            "signature": found.signature.astype("<u4").tobytes(),
            "bands": pack(found.bands),
            "fingerprints": pack(found.fingerprints),
        },
    )
