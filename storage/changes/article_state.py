"""Decides whether an article is still online. No I/O.

A state machine over the captures of an article and the listings of its outlet:

    live      the page answers with the article
    unlisted  the page answers, but a listing that should contain the article dropped it
    missing   404, 410, a soft 404, a "NULL" page, or a redirect to the front page
    gone      missing in at least 3 checks over at least 14 days
    restored  the page answers again after it was missing or gone

A check counts as missing only if it was witnessed: in the same run another article at an address of
the same shape answered normally. In an outage, a block or a redesign no page at such addresses
answers, so none of these makes an article missing. (EDGI uses a success rate of 75 % for the same
purpose. That rule would overlook the deletion of most of an archive.)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GONE_AFTER = timedelta(days=14)
MIN_GONE_CHECKS = 3


class ArticleState(StrEnum):
    """The state of an article: see the module."""

    LIVE = "live"
    UNLISTED = "unlisted"
    MISSING = "missing"
    GONE = "gone"
    RESTORED = "restored"


class ObservationKind(StrEnum):
    """The result of one observation of an article."""

    PRESENT = "present"
    MISSING = "missing"
    UNCLEAR = "unclear"  # blocked, a server error, a page of another kind
    DROPPED = "dropped"  # a listing that should contain it does not
    LISTED = "listed"  # a listing that had dropped it contains it again


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation of an article: a capture, or a listing that dropped or contains it.

    `witnessed`: a sibling answered normally in the same run. `how`: the finding in words. `after`:
    for DROPPED, when the listing last contained the article; for LISTED, the last drop before it.
    """

    at: datetime
    kind: ObservationKind
    witnessed: bool = True
    how: str = ""
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state. It happened between `after` and `before`, and was known at `found_at`."""

    was: ArticleState
    state: ArticleState
    after: datetime | None
    before: datetime
    found_at: datetime
    how: str


@dataclass(slots=True)
class ArticleStatus:
    """The state of an article and its evidence.

    `misses`: witnessed checks that did not find it since it was last present.
    """

    state: ArticleState = ArticleState.LIVE
    last_seen_at: datetime | None = None
    first_miss: datetime | None = None
    last_miss: datetime | None = None
    misses: int = 0

    def observe(self, look: Observation) -> Transition | None:
        """Adds an observation. Returns the transition that it causes, or None.

        Observations must come in order of time.
        """
        if look.kind is ObservationKind.PRESENT:
            return self._observe_present(look)
        if look.kind is ObservationKind.MISSING:
            return self._observe_missing(look) if look.witnessed else None
        if look.kind is ObservationKind.DROPPED and self.state in (
            ArticleState.LIVE,
            ArticleState.RESTORED,
        ):
            return self._transition_to(ArticleState.UNLISTED, look.after, look.at, look)
        if look.kind is ObservationKind.LISTED and self.state is ArticleState.UNLISTED:
            return self._transition_to(ArticleState.LIVE, look.after, look.at, look)
        return None

    def _observe_present(self, look: Observation) -> Transition | None:
        was_away, missed = self.state in (ArticleState.MISSING, ArticleState.GONE), self.last_miss
        self.last_seen_at, self.first_miss, self.last_miss, self.misses = look.at, None, None, 0
        return (
            self._transition_to(ArticleState.RESTORED, missed, look.at, look) if was_away else None
        )

    def _observe_missing(self, look: Observation) -> Transition | None:
        self.misses += 1
        self.first_miss = self.first_miss or look.at
        self.last_miss = look.at
        if self.state not in (ArticleState.MISSING, ArticleState.GONE):
            return self._transition_to(ArticleState.MISSING, self.last_seen_at, look.at, look)
        long = look.at - self.first_miss >= GONE_AFTER and self.misses >= MIN_GONE_CHECKS
        if self.state is ArticleState.MISSING and long:
            how = f"{look.how}; {self.misses} checks since {self.first_miss:%Y-%m-%d}"
            return self._transition_to(
                ArticleState.GONE, self.last_seen_at, self.first_miss, look, how
            )
        return None

    def _transition_to(
        self,
        state: ArticleState,
        after: datetime | None,
        before: datetime,
        look: Observation,
        how: str = "",
    ) -> Transition:
        was, self.state = self.state, state
        return Transition(was, state, after, before, look.at, how or look.how)


def replay_observations(looks: Iterable[Observation]) -> tuple[ArticleStatus, list[Transition]]:
    """Returns the final state after all observations, in any order, and all transitions."""
    standing = ArticleStatus()
    ordered = sorted(looks, key=lambda look: look.at)
    return standing, [made for look in ordered if (made := standing.observe(look))]


_PRESENT_OUTCOMES = frozenset({"new", "same", "edited", "stub", "not-modified"})


def classify_outcome(outcome: str) -> ObservationKind:
    """Returns what the outcome of a capture says about the article."""
    if outcome in _PRESENT_OUTCOMES or outcome.startswith("moved"):
        return ObservationKind.PRESENT
    return ObservationKind.MISSING if outcome.startswith("gone") else ObservationKind.UNCLEAR
