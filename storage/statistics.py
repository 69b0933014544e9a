"""Statistical tests for alarms and health. Pure functions."""

from math import exp, lgamma, log, log1p


def binomial_tail(hits: int, trials: int, rate: float) -> float:
    """Returns the probability of `hits` or more successes in independent trials.

    `rate`: the probability of success of one trial (0 to 1). This is the upper tail of the binomial
    distribution, summed term by term from log-gamma values.
    """
    if rate >= 1 or hits <= 0:
        return 1.0
    terms = (
        lgamma(trials + 1)
        - lgamma(k + 1)
        - lgamma(trials - k + 1)
        + k * log(rate)
        + (trials - k) * log1p(-rate)
        for k in range(hits, trials + 1)
    )
    return min(1.0, sum(exp(term) for term in terms))
