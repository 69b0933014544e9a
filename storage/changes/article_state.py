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

from storage.records import CaptureOutcome

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

    def observe(self, observation: Observation) -> Transition | None:
        """Adds an observation. Returns the transition that it causes, or None.

        Observations must come in order of time.
        """
        if observation.kind is ObservationKind.PRESENT:
            return self._observe_present(observation)
        if observation.kind is ObservationKind.MISSING:
            return self._observe_missing(observation) if observation.witnessed else None
        if observation.kind is ObservationKind.DROPPED and self.state in (
            ArticleState.LIVE,
            ArticleState.RESTORED,
        ):
            return self._transition_to(
                ArticleState.UNLISTED, observation.after, observation.at, observation
            )
        if observation.kind is ObservationKind.LISTED and self.state is ArticleState.UNLISTED:
            return self._transition_to(
                ArticleState.LIVE, observation.after, observation.at, observation
            )
        return None

    def _observe_present(self, observation: Observation) -> Transition | None:
        was_away, last_miss = (
            self.state in (ArticleState.MISSING, ArticleState.GONE),
            self.last_miss,
        )
        self.last_seen_at, self.first_miss, self.last_miss, self.misses = (
            observation.at,
            None,
            None,
            0,
        )
        return (
            self._transition_to(ArticleState.RESTORED, last_miss, observation.at, observation)
            if was_away
            else None
        )

    def _observe_missing(self, observation: Observation) -> Transition | None:
        self.misses += 1
        self.first_miss = self.first_miss or observation.at
        self.last_miss = observation.at
        if self.state not in (ArticleState.MISSING, ArticleState.GONE):
            return self._transition_to(
                ArticleState.MISSING, self.last_seen_at, observation.at, observation
            )
        is_gone = observation.at - self.first_miss >= GONE_AFTER and self.misses >= MIN_GONE_CHECKS
        if self.state is ArticleState.MISSING and is_gone:
            how = f"{observation.how}; {self.misses} checks since {self.first_miss:%Y-%m-%d}"
            return self._transition_to(
                ArticleState.GONE, self.last_seen_at, self.first_miss, observation, how
            )
        return None

    def _transition_to(
        self,
        state: ArticleState,
        after: datetime | None,
        before: datetime,
        observation: Observation,
        how: str = "",
    ) -> Transition:
        previous, self.state = self.state, state
        return Transition(previous, state, after, before, observation.at, how or observation.how)


def replay_observations(
    observations: Iterable[Observation],
) -> tuple[ArticleStatus, list[Transition]]:
    """Returns the final state after all observations, in any order, and all transitions."""
    status = ArticleStatus()
    ordered = sorted(observations, key=lambda observation: observation.at)
    return status, [
        transition for observation in ordered if (transition := status.observe(observation))
    ]


_PRESENT_OUTCOMES = frozenset(
    {
        CaptureOutcome.NEW,
        CaptureOutcome.SAME,
        CaptureOutcome.EDITED,
        CaptureOutcome.STUB,
        CaptureOutcome.NOT_MODIFIED,
        CaptureOutcome.MOVED,
    }
)


def classify_outcome(outcome: CaptureOutcome) -> ObservationKind:
    """Returns what the outcome of a capture says about the article."""
    if outcome in _PRESENT_OUTCOMES:
        return ObservationKind.PRESENT
    is_gone = outcome is CaptureOutcome.GONE
    return ObservationKind.MISSING if is_gone else ObservationKind.UNCLEAR
