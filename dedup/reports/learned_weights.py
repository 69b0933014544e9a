"""Weights that `benchmarks.quality.report_weights` fits on labelled articles."""

CARRIER_WEIGHTS: dict[str, float] = {
    "constant": -5.1722,
    "at least about": 1.4876,
    "at least credit": 1.8792,
    "at least state": 1.3873,
    "at least later": 0.0466,
    "at least early": 2.1720,
    "headline subject other": -1.7498,
    "headline names another": 0.3394,
    "headline comments": -0.4927,
    "text is short": 1.2168,
}

ONE_LANGUAGE_WEIGHTS: dict[str, float] = {
    "constant": -7.6734,
    "words": -8.7241,
    "root of words": 7.5764,
    "headline in the other": 4.0445,
    "days apart": -1.9302,
    "concepts": 5.0542,
    "weight of concepts": 0.0083,
    "quotations": 2.9638,
    "lower log odds": 0.8990,
    "higher log odds": 0.5304,
}

CROSS_LANGUAGE_WEIGHTS: dict[str, float] = {
    "constant": -5.8168,
    "concepts": 5.9168,
    "weight of concepts": 0.4535,
    "concepts by weight": -0.4844,
    "days apart": -2.0366,
    "lower log odds": 0.3887,
    "higher log odds": 0.3802,
}

MIN_PROBABILITY = 0.45
"""Least mean probability of the pairs of two groups that makes them one report."""
