"""Weights that `benchmarks.report_weights` fits on labelled articles. Do not edit by hand."""

CARRIER_WEIGHTS: dict[str, float] = {}

ONE_LANGUAGE_WEIGHTS: dict[str, float] = {}

CROSS_LANGUAGE_WEIGHTS: dict[str, float] = {}

MIN_PROBABILITY = 0.4
"""Least mean probability of the pairs of two groups that makes them one report."""
