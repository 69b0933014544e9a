"""Weights that `benchmarks.report_weights` fits on labelled articles."""

CARRIER_WEIGHTS: dict[str, float] = {
    "constant": -5.1825,
    "at least about": 1.4835,
    "at least credit": 1.8817,
    "at least state": 1.3867,
    "at least later": 0.0350,
    "at least early": 2.1857,
    "headline subject other": -1.7511,
    "headline names another": 0.3476,
    "headline comments": -0.3086,
    "text is short": 1.2235,
}

ONE_LANGUAGE_WEIGHTS: dict[str, float] = {
    "constant": -7.8609,
    "words": -9.3834,
    "root of words": 8.2234,
    "headline in the other": 4.0933,
    "days apart": -1.8972,
    "concepts": 4.9821,
    "weight of concepts": 0.0097,
    "quotations": 2.9564,
    "lower log odds": 0.8895,
    "higher log odds": 0.5539,
}

CROSS_LANGUAGE_WEIGHTS: dict[str, float] = {
    "constant": -5.7667,
    "concepts": 5.6903,
    "weight of concepts": 0.4610,
    "concepts by weight": -0.4910,
    "days apart": -2.0410,
    "lower log odds": 0.3809,
    "higher log odds": 0.3589,
}

MIN_PROBABILITY = 0.4
"""Least mean probability of the pairs of two groups that makes them one report."""
