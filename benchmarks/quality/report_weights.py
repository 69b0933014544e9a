"""Fits the weights of `dedup/reports/learned_weights.py` on labelled articles, cross-validated.

    python -m benchmarks.quality.report_weights FOLDER ... [--write | --levers] [--repeats 5]

Each folder has `input.jsonl`, `docs.jsonl` (with `event`) and `groups.json` (with `reports`), in the
form of `nkwire evaluate`. All articles of an event are in one fold. The reports of each set are
found with weights that were fitted without the two folds of the articles compared. The last line of
each table is the mean over random folds with the standard deviation. `--levers` measures
what is lost without each group of features. `--write` fits on all articles and writes the weights.
"""

import argparse
import json
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations_with_replacement
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from dedup.attribution.citation import grade_carrier
from dedup.bulk.cluster import cluster_documents
from dedup.evaluation import ACROSS_LANGUAGES, ALL, Score, compute_figures
from dedup.records import Document
from dedup.reports import learned_weights
from dedup.reports.carriers import MIN_CARRIER_LOG_ODDS, compute_carrier_features
from dedup.reports.cues import Cues, carries_report, extract_cues
from dedup.reports.linkage import link_by_average
from dedup.reports.reports import choose_carrier
from dedup.reports.similarity import WINDOW, compute_features
from dedup.signature.scheme import Scheme

FOLDS = 5
ONE_LANGUAGE = [
    *("constant", "words", "root of words", "headline in the other", "days apart"),
    *("concepts", "weight of concepts", "quotations"),
    *("lower log odds", "higher log odds"),
]
CROSS_LANGUAGE = [
    *("constant", "concepts", "weight of concepts", "concepts by weight", "days apart"),
    *("lower log odds", "higher log odds"),
]
LEVERS = {
    "all features": (),
    "without words of the headline": ("headline in the other",),
    "without people, places and things": ("concepts", "weight of concepts", "concepts by weight"),
    "without quotations": ("quotations",),
    "without days": ("days apart",),
    "without the odds to carry a report": ("lower log odds", "higher log odds"),
    "words and days alone": tuple(
        {*ONE_LANGUAGE, *CROSS_LANGUAGE} - {"constant", "words", "root of words", "days apart"}
    ),
}
_RIDGE = 1.0
Array = NDArray[np.float64]


@dataclass
class LabelledSet:
    """A labelled set: its articles, one `Cues` per story that may carry a report, and the pairs."""

    name: str
    documents: list[Document]
    names: dict[int, str]
    languages: dict[str, str]
    events: dict[int, str]
    report_of: dict[int, str]
    groups: list[list[str]]
    stories: dict[int, tuple[int, ...]]
    cues: list[Cues]

    def __post_init__(self) -> None:
        features, self.same = compute_features(self.cues, self.cues)
        self.features = {name: np.asarray(each, np.float64) for name, each in features.items()}
        self.near = self.features["days apart"] <= WINDOW.total_seconds() / 86_400
        by_id = {each.id: each for each in self.documents}
        rows = [compute_carrier_features(d, grade_carrier(d)) for d in self.documents]
        self.carrier_names = [*rows[0]]
        self.carrier = np.array([[*row.values()] for row in rows])
        self.carries = np.array([each.id in self.report_of for each in self.documents])
        self.rows = [self.documents.index(by_id[each.id]) for each in self.cues]
        reports = [self.report_of.get(each.id) for each in self.cues]
        self.together = np.array([[a is not None and a == b for b in reports] for a in reports])


def read_set(folder: Path, first_id: int) -> LabelledSet:
    """Reads a labelled folder; the ids of its documents count from `first_id`."""
    rows = [json.loads(line) for line in (folder / "input.jsonl").open(encoding="utf-8")]
    labels = [json.loads(line) for line in (folder / "docs.jsonl").open(encoding="utf-8")]
    groups: dict[str, list[str]] = json.loads((folder / "groups.json").read_text())["reports"]
    events = {row["id"]: row.get("event") for row in labels}
    documents = [_read(number, row) for number, row in enumerate(rows, start=first_id)]
    names = {number: row["id"] for number, row in enumerate(rows, start=first_id)}
    report_by_name = {name: key for key, members in groups.items() for name in members}
    clustering = cluster_documents(documents, Scheme(seed=20310506), relations=False, reports=False)
    by_id = {each.id: each for each in documents}
    stories, cues = {}, []
    for story in clustering.stories:
        carrying = [by_id[i] for i in story.members if carries_report(by_id[i])]
        if carrying:
            cues.append(extract_cues(choose_carrier(carrying)))
            stories[cues[-1].id] = story.members
    cues.sort(key=lambda each: (each.published_at is None, each.published_at, each.uid))
    return LabelledSet(
        name=folder.name,
        documents=documents,
        names=names,
        languages={row["id"]: row["language"] for row in rows},
        events={
            number: f"{folder.name}/{events[name] if events[name] not in (None, 'none') else name}"
            for number, name in names.items()
        },
        report_of={n: report_by_name[name] for n, name in names.items() if name in report_by_name},
        groups=[*groups.values()],
        stories=stories,
        cues=cues,
    )


def _read(number: int, row: Mapping[str, Any]) -> Document:
    at = row.get("published_at")
    return Document(
        id=number,
        uid=row["id"],
        title=row["title"] or "",
        text=row["text"],
        language=row["language"],
        outlet=row["outlet"],
        published_at=datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None,
    )


def fit_logistic(
    features: Array, labels: NDArray[np.bool_], *, standardise: bool, ridge: float = _RIDGE
) -> Array:
    """Returns the weights of a logistic regression with an L2 penalty.

    `features`: float[n, k], the first column constant. The penalty leaves out the constant.
    """
    scale = features.std(axis=0)
    scale[(scale == 0) | (not standardise)] = 1.0
    scaled, wanted = features / scale, labels.astype(float)

    def loss(weights: Array) -> tuple[float, Array]:
        log_odds = scaled @ weights
        penalty = 0.5 * ridge * float(np.sum(weights[1:] ** 2))
        value = float(np.sum(np.logaddexp(0, log_odds) - wanted * log_odds)) + penalty
        gradient = scaled.T @ (expit(log_odds) - wanted)
        gradient[1:] += ridge * weights[1:]
        return value, gradient

    found: Array = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x
    return np.asarray(np.divide(found, scale), np.float64)


@dataclass(frozen=True)
class Weights:
    """The weights of one fit."""

    carrier: Array
    one_language: Array
    cross_language: Array


def fit(
    sets: Sequence[LabelledSet],
    without: frozenset[int],
    folds: Mapping[str, int],
    without_features: Collection[str] = (),
) -> Weights:
    """Returns weights fitted on the articles whose event is in none of the folds `without`.

    `without_features`: features of pairs that get the weight 0.
    """
    kept = [np.array([folds[s.events[d.id]] not in without for d in s.documents]) for s in sets]
    carrier = fit_logistic(
        np.concatenate([s.carrier[k] for s, k in zip(sets, kept, strict=True)]),
        np.concatenate([s.carries[k] for s, k in zip(sets, kept, strict=True)]),
        standardise=False,
    )
    fitted = {}
    for same, names in ((True, ONE_LANGUAGE), (False, CROSS_LANGUAGE)):
        used = np.array([name not in without_features for name in names])
        features, labels = [], []
        for s, k in zip(sets, kept, strict=True):
            chosen = np.triu(s.near & (s.same == same), 1)
            usable = k[s.rows]
            chosen &= usable[:, None] & usable[None, :]
            matrices = pair_features(s, carrier)
            features.append(np.stack([matrices[name][chosen] for name in names], axis=1) * used)
            labels.append(s.together[chosen])
        fitted[same] = fit_logistic(
            np.concatenate(features), np.concatenate(labels), standardise=True
        )
    return Weights(carrier, fitted[True], fitted[False])


def pair_features(s: LabelledSet, carrier: Array) -> dict[str, Array]:
    """Returns the features of all pairs with the log odds of these carrier weights."""
    odds = np.clip(s.carrier @ carrier, -4, 3)[s.rows]
    return {
        **s.features,
        "lower log odds": np.minimum(odds[:, None], odds[None, :]),
        "higher log odds": np.maximum(odds[:, None], odds[None, :]),
    }


def cross_validate(
    sets: Sequence[LabelledSet], seed: int, threshold: float, without_features: Collection[str] = ()
) -> dict[str, list[list[str]]]:
    """Returns the reports of each set, each pair compared by weights fitted without its folds."""
    folds = assign_folds(sets, seed)
    probabilities = {s.name: np.zeros((len(s.cues), len(s.cues))) for s in sets}
    own_odds = {s.name: np.zeros(len(s.cues)) for s in sets}
    for pair in combinations_with_replacement(range(FOLDS), 2):
        weights = fit(sets, frozenset(pair), folds, without_features)
        for s in sets:
            fold = np.array([folds[s.events[each.id]] for each in s.cues])
            low, high = np.minimum(*np.meshgrid(fold, fold)), np.maximum(*np.meshgrid(fold, fold))
            chosen = (low == pair[0]) & (high == pair[1])
            probabilities[s.name][chosen] = estimate(s, weights)[chosen]
            if pair[0] == pair[1]:
                odds = (s.carrier @ weights.carrier)[s.rows]
                own_odds[s.name][fold == pair[0]] = odds[fold == pair[0]]
    return {s.name: group(s, probabilities[s.name], own_odds[s.name], threshold) for s in sets}


def assign_folds(sets: Sequence[LabelledSet], seed: int) -> dict[str, int]:
    """Returns a random fold for each event."""
    random_numbers = random.Random(seed)
    events = sorted({event for s in sets for event in s.events.values()})
    return {event: random_numbers.randrange(FOLDS) for event in events}


def estimate(s: LabelledSet, weights: Weights) -> Array:
    """Returns the probability of each pair of articles of a set."""
    matrices = pair_features(s, weights.carrier)
    one = sum(w * matrices[n] for w, n in zip(weights.one_language, ONE_LANGUAGE, strict=True))
    cross = sum(
        w * matrices[n] for w, n in zip(weights.cross_language, CROSS_LANGUAGE, strict=True)
    )
    return np.where(s.near, expit(np.where(s.same, one, cross)), 0.0)


def group(s: LabelledSet, probabilities: Array, odds: Array, threshold: float) -> list[list[str]]:
    """Returns the reports as lists of labelled names, grouped over all days at once."""
    count = len(s.cues)
    empty = np.zeros((count, 0)), np.zeros(0, np.int64)
    labels = link_by_average(*empty, probabilities.copy(), threshold)
    reports = []
    for label in sorted(set(labels.tolist())):
        rows = np.flatnonzero(labels == label)
        if odds[rows].max() >= MIN_CARRIER_LOG_ODDS:
            reports.append([s.names[i] for row in rows for i in s.stories[s.cues[row].id]])
    return reports


def measure(s: LabelledSet, predicted: Sequence[Sequence[str]]) -> dict[str, Score]:
    """Returns the scores of the reports of a set, by measure and language."""
    scores = {}
    for each in compute_figures(s.groups, predicted, s.languages):
        if each.part == ACROSS_LANGUAGES:
            scores["across"] = each.pairs.score
        elif each.b_cubed:
            prefix = "" if each.part == ALL else f"{each.part} "
            scores |= {f"{prefix}pairs": each.pairs.score, f"{prefix}b3": each.b_cubed}
    return scores


def main() -> None:
    """Prints the cross-validated tables; with `--write`, writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--threshold", type=float, nargs="+", default=[learned_weights.MIN_PROBABILITY]
    )
    parser.add_argument("--levers", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    sets = [read_set(folder, 1 + 100_000 * n) for n, folder in enumerate(arguments.folders)]
    for threshold in arguments.threshold:
        print(f"threshold {threshold}")
        runs = [cross_validate(sets, seed, threshold) for seed in range(arguments.repeats)]
        for s in sets:
            print_table(s, [measure(s, run[s.name]) for run in runs])
    if arguments.levers:
        print_levers(sets, arguments.repeats, arguments.threshold[0])
    if arguments.write:
        write_weights(sets)


def print_levers(sets: Sequence[LabelledSet], repeats: int, threshold: float) -> None:
    """Prints the mean scores of each set with and without groups of features."""
    for lever, features in LEVERS.items():
        runs = [cross_validate(sets, seed, threshold, features) for seed in range(repeats)]
        scores = {s.name: [measure(s, run[s.name]) for run in runs] for s in sets}
        parts = [
            f"{name} {measured} {mean(run[measured].f1 for run in found):.3f}"
            for name, found in scores.items()
            for measured in ("pairs", "b3", "across")
        ]
        print(f"{lever:40} {'  '.join(parts)}")


def print_table(s: LabelledSet, runs: Sequence[Mapping[str, Score]]) -> None:
    """Prints the mean of each measure over the runs, with the standard deviation of F1."""
    print(f"{s.name}: {len(s.cues)} stories that may carry a report")
    for name in runs[0]:
        values = [run[name] for run in runs if name in run]
        spread = stdev([v.f1 for v in values]) if len(values) > 1 else 0.0
        print(
            f"  {name:10} P {mean(v.precision for v in values):.3f}"
            f"  R {mean(v.recall for v in values):.3f}"
            f"  F1 {mean(v.f1 for v in values):.3f} +- {spread:.3f}"
        )


def write_weights(sets: Sequence[LabelledSet]) -> None:
    """Fits on all articles and writes the module of the weights."""
    weights = fit(sets, frozenset(), assign_folds(sets, 0))
    path = Path(learned_weights.__file__)
    parts = {
        "CARRIER_WEIGHTS": dict(zip(sets[0].carrier_names, weights.carrier, strict=True)),
        "ONE_LANGUAGE_WEIGHTS": dict(zip(ONE_LANGUAGE, weights.one_language, strict=True)),
        "CROSS_LANGUAGE_WEIGHTS": dict(zip(CROSS_LANGUAGE, weights.cross_language, strict=True)),
    }
    lines = ['"""Weights that `benchmarks.quality.report_weights` fits on labelled articles."""\n']
    for name, values in parts.items():
        rows = "".join(f'    "{key}": {value:.4f},\n' for key, value in values.items())
        lines.append(f"{name}: dict[str, float] = {{\n{rows}}}\n")
    lines.append(
        f"MIN_PROBABILITY = {learned_weights.MIN_PROBABILITY}\n"
        '"""Least mean probability of the pairs of two groups that makes them one report."""\n'
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
