"""Weights that `benchmarks.report_weights` fits on labelled articles."""

CARRIER_WEIGHTS: dict[str, float] = {
    "constant": -5.1612,
    "at least about": 1.4982,
    "at least credit": 1.9869,
    "at least state": 1.1448,
    "at least later": 0.1356,
    "at least early": 2.1910,
    "headline subject other": -1.7861,
    "headline names another": 0.3524,
    "headline comments": -0.3667,
    "text is short": 1.1185,
}

ONE_LANGUAGE_WEIGHTS: dict[str, float] = {
    "constant": -7.8255,
    "words": -6.5275,
    "root of words": 8.4335,
    "headline in the other": 3.3617,
    "days apart": -2.5261,
    "words by days": 2.3958,
    "concepts": 2.6340,
    "weight of concepts": 0.0621,
    "quotations": 2.6750,
    "lower log odds": 0.6939,
    "higher log odds": 0.6459,
    "short texts": -0.0907,
}

CROSS_LANGUAGE_WEIGHTS: dict[str, float] = {
    "constant": -3.0092,
    "concepts": 2.5507,
    "weight of concepts": 0.1847,
    "words": 1.0986,
    "days apart": -2.4705,
    "lower log odds": 0.4792,
    "higher log odds": 0.2995,
}

MIN_PROBABILITY = 0.45
"""Least mean probability of the pairs of two groups that makes them one report."""
