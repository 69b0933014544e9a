"""Estimates how sure a figure of quality is, by drawing the labelled events again and again.

Articles on one event are right or wrong together, so events are drawn, not articles. Source: Efron
and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TIMES = 1000
SHARE = 0.9
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Intervals:
    """The range in which `SHARE` of the drawn figures lie, for F1 of pairs and of B-cubed."""

    pairs: tuple[float, float]
    b_cubed: tuple[float, float]


def estimate_intervals(
    expected: Mapping[str, int], predicted: Mapping[str, int], events: Mapping[str, str]
) -> Intervals:
    """Returns the intervals of the figures of these articles. The same in each call.

    All mappings have every article. An event that is drawn twice counts twice; a pair of two events
    counts as often as both were drawn.
    """
    names = list(expected)
    numbers = {event: number for number, event in enumerate(sorted({events[n] for n in names}))}
    event = np.array([numbers[events[name]] for name in names])
    by_label = np.array([expected[name] for name in names])
    by_prediction = np.array([predicted[name] for name in names])
    count = len(numbers)
    drawn = np.random.default_rng(1).multinomial(count, np.full(count, 1 / count), TIMES)
    weights: Array = drawn.astype(np.float64)
    return Intervals(
        _interval(_draw_pairs(event, by_label, by_prediction, weights)),
        _interval(_draw_b_cubed(event, by_label, by_prediction, weights)),
    )


def _draw_pairs(
    event: NDArray[np.int64],
    by_label: NDArray[np.int64],
    by_prediction: NDArray[np.int64],
    weights: Array,
) -> Array:
    wanted = by_label[:, None] == by_label[None, :]
    found = by_prediction[:, None] == by_prediction[None, :]
    a, b = np.nonzero(np.triu(wanted | found, 1))
    times = weights[:, event[a]] * np.where(event[a] == event[b], 1.0, weights[:, event[b]])
    right = times @ (wanted & found)[a, b]
    return _f1(right, times @ found[a, b], times @ wanted[a, b])


def _draw_b_cubed(
    event: NDArray[np.int64],
    by_label: NDArray[np.int64],
    by_prediction: NDArray[np.int64],
    weights: Array,
) -> Array:
    labels, predictions = by_label.tolist(), by_prediction.tolist()
    sizes, found_sizes = Counter(labels), Counter(predictions)
    together = Counter(zip(labels, predictions, strict=True))
    rows = [
        (together[one, two] / found_sizes[two], together[one, two] / sizes[one], number)
        for one, two, number in zip(labels, predictions, event.tolist(), strict=True)
        if sizes[one] > 1 or found_sizes[two] > 1
    ]
    if not rows:
        return np.ones(len(weights))
    precision, recall, events = map(np.array, zip(*rows, strict=True))
    times = weights[:, events]
    total = np.maximum(times.sum(axis=1), 1e-9)
    p, r = times @ precision / total, times @ recall / total
    f1: Array = 2 * p * r / np.maximum(p + r, 1e-9)
    return f1


def _f1(right: Array, found: Array, wanted: Array) -> Array:
    """Returns 2 right / (found + wanted), the harmonic mean of precision and recall."""
    return 2 * right / np.maximum(found + wanted, 1e-9)


def _interval(values: Array) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return float(low), float(high)
