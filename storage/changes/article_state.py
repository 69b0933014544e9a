"""Whether an article is still there: a state machine over its captures and its outlet's listings. Pure.

    live      its page answers with the article
    unlisted  it answers, but a listing that should hold it dropped it
    missing   404, 410, a soft 404, a "NULL" page, or a redirect to the front page
    gone      missing in at least 3 checks over at least 14 days
    restored  it answers again after it was missing or gone

A check counts as missing only if it was witnessed: in the same run another article at an address of
the same shape answered as it should. So an outage, a block or a redesign never makes an article
missing: then nothing at such addresses answers. (EDGI's rule for the same purpose, a success rate
of 75 %, would overlook the deletion of most of an archive.)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GONE_AFTER = timedelta(days=14)
MIN_GONE_CHECKS = 3


class ArticleState(StrEnum):
    """Where an article stands."""

    LIVE = "live"
    UNLISTED = "unlisted"
    MISSING = "missing"
    GONE = "gone"
    RESTORED = "restored"


class ObservationKind(StrEnum):
    """What one look at an article told."""

    PRESENT = "present"
    MISSING = "missing"
    UNCLEAR = "unclear"  # blocked, a server's error, a page of another kind
    DROPPED = "dropped"  # a listing that should hold it does not
    LISTED = "listed"  # a listing that had dropped it holds it again


@dataclass(frozen=True, slots=True)
class Observation:
    """One look. `witnessed`: the outlet was otherwise healthy; `how`: what was found, in words.

    `after`: of a listing's DROPPED, when it last held the article.
    """

    at: datetime
    kind: ObservationKind
    witnessed: bool = True
    how: str = ""
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state that happened between `after` and `before`, and was known at `found_at`."""

    was: ArticleState
    state: ArticleState
    after: datetime | None
    before: datetime
    found_at: datetime
    how: str


@dataclass(slots=True)
class ArticleStatus:
    """An article's state, and what led there. `misses`: witnessed ones since it was last seen."""

    state: ArticleState = ArticleState.LIVE
    last_seen_at: datetime | None = None
    first_miss: datetime | None = None
    last_miss: datetime | None = None
    misses: int = 0

    def observe(self, look: Observation) -> Transition | None:
        """Take in one look, which must not be earlier than the one before; the change that it made."""
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
    """The state that all looks lead to, whatever order they come in, and the changes on the way."""
    standing = ArticleStatus()
    ordered = sorted(looks, key=lambda look: look.at)
    return standing, [made for look in ordered if (made := standing.observe(look))]


_PRESENT_OUTCOMES = frozenset({"new", "same", "edited", "stub", "not-modified"})


def classify_outcome(outcome: str) -> ObservationKind:
    """What a capture's outcome says of the article."""
    if outcome in _PRESENT_OUTCOMES or outcome.startswith("moved"):
        return ObservationKind.PRESENT
    return ObservationKind.MISSING if outcome.startswith("gone") else ObservationKind.UNCLEAR
