"""Estimates how probable it is that two articles carry one report.

A logistic regression on a few features of a pair, one for articles of one language and one for two
languages. `benchmarks.quality.report_weights` fits the weights on labelled pairs. In one language the words
of headline and lead say most, weighted by how rare they are in news at large; between languages
only names, things and numbers do. TF-IDF with learned weights is the method of Miranda et al.,
Multilingual Clustering of Streaming News (2018).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dedup.lexicon.concepts import concept_weights
from dedup.reports.cues import Cues
from dedup.reports.learned_weights import CROSS_LANGUAGE_WEIGHTS, ONE_LANGUAGE_WEIGHTS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WINDOW = timedelta(days=2.5)
"""Media pick up a report on the same or the next days; later it is background."""

_ROWS_PER_BLOCK = 250
_MAX_SHARED_WEIGHT = 40.0
_MIN_QUOTE_GRAMS = 8
_LOG_ODDS_RANGE = (-4.0, 3.0)
_UNKNOWN_DAY = -1e6

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Many articles as matrices with one row each.

    `days`: float64[n], since 1970. `agencies`: int64[n], a number for the outlet of an agency's own
    text, -1 for all other articles.
    """

    terms: "csr_array"
    headline: "csr_array"
    concepts: "csr_array"
    quotes: "csr_array"
    concept_lengths: Matrix
    quote_counts: Matrix
    days: NDArray[np.float64]
    log_odds: Matrix
    languages: NDArray[np.int64]
    agencies: NDArray[np.int64]

    def take(self, rows: slice) -> "_Columns":
        return _Columns(*(getattr(self, name)[rows] for name in self.__slots__))


def compare(first: Sequence[Cues], second: Sequence[Cues]) -> Matrix:
    """Returns the probability that each of `first` carries the report of each of `second`.

    float32[len(first), len(second)], 0 to 1. Articles more than `WINDOW` apart or without a date
    get 0; articles that cannot carry one report (`are_apart`) get minus infinity.
    """
    if not first or not second:
        return np.zeros((len(first), len(second)), np.float32)
    columns = _build_columns([*first, *second])
    rows, others = columns.take(slice(0, len(first))), columns.take(slice(len(first), None))
    blocks = [
        _compare_block(rows.take(slice(start, start + _ROWS_PER_BLOCK)), others)
        for start in range(0, len(first), _ROWS_PER_BLOCK)
    ]
    return np.concatenate(blocks)


def are_apart(a: Cues, b: Cues) -> bool:
    """Returns whether two articles are different reports whatever their words: own texts of one
    agency in one language.
    """
    columns = _build_columns([a, b])
    return bool(_are_own_texts(columns, columns)[0, 1])


def compute_features(
    first: Sequence[Cues], second: Sequence[Cues]
) -> tuple[Mapping[str, Matrix], NDArray[np.bool_]]:
    """Returns the features of all pairs by name, and which pairs are of one language.

    Each matrix is [len(first), len(second)].
    """
    columns = _build_columns([*first, *second])
    rows, others = columns.take(slice(0, len(first))), columns.take(slice(len(first), None))
    return _compute_features(rows, others), _are_same_language(rows, others)


def compute_pair_features(a: Cues, b: Cues) -> tuple[bool, Mapping[str, float]]:
    """Returns whether two articles are of one language, and the features that are compared."""
    features, same = compute_features([a], [b])
    weights = ONE_LANGUAGE_WEIGHTS if same[0, 0] else CROSS_LANGUAGE_WEIGHTS
    return bool(same[0, 0]), {name: float(features[name][0, 0]) for name in weights}


def _compare_block(rows: _Columns, others: _Columns) -> Matrix:
    features = _compute_features(rows, others)
    same = _are_same_language(rows, others)
    log_odds = np.where(
        same,
        _weigh(features, ONE_LANGUAGE_WEIGHTS),
        _weigh(features, CROSS_LANGUAGE_WEIGHTS),
    )
    probabilities = (1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32)
    near = features["days apart"] <= WINDOW / timedelta(days=1)
    probabilities = np.where(near, probabilities, np.float32(0))
    return np.where(_are_own_texts(rows, others), np.float32(-np.inf), probabilities)


def _weigh(features: Mapping[str, Matrix], weights: Mapping[str, float]) -> Matrix:
    total = np.zeros_like(features["constant"])
    for name, weight in weights.items():
        total += np.float32(weight) * features[name]
    return total


def _compute_features(rows: _Columns, others: _Columns) -> dict[str, Matrix]:
    shape = (len(rows.days), len(others.days))
    words = _dense(rows.terms @ others.terms.T)
    days = np.abs(rows.days[:, None] - others.days[None, :]).astype(np.float32)
    concepts = _dense(rows.concepts @ others.concepts.T)
    lengths = rows.concept_lengths[:, None] * others.concept_lengths[None, :]
    quote_counts = np.minimum(rows.quote_counts[:, None], others.quote_counts[None, :])
    likeness = np.divide(concepts, lengths, out=np.zeros_like(concepts), where=lengths > 0)
    shared = np.minimum(
        _dense(_rooted(rows.concepts) @ _rooted(others.concepts).T), _MAX_SHARED_WEIGHT
    )
    return {
        "constant": np.ones(shape, np.float32),
        "words": words,
        "root of words": np.sqrt(words),
        "headline in the other": np.maximum(
            _dense(_squared(rows.headline) @ _present(others.terms).T),
            _dense(_present(rows.terms) @ _squared(others.headline).T),
        ),
        "days apart": days,
        "concepts": likeness,
        "weight of concepts": shared,
        "concepts by weight": likeness * shared,
        "quotations": _dense(rows.quotes @ others.quotes.T)
        / np.maximum(quote_counts, np.float32(_MIN_QUOTE_GRAMS)),
        "lower log odds": np.minimum(rows.log_odds[:, None], others.log_odds[None, :]),
        "higher log odds": np.maximum(rows.log_odds[:, None], others.log_odds[None, :]),
    }


def _are_same_language(rows: _Columns, others: _Columns) -> NDArray[np.bool_]:
    return np.equal(rows.languages[:, None], others.languages[None, :])


def _are_own_texts(rows: _Columns, others: _Columns) -> NDArray[np.bool_]:
    """Returns which pairs are own texts of one agency in one language."""
    is_own = (rows.agencies >= 0)[:, None]
    is_one_agency = np.equal(rows.agencies[:, None], others.agencies[None, :])
    return np.logical_and(is_own & is_one_agency, _are_same_language(rows, others))


def _build_columns(articles: Sequence[Cues]) -> _Columns:
    concepts = _stack_keys([each.concepts for each in articles], concept_weights().__getitem__)
    terms = [each.terms for each in articles]
    quotes = [each.quotes for each in articles]
    languages = _number_languages(articles)
    return _Columns(
        terms=_stack(terms, [each.weights.astype(np.float32) for each in articles]),
        headline=_stack(terms, [each.headline.astype(np.float32) for each in articles]),
        concepts=concepts,
        quotes=_stack(quotes, [np.ones(len(each), np.float32) for each in quotes]),
        concept_lengths=np.sqrt(_squared(concepts).sum(axis=1)).astype(np.float32),
        quote_counts=np.array([len(each) for each in quotes], np.float32),
        days=np.array(
            [
                each.published_at.timestamp() / 86_400
                if each.published_at
                else _UNKNOWN_DAY * (n + 1)
                for n, each in enumerate(articles)
            ]
        ),
        log_odds=np.clip(
            np.array([each.log_odds for each in articles], np.float32), *_LOG_ODDS_RANGE
        ),
        languages=languages,
        agencies=_number_agencies(articles),
    )


def _number_agencies(articles: Sequence[Cues]) -> NDArray[np.int64]:
    outlets = sorted({each.outlet for each in articles if each.rank == 0})
    numbers = {outlet: number for number, outlet in enumerate(outlets)}
    return np.array([-1 if each.rank else numbers[each.outlet] for each in articles], np.int64)


def _number_languages(articles: Sequence[Cues]) -> NDArray[np.int64]:
    """Returns a number for each article that is equal for articles of one language.

    A language that is not stated is known by its writing; Latin stands for English then.
    """
    names = [f"{each.writing}/{each.language[:2] or 'en'}" for each in articles]
    names = [name if name.startswith("latin") else name.partition("/")[0] for name in names]
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([numbers[name] for name in names], np.int64)


def _stack(
    keys: Sequence[NDArray[np.uint32] | NDArray[np.int64]], values: Sequence[Matrix]
) -> "csr_array":
    """Returns one row for each article; the columns are the distinct keys."""
    from scipy.sparse import csr_array  # late: a seventh of what every command would load

    distinct, columns = np.unique(np.concatenate(keys), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum([len(each) for each in keys])])
    return csr_array(
        (np.concatenate(values), columns, starts), shape=(len(keys), max(1, len(distinct)))
    )


def _stack_keys(keys: Sequence[frozenset[str]], weigh: Callable[[str], float]) -> "csr_array":
    """Returns one row for each article with the weight of each of its keys."""
    numbers = {key: number for number, key in enumerate(sorted(frozenset().union(*keys)))}
    rows = [sorted(each) for each in keys]
    return _stack(
        [np.array([numbers[key] for key in row], np.int64) for row in rows],
        [np.array([weigh(key) for key in row], np.float32) for row in rows],
    )


def _dense(matrix: "csr_array") -> Matrix:
    dense: Matrix = matrix.toarray().astype(np.float32, copy=False)
    return dense


def _with_values(matrix: "csr_array", values: Matrix) -> "csr_array":
    return type(matrix)((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def _squared(matrix: "csr_array") -> "csr_array":
    return _with_values(matrix, np.square(matrix.data))


def _rooted(matrix: "csr_array") -> "csr_array":
    return _with_values(matrix, np.sqrt(matrix.data))


def _present(matrix: "csr_array") -> "csr_array":
    return _with_values(matrix, (matrix.data > 0).astype(np.float32))
