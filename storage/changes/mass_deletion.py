"""Many known articles missing at once: told from the few that any outlet loses. Pure.

What counts is the article, once, however often it is looked for in vain: at the first look that did
not find it, while a sibling of it was found. The looks before, which found it, and those at its
siblings are what so many losses are held against; later looks at what is lost say nothing new.
"""

from dataclasses import dataclass
from datetime import timedelta

from storage.statistics import binomial_tail

MASS_DELETION = "mass-deletion"
ALARM_WINDOW = timedelta(hours=48)
BASELINE_PERIOD = timedelta(days=90)
NEXT_REVISIT_WITHIN = timedelta(
    days=8
)  # within which what was lost in the window is looked for again
MIN_LOST_ARTICLES = 5  # lost articles below which nobody is woken
SIGNIFICANCE_LEVEL = 1e-6


@dataclass(frozen=True, slots=True)
class RevisitCounts:
    """Looks at articles that were there the last time: how many found them, how many lost them."""

    present: int = 0
    lost: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.present + self.lost


def is_mass_deletion(recent: RevisitCounts, baseline: RevisitCounts) -> bool:
    """Whether so many losses are no accident: less likely than one in a million.

    One-sided binomial test of the window against the outlet's own past; the past counts as if one of
    twenty further looks had lost its article, so that a young outlet is not alarmed by its first losses.
    """
    if recent.lost < MIN_LOST_ARTICLES:
        return False
    rate = (baseline.lost + 1) / (baseline.total + 20)
    return binomial_tail(recent.lost, recent.total, rate) < SIGNIFICANCE_LEVEL
