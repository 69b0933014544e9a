"""Fits the border between copies and others among short texts, and measures it by event.

    python -m benchmarks.quality.copies FOLDER [FOLDER ...]

Each folder holds labelled articles: `input.jsonl` (JSON lines with `id`, `title`, `text`, `outlet`,
`published_at`), `groups.json` (`copy_groups`: lists of ids) and `pairs.jsonl` (`a`, `b`, `label`).
A logistic regression is fitted to pairs of short texts that share words. Pairs whose articles the
labels connect, except by "different", are of one event and stay in one of ten parts: weights that
are fitted on nine parts are measured on the tenth. An event has the weight of at most eight pairs.
The lines say which measurements were used, the figures by event and on all, and the weights.
`dedup.copies.pair_classifier` has the weights of "words, headlines, days".
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedup.bulk.union_find import UnionFind
from dedup.copies.compare import are_comparable, measure_pair, prepare
from dedup.copies.pair_classifier import (
    MAX_SHORT_WORDS,
    MIN_EDITED_JACCARD,
    UNKNOWN_HEADLINE_SIMILARITY,
    PairMeasurements,
)
from dedup.records import Document

PARTS = 10
MAX_EVENT_WEIGHT = 8.0
RIDGE = 0.1
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two short texts, whether they are copies, and their event."""

    measured: PairMeasurements
    is_copy: bool
    event: tuple[str, int]


def _headline(pair: PairMeasurements) -> float:
    return pair.headline_similarity if pair.have_headlines else UNKNOWN_HEADLINE_SIMILARITY


FEATURES: dict[str, Callable[[PairMeasurements], list[float]]] = {
    "words": lambda pair: [pair.shorter_containment],
    "words, headlines": lambda pair: [pair.shorter_containment, _headline(pair)],
    "words, headlines, days": lambda pair: [
        pair.shorter_containment,
        _headline(pair),
        pair.days_apart_or_zero,
    ],
    "words, headlines, days, outlet": lambda pair: [
        pair.shorter_containment,
        _headline(pair),
        pair.days_apart_or_zero,
        float(pair.same_outlet),
    ],
    "words, headlines, days, lengths": lambda pair: [
        pair.shorter_containment,
        _headline(pair),
        pair.days_apart_or_zero,
        float(np.log(pair.length_ratio)),
    ],
}


def read_pairs(folder: Path) -> Iterator[LabelledPair]:
    """Yields the pairs of short texts of one day that share words."""
    documents = list(_read_documents(folder / "input.jsonl"))
    number_of = {document.uid: document.id for document in documents}
    groups = json.loads((folder / "groups.json").read_text(encoding="utf-8"))["copy_groups"]
    group_of = {uid: number for number, group in enumerate(groups) for uid in group}
    events = _find_events(folder / "pairs.jsonl", number_of)
    for a, b in combinations(documents, 2):
        if not are_comparable(prepare(a), prepare(b)):
            continue
        if min(prepare(a).word_count, prepare(b).word_count) >= MAX_SHORT_WORDS:
            continue
        measured = measure_pair(a, b)
        if measured.captions or measured.days_apart_or_zero > 1:
            continue
        if measured.jaccard < MIN_EDITED_JACCARD:
            continue
        is_copy = a.uid in group_of and group_of[a.uid] == group_of.get(b.uid)
        yield LabelledPair(measured, is_copy, (folder.name, int(events[a.id])))


def _read_documents(path: Path) -> Iterator[Document]:
    with path.open(encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            time = row.get("published_at")
            yield Document(
                id=number,
                uid=row["id"],
                title=row["title"] or "",
                text=row["text"],
                outlet=row["outlet"] or "",
                published_at=datetime.fromisoformat(time).replace(tzinfo=UTC) if time else None,
            )


def _find_events(path: Path, number_of: dict[str, int]) -> NDArray[np.int64]:
    """Returns the event of each document, by its number."""
    union = UnionFind()
    for _ in number_of:
        union.add()
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["label"] != "different" and {row["a"], row["b"]} <= number_of.keys():
                union.union(number_of[row["a"]], number_of[row["b"]])
    return union.find_all()


def fit_weights(features: Matrix, labels: Matrix, weights: Matrix) -> Matrix:
    """Returns intercept and weights of a logistic regression with a ridge, by Newton's method."""
    design = np.c_[np.ones(len(features)), features]
    ridge = np.full(design.shape[1], RIDGE)
    ridge[0] = 1e-6
    fitted = np.zeros(design.shape[1])
    for _ in range(60):
        expected = 1 / (1 + np.exp(-design @ fitted))
        gradient = design.T @ (weights * (expected - labels)) + ridge * fitted
        curvature = (design.T * (weights * expected * (1 - expected))) @ design + np.diag(ridge)
        fitted -= np.linalg.solve(curvature, gradient)
    return fitted


def score(predicted: NDArray[np.bool_], labels: Matrix) -> str:
    """Returns precision, recall and F1 as text."""
    right = float(np.sum(predicted * labels))
    precision, recall = right / max(1, int(predicted.sum())), right / float(labels.sum())
    f1 = 2 * right / float(predicted.sum() + labels.sum())
    return f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}"


def measure(pairs: Sequence[LabelledPair], names: str) -> list[str]:
    """Returns the lines on one choice of measurements."""
    features = np.array([FEATURES[names](pair.measured) for pair in pairs])
    labels = np.array([float(pair.is_copy) for pair in pairs])
    counts = Counter(pair.event for pair in pairs)
    weights = np.array([min(1.0, MAX_EVENT_WEIGHT / counts[pair.event]) for pair in pairs])
    order = np.random.default_rng(0).permutation(len(counts))
    part_of = {event: int(order[i]) % PARTS for i, event in enumerate(sorted(counts))}
    parts = np.array([part_of[pair.event] for pair in pairs])
    predicted = np.zeros(len(pairs), np.bool_)
    for part in range(PARTS):
        rest = parts != part
        fitted = fit_weights(features[rest], labels[rest], weights[rest])
        predicted[~rest] = fitted[0] + features[~rest] @ fitted[1:] >= 0
    fitted = fit_weights(features, labels, weights)
    on_all = fitted[0] + features @ fitted[1:] >= 0
    return [
        names,
        f"  by event: {score(predicted, labels)}",
        f"  on all:   {score(on_all, labels)}",
        f"  intercept and weights: {', '.join(f'{weight:.2f}' for weight in fitted)}",
    ]


def main() -> None:
    """Reads the folders and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    pairs = [pair for folder in parser.parse_args().folders for pair in read_pairs(folder)]
    print(f"{len(pairs)} pairs of short texts, {sum(pair.is_copy for pair in pairs)} of copies")
    for names in FEATURES:
        print("\n".join(measure(pairs, names)))


if __name__ == "__main__":
    main()
