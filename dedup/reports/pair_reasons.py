"""Describes in words why two articles carry one report or not: each feature with its weight."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from dedup.lexicon.concepts import concept_weights
from dedup.records import Document
from dedup.reports.cues import Cues
from dedup.reports.learned_weights import (
    CROSS_LANGUAGE_WEIGHTS,
    MIN_PROBABILITY,
    ONE_LANGUAGE_WEIGHTS,
)
from dedup.reports.similarity import WINDOW, are_apart, compare, compute_pair_features
from dedup.reports.terms import LEAD_CHARS, hash_term, iter_terms

_MAX_NAMED = 6
_KINDS = {
    "constant": "any two articles",
    "root of words": "words",
    "weight of concepts": "concepts",
    "concepts by weight": "concepts",
    "lower log odds": "odds of both",
    "higher log odds": "odds of both",
}
"""What is printed in place of the name of a feature. Features of one kind are printed as their sum."""


@dataclass(frozen=True, slots=True)
class PairComparison:
    """How two articles compare as carriers of one report.

    `probability`: 0 to 1, at least `MIN_PROBABILITY` if two articles alone are one report.
    `contributions`: what each feature adds to the log odds, by name; positive ones join.
    """

    probability: float
    is_one_language: bool
    contributions: Mapping[str, float]

    @property
    def is_same_report(self) -> bool:
        """Returns whether the two articles, compared alone, carry one report."""
        return self.probability >= MIN_PROBABILITY


def compare_pair(a: Cues, b: Cues) -> PairComparison:
    """Returns how two articles compare, with the part of each feature in the result."""
    is_one_language, features = compute_pair_features(a, b)
    weights = ONE_LANGUAGE_WEIGHTS if is_one_language else CROSS_LANGUAGE_WEIGHTS
    return PairComparison(
        max(0.0, float(compare([a], [b])[0, 0])),
        is_one_language,
        {name: weight * features[name] for name, weight in weights.items()},
    )


def format_reasons(a: Cues, b: Cues) -> str:
    """Returns one line on what two articles share and how far apart they are."""
    phrases = []
    words = float(np.dot(*_shared_weights(a, b)))
    if words >= 0.005 and a.writing is b.writing:
        phrases.append(f"{words:.0%} of headline and lead alike")
    names = _shared_concepts(a, b)
    phrases += [f"both speak of {', '.join(names)}"] if names else []
    phrases += ["the same words quoted"] if len(np.intersect1d(a.quotes, b.quotes)) else []
    if a.published_at and b.published_at:
        phrases.append(f"{abs(a.published_at - b.published_at) / timedelta(days=1):.1f} days apart")
    return "; ".join(phrases)


def format_comparison(a: Cues, b: Cues) -> list[str]:
    """Returns lines that say what joins two articles and what parts them, with the weights."""
    if are_apart(a, b):
        return ["two own texts of one agency are two reports"]
    if not (a.published_at and b.published_at):
        return ["one of them has no date, so only its story can join it to a report"]
    days = abs(a.published_at - b.published_at)
    if days > WINDOW:
        return [
            f"{days / timedelta(days=1):.1f} days apart; {WINDOW / timedelta(days=1)} is the most"
        ]
    found = compare_pair(a, b)
    kinds: defaultdict[str, float] = defaultdict(float)
    for name, value in found.contributions.items():
        kinds[_KINDS.get(name, name)] += value
    parts = sorted(kinds.items(), key=lambda item: -abs(item[1]))
    joins = [f"{name} {value:+.2f}" for name, value in parts if value > 0.005]
    parting = [f"{name} {value:+.2f}" for name, value in parts if value < -0.005]
    return [
        f"probability {found.probability:.2f}, {MIN_PROBABILITY:.2f} is needed",
        f"joins them: {', '.join(joins) or 'nothing'}",
        f"parts them: {', '.join(parting) or 'nothing'}",
    ]


def list_shared_terms(a: Document, one: Cues, two: Cues) -> list[str]:
    """Returns the terms of both leads that add most to their similarity, the strongest first.

    `a`: the article of the cues `one`.
    """
    products = _shared_products(one, two)
    lead = f"{a.title}\n{a.text[: LEAD_CHARS[one.writing]]}"
    terms = {hash_term(term): term for term in iter_terms(lead)}
    strongest = sorted(products, key=lambda term: (-products[term], term))
    return [
        f"{terms[each]} {products[each]:.3f}" for each in strongest[:_MAX_NAMED] if each in terms
    ]


def list_concepts(a: Cues, b: Cues) -> list[str]:
    """Returns lines on the concepts of both articles and of one alone, each with its weight."""
    groups = {
        "both speak of": a.concepts & b.concepts,
        "only the first speaks of": a.concepts - b.concepts,
        "only the second speaks of": b.concepts - a.concepts,
    }
    return [
        f"{name} {', '.join(f'{key} {concept_weights()[key]:.1f}' for key in named)}"
        for name, keys in groups.items()
        if (named := _heaviest(keys))
    ]


def _shared_concepts(a: Cues, b: Cues) -> list[str]:
    return _heaviest(a.concepts & b.concepts)


def _heaviest(concepts: Iterable[str]) -> list[str]:
    weights = concept_weights()
    weighed = [key for key in concepts if weights[key] > 0]
    return sorted(weighed, key=lambda key: (-weights[key], key))[:_MAX_NAMED]


def _shared_weights(a: Cues, b: Cues) -> tuple[np.ndarray, np.ndarray]:
    _, in_a, in_b = np.intersect1d(a.terms, b.terms, assume_unique=True, return_indices=True)
    return a.weights[in_a].astype(np.float32), b.weights[in_b].astype(np.float32)


def _shared_products(a: Cues, b: Cues) -> dict[int, float]:
    terms = np.intersect1d(a.terms, b.terms, assume_unique=True)
    one, two = _shared_weights(a, b)
    return dict(zip(terms.tolist(), (one * two).tolist(), strict=True))
