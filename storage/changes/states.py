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
GONE_CHECKS = 3


class State(StrEnum):
    """Where an article stands."""

    LIVE = "live"
    UNLISTED = "unlisted"
    MISSING = "missing"
    GONE = "gone"
    RESTORED = "restored"


class Sight(StrEnum):
    """What one look at an article told."""

    PRESENT = "present"
    MISSING = "missing"
    UNCLEAR = "unclear"  # blocked, a server's error, a page of another kind
    DROPPED = "dropped"  # a listing that should hold it does not
    LISTED = "listed"  # a listing that had dropped it holds it again


@dataclass(frozen=True, slots=True)
class Look:
    """One look. `witnessed`: the outlet was otherwise healthy; `how`: what was found, in words.

    `after`: of a listing's DROPPED, when it last held the article.
    """

    at: datetime
    sight: Sight
    witnessed: bool = True
    how: str = ""
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state that happened between `after` and `before`, and was known at `found_at`."""

    was: State
    state: State
    after: datetime | None
    before: datetime
    found_at: datetime
    how: str


@dataclass(slots=True)
class Standing:
    """An article's state, and what led there. `misses`: witnessed ones since it was last seen."""

    state: State = State.LIVE
    seen_at: datetime | None = None
    first_miss: datetime | None = None
    last_miss: datetime | None = None
    misses: int = 0

    def look(self, look: Look) -> Transition | None:
        """Take in one look, which must not be earlier than the one before; the change that it made."""
        if look.sight is Sight.PRESENT:
            return self._present(look)
        if look.sight is Sight.MISSING:
            return self._missing(look) if look.witnessed else None
        if look.sight is Sight.DROPPED and self.state in (State.LIVE, State.RESTORED):
            return self._to(State.UNLISTED, look.after, look.at, look)
        if look.sight is Sight.LISTED and self.state is State.UNLISTED:
            return self._to(State.LIVE, look.after, look.at, look)
        return None

    def _present(self, look: Look) -> Transition | None:
        was_away, missed = self.state in (State.MISSING, State.GONE), self.last_miss
        self.seen_at, self.first_miss, self.last_miss, self.misses = look.at, None, None, 0
        return self._to(State.RESTORED, missed, look.at, look) if was_away else None

    def _missing(self, look: Look) -> Transition | None:
        self.misses += 1
        self.first_miss = self.first_miss or look.at
        self.last_miss = look.at
        if self.state not in (State.MISSING, State.GONE):
            return self._to(State.MISSING, self.seen_at, look.at, look)
        long = look.at - self.first_miss >= GONE_AFTER and self.misses >= GONE_CHECKS
        if self.state is State.MISSING and long:
            how = f"{look.how}; {self.misses} checks since {self.first_miss:%Y-%m-%d}"
            return self._to(State.GONE, self.seen_at, self.first_miss, look, how)
        return None

    def _to(
        self, state: State, after: datetime | None, before: datetime, look: Look, how: str = ""
    ) -> Transition:
        was, self.state = self.state, state
        return Transition(was, state, after, before, look.at, how or look.how)


def follow(looks: Iterable[Look]) -> tuple[Standing, list[Transition]]:
    """The state that all looks lead to, whatever order they come in, and the changes on the way."""
    standing = Standing()
    ordered = sorted(looks, key=lambda look: look.at)
    return standing, [made for look in ordered if (made := standing.look(look))]


_PRESENT = frozenset({"new", "same", "edited", "stub", "not-modified"})


def sight_of(outcome: str) -> Sight:
    """What a capture's outcome says of the article."""
    if outcome in _PRESENT or outcome.startswith("moved"):
        return Sight.PRESENT
    return Sight.MISSING if outcome.startswith("gone") else Sight.UNCLEAR
