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
    "constant": -7.6738,
    "words": -8.7261,
    "root of words": 7.6024,
    "headline in the other": 4.0476,
    "days apart": -1.9266,
    "concepts": 5.0189,
    "weight of concepts": 0.0086,
    "quotations": 2.9664,
    "lower log odds": 0.8994,
    "higher log odds": 0.5306,
}

CROSS_LANGUAGE_WEIGHTS: dict[str, float] = {
    "constant": -5.8023,
    "concepts": 5.8648,
    "weight of concepts": 0.4529,
    "concepts by weight": -0.4833,
    "days apart": -2.0370,
    "lower log odds": 0.3875,
    "higher log odds": 0.3792,
}

MIN_PROBABILITY = 0.45
"""Least mean probability of the pairs of two groups that makes them one report."""
