"""Decides whether an outlet lost so many articles at once that it is a mass deletion. No I/O.

An article counts as lost once: at the first revisit that did not find it while a sibling of it was
found. Later revisits of the lost article add nothing. The losses are compared with the number of
revisits that found their article.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from storage.statistics import binomial_tail

ALARM_WINDOW = timedelta(hours=48)
BASELINE_PERIOD = timedelta(days=90)
# Articles that were lost within the window are revisited within this time.
NEXT_REVISIT_WITHIN = timedelta(days=8)
MIN_LOST_ARTICLES = 5  # fewer lost articles raise no alarm
SIGNIFICANCE_LEVEL = 1e-6


class AlarmKind(StrEnum):
    """Why an alarm is raised."""

    MASS_DELETION = "mass-deletion"  # siblings of the missing articles answered
    # None of them answered: the site was rebuilt, or all of it was removed.
    NOTHING_ANSWERS = "nothing answers"


@dataclass(frozen=True, slots=True)
class RevisitCounts:
    """Revisits of articles that were there the time before: how many found them and how many not."""

    present: int = 0
    lost: int = 0

    @property
    def total(self) -> int:
        """The number of all these revisits."""
        return self.present + self.lost


def is_mass_deletion(recent: RevisitCounts, baseline: RevisitCounts) -> bool:
    """Decides whether the number of losses is no accident: a probability below one in a million.

    This is a one-sided binomial test of the window against the outlet's own history. The history
    gets one loss in twenty revisits added, so that the first losses of a young outlet raise no
    alarm.
    """
    if recent.lost < MIN_LOST_ARTICLES:
        return False
    rate = (baseline.lost + 1) / (baseline.total + 20)
    return binomial_tail(recent.lost, recent.total, rate) < SIGNIFICANCE_LEVEL
