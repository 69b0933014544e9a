"""Many known articles missing at once: told from the few that any outlet loses. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from math import exp, lgamma, log, log1p

WINDOW = timedelta(hours=48)
HISTORY = timedelta(days=90)
LEAST = 5  # missing articles below which nobody is woken
UNLIKELY = 1e-6


@dataclass(frozen=True, slots=True)
class Checks:
    """Known articles that were looked at, how many answered, and how many were not found."""

    present: int = 0
    missing: int = 0

    @property
    def total(self) -> int:
        """All that had a clear answer."""
        return self.present + self.missing


def is_mass_deletion(now: Checks, usual: Checks) -> bool:
    """Whether so many missing ones are no accident: less likely than one in a million.

    One-sided binomial test of the window against the outlet's own past; the past counts as if one of
    twenty further checks had missed, so that a young outlet is not alarmed by its first losses.
    """
    if now.missing < LEAST:
        return False
    rate = (usual.missing + 1) / (usual.total + 20)
    return at_least(now.missing, now.total, rate) < UNLIKELY


def at_least(hits: int, trials: int, rate: float) -> float:
    """The chance of so many hits or more in independent trials."""
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
