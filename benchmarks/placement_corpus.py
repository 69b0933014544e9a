"""Builds databases of many articles within minutes, without deduplication, to benchmark placement.

The texts are invented from the words of real articles (JSON lines with `title`, `text`,
`language`). A text consists of runs of 2 to 4 words from anywhere in the articles of one script.
Every fourth text is an edited copy of a recent one. So lengths and vocabulary are realistic. So is
the number of candidates, one or two an article. It is the same at every size: only the tables grow.
The words of the real articles are hashed once, and the features of a text are made of the hashes of
its words. All rows are written except those of the full-text index, which placement does not read.
The inverted indexes are written last and in order, which is the fastest way.
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
from storage.index.index_flush import ARTICLES_PER_ROUND
from storage.index.pending_keys import pack_keys, unpack_keys
from storage.tables.articles import article, band, fingerprint, signature, story, version

NOW = "2026-01-01 00:00:00.000000"
SCHEME = Scheme(seed=1)
OUTLETS = tuple(f"outlet{number}" for number in range(40))
COPY_INTERVAL = 4  # every fourth text
_COPY_WINDOW = 200
_BATCH_ARTICLES = 2000
_BATCH_POSTINGS = 1_000_000


@dataclass(frozen=True)
class SourceTexts:
    """The real articles of one script.

    `text` joins their texts without boilerplate. `word_offsets` and `word_units` say where each
    word begins in `text` and in `units`. `units` holds the hash of each unit (a word or a
    syllable). `article_words` holds the lengths of the articles in words.
    """

    script: Script
    text: str
    word_offsets: NDArray[np.int64]
    word_units: NDArray[np.int64]
    units: NDArray[np.uint64]
    article_words: NDArray[np.int64]


@dataclass(frozen=True)
class InventedText:
    """An invented text and the hashes of its units."""

    script: Script
    text: str
    units: NDArray[np.uint64]


def read_sources(path: Path, key: int) -> list[SourceTexts]:
    """Reads the articles, hashes their units with `key` and groups them by script."""
    texts: dict[Script, list[tuple[str, NormalisedText]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = mask(json.loads(line)["text"]).replace("\n", " ") + " "
            normal = fold_words(
                text, detect_script(count_letters_by_alphabet(codes_of(text[:2000])))
            )
            texts.setdefault(normal.script, []).append((text, normal))
    return [_source(script, texts[script], key) for script in sorted(texts)]


def _source(script: Script, texts: Sequence[tuple[str, NormalisedText]], key: int) -> SourceTexts:
    text_starts = np.cumsum([0, *(len(text) for text, _ in texts)])
    units = [unit_hashes(normal, key) for _, normal in texts]
    unit_starts = np.cumsum([0, *map(len, units)])
    word_offsets = [
        normalised.offsets[normalised.word_starts] + text_starts[i]
        for i, (_, normalised) in enumerate(texts)
    ]
    # A word is one unit in scripts of words, and several units in scripts of syllables.
    word_units = [
        (
            normalised.word_starts
            if script is Script.SYLLABLES
            else np.arange(len(normalised.word_starts))
        )
        + unit_starts[i]
        for i, (_, normalised) in enumerate(texts)
    ]
    return SourceTexts(
        script,
        "".join(text for text, _ in texts),
        np.append(np.concatenate(word_offsets), text_starts[-1]),
        np.append(np.concatenate(word_units), unit_starts[-1]),
        np.concatenate(units),
        np.array([len(normalised.word_starts) for _, normalised in texts]),
    )


def iter_invented_texts(
    sources: Sequence[SourceTexts], count: int, seed: int
) -> Iterator[InventedText]:
    """Yields `count` invented texts. The same seed gives the same texts."""
    rng = np.random.default_rng(seed)
    shares = np.array([len(source.article_words) for source in sources])
    source_numbers = rng.choice(len(sources), count, p=shares / shares.sum())
    latest: list[tuple[SourceTexts, NDArray[np.int64], NDArray[np.int64]]] = []
    for number in range(count):
        if number % COPY_INTERVAL == COPY_INTERVAL - 1:
            yield _build_text(*_make_copy(*latest[rng.integers(len(latest))], rng))
            continue
        source = sources[source_numbers[number]]
        runs = _draw_runs(source, rng)
        latest = [*latest[1 - _COPY_WINDOW :], (source, *runs)]
        yield _build_text(source, *runs)


def _draw_runs(
    source: SourceTexts, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draws random runs of words. Returns where they begin and where they end."""
    length = int(source.article_words[rng.integers(len(source.article_words))].clip(60, 1500))
    begins = rng.integers(0, len(source.word_offsets) - 5, length // 3 + 1)
    return begins, begins + rng.integers(2, 5, len(begins))


def _make_copy(
    source: SourceTexts,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[SourceTexts, NDArray[np.int64], NDArray[np.int64]]:
    """Returns the runs of an edited copy.

    Up to 30 % is cut off at the end, and every eighth run is one word shorter.
    """
    run_count = int(len(begins) * rng.uniform(0.7, 1)) + 1
    return (
        source,
        begins[:run_count],
        ends[:run_count] - (rng.random(len(ends[:run_count])) < 1 / 8),
    )


def _build_text(
    source: SourceTexts, begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> InventedText:
    pieces = zip(
        source.word_offsets[begins].tolist(), source.word_offsets[ends].tolist(), strict=True
    )
    text = "".join([source.text[start:end] for start, end in pieces])
    first = source.word_units[begins]
    sizes = source.word_units[ends] - first
    unit_offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return InventedText(source.script, text, source.units[np.repeat(first, sizes) + unit_offsets])


class Filler:
    """Fills a new SQLite database. Every article is a story of its own."""

    def __init__(self, path: Path) -> None:
        with open_database(f"sqlite:///{path}", seed=SCHEME.seed) as database:
            database.outlets.declare_ranks(dict.fromkeys(OUTLETS, 9))
        self._raw = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
            self._raw.execute(f"PRAGMA {setting}")
        self._article_count = 0

    def add(self, texts: Iterable[InventedText]) -> None:
        """Adds articles, but not to the inverted indexes."""
        for batch in batched(texts, _BATCH_ARTICLES):
            rows: dict[Table, list[dict[str, Any]]] = {}
            for number, invented in enumerate(batch, self._article_count + 1):
                features = compute_unit_features(invented.units, invented.script, SCHEME)
                for table, row in _rows(number, invented.text, features):
                    rows.setdefault(table, []).append(row)
            self._raw.execute("BEGIN")
            for table, values in rows.items():
                self._raw.executemany(*_statement(table, values))
            self._raw.execute("COMMIT")
            self._article_count += len(batch)

    def write_indexes(self) -> None:
        """Writes the inverted indexes and closes the database.

        The keys of the latest ARTICLES_PER_ROUND articles stay pending, as in a database in use.
        """
        settled = max(0, self._article_count - ARTICLES_PER_ROUND)
        for table in (band, fingerprint):
            self._write_postings(table.name, settled)
        pending_ids = [(number,) for number in range(settled + 1, self._article_count + 1)]
        self._raw.executemany("INSERT INTO unposted (article_id) VALUES (?)", pending_ids)
        self._raw.execute("PRAGMA journal_mode=WAL")
        self._raw.execute("ANALYZE")
        self._raw.close()

    def _write_postings(self, table: str, settled: int) -> None:
        keys, owners = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        query = f"SELECT article_id, {table}s FROM signature WHERE article_id <= ?"
        for number, packed in self._raw.execute(query, (settled,)):
            keys.append(unpack_keys(packed))
            owners.append(np.full(len(keys[-1]), number, np.int32))
        flat, owner = np.concatenate(keys), np.concatenate(owners)
        order = np.argsort(flat, kind="stable")
        self._raw.execute("BEGIN")
        for start in range(0, len(order), _BATCH_POSTINGS):
            part = order[start : start + _BATCH_POSTINGS]
            rows = zip(flat[part].tolist(), owner[part].tolist(), strict=True)
            self._raw.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", rows)
        self._raw.execute("COMMIT")


def _statement(
    table: Table, values: Sequence[dict[str, Any]]
) -> tuple[str, Iterable[tuple[Any, ...]]]:
    first_row = values[0]
    empty_columns = [
        column.name
        for column in table.c
        if _needs_empty_text(column) and column.name not in first_row
    ]
    names = ", ".join([*first_row, *empty_columns])
    marks = ", ".join(["?"] * len(first_row) + ["''"] * len(empty_columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
    return statement, (tuple(row.values()) for row in values)


def _needs_empty_text(column: Column[Any]) -> bool:
    return isinstance(column.type, Text) and not column.nullable


def _rows(number: int, text: str, features: Features) -> Iterator[tuple[Table, dict[str, Any]]]:
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
            "scheme": features.scheme,
            "text_hash": features.text_hash,
            "shingles": features.shingles,
            "signature": features.signature.astype("<u4").tobytes(),
            "bands": pack_keys(features.bands),
            "fingerprints": pack_keys(features.fingerprints),
        },
    )
