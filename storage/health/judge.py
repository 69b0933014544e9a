"""How an outlet stands, judged by its last runs against its own past. Pure.

One bad run is an accident; three in a row are a state. What a run failed at is told apart: its sources
(the feed, the listing) or its pages, since a feed may answer for weeks while no page can be read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from storage.health.days import FIELDS, Day
from storage.health.signs import Cause, Sign, network_cause, read_sign
from storage.records import Run, RunOutcome
from storage.statistics import binomial_tail

IN_A_ROW = 3  # bad runs that make an outlet broken
LOOK_BACK = 10  # runs in which failing several times makes it degraded
OFTEN = 3  # times
UNLIKELY = 1e-5  # that so many fields are missing by chance
LEAST_DAYS = 14  # watched, before a silence can be told from a quiet outlet
STILL = 1e-3  # that days without articles follow each other by chance
LEAST_STILL = 3
# Counts of pages that failed, by what that means where others were read.
PARTS: Mapping[Cause, tuple[str, ...]] = {
    Cause.LAYOUT: ("page.error", "page.truncated"),
    Cause.REFUSED: ("page.refused", "page.blocked"),
    Cause.UNREACHABLE: ("page.unreachable",),
    Cause.PARSE: ("rejected", "article.invalid", "exceptions"),
}


class State(StrEnum):
    """How an outlet stands. The order is that of gravity."""

    OK = "ok"
    QUIET = "quiet"  # nothing new, and nothing wrong
    DEGRADED = "degraded"  # articles come, and something is missing or fails often
    BROKEN = "broken"  # three runs in a row in vain

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look."""
        return self in (State.OK, State.QUIET)


@dataclass(frozen=True, slots=True)
class Health:
    """`since_at`: when what is told began; `evidence`: one line."""

    state: State
    since_at: datetime
    cause: Cause | None = None
    evidence: str = ""


def judge(
    runs: Sequence[Run], days: Sequence[Day], previous: Health | None, now: datetime
) -> Health | None:
    """Judge an outlet by its last crawls, newest first, and by the days before; None before any.

    While it is not well, its past is what came before: else the new state would be the usual one soon.
    """
    signs = [sign for run in runs if (sign := read_sign(run))]
    if not signs:
        return None
    until = previous.since_at if previous and not previous.state.is_well else None
    past = Past.of(signs, days, until)
    found = (
        _broken(signs)
        or _often_bad(signs, previous)
        or _parts_fail(signs)
        or _less_than_usual(signs, past)
        or _silent(signs, days, now)
        or _well(signs)
    )
    if previous and (previous.state, previous.cause) == (found.state, found.cause):
        return Health(found.state, previous.since_at, found.cause, found.evidence)
    return found


def _broken(signs: Sequence[Sign]) -> Health | None:
    for part in ("sources", "pages"):
        bad = list(_streak(signs, part))
        if len(bad) >= IN_A_ROW:
            cause = Counter(getattr(sign, part) for sign in bad[:IN_A_ROW]).most_common(1)[0][0]
            told = f"{len(bad)} runs in a row: {bad[0].run.cause}"
            return Health(State.BROKEN, _began(bad[-1]), cause, told)
    return None


def _streak(signs: Sequence[Sign], part: str) -> Iterator[Sign]:
    """The latest runs without a good one between; those without evidence are passed over."""
    for sign in signs:
        said = getattr(sign, part)
        if said == "":
            return
        if said is not None:
            yield sign


def _often_bad(signs: Sequence[Sign], previous: Health | None) -> Health | None:
    """Bad runs again and again between good ones; also an outlet of which nothing good is known yet.

    An outage that is over is not told once more: times are counted, not runs.
    """
    recent = signs[:LOOK_BACK]
    bad = [sign for sign in recent if sign.wrong]
    if not bad:
        return None
    times = sum(wrong for wrong, _ in groupby(sign.wrong is not None for sign in recent))
    # Left later than entered, so that a state near the limit does not flicker.
    often = OFTEN - 1 if previous and previous.state is State.DEGRADED else OFTEN
    if times < often and len(bad) < len(recent):
        return None
    cause = Counter(sign.wrong for sign in bad).most_common(1)[0][0]
    told = f"{len(bad)} of the last {len(recent)} runs failed, last: {bad[0].run.cause}"
    return Health(State.DEGRADED, _began(bad[-1]), cause, told)


def _parts_fail(signs: Sequence[Sign]) -> Health | None:
    """A source or most pages that failed in each of the last runs, while the others answered."""
    last = [sign for sign in signs if sign.sources == ""][:IN_A_ROW]
    missed = ("source.refused", "source.unreachable", "source.error")
    if len(last) == IN_A_ROW and all(any(map(sign.count, missed)) for sign in last):
        cause = network_cause(last[0].run.counts, "source")
        return Health(State.DEGRADED, _began(last[-1]), cause, last[0].run.cause)
    last = list(signs[:IN_A_ROW])
    if len(last) == IN_A_ROW and all(sign.run.outcome is RunOutcome.FAILED for sign in last):
        return Health(State.DEGRADED, _began(last[-1]), Cause.PARSE, last[0].run.cause)
    last = [sign for sign in signs if sign.read][:IN_A_ROW]
    for cause, ways in PARTS.items():
        failed = sum(sign.count(way) for sign in last for way in ways)
        read = sum(sign.read for sign in last)
        if len(last) == IN_A_ROW and failed > read and failed >= 2 * IN_A_ROW:
            told = f"{failed} failed and {read} were read in 3 runs, last: {last[0].run.cause}"
            return Health(State.DEGRADED, _began(last[-1]), cause, told)
    return None


@dataclass(frozen=True, slots=True)
class Past:
    """What was usual before the last runs: links listed at the least, and sums over articles."""

    listed: Sequence[int]
    pages: int
    read: int
    fields: Mapping[str, int]

    @classmethod
    def of(cls, signs: Sequence[Sign], days: Sequence[Day], until: datetime | None) -> "Past":
        """`until`: since when the outlet is not well, None if it is."""
        before = signs[IN_A_ROW:] if until is None else [s for s in signs if _began(s) < until]
        # The days of these runs are counted by the runs.
        oldest = min((_began(sign) for sign in signs), default=until)
        first = min(at for at in (oldest, until) if at).date()
        older = [day for day in days if day.day < first]
        fields = Counter[str]()
        for each in older:
            fields.update(each.fields)
        for sign in before:
            fields.update({name: sign.count(f"field.{name}") for name in FIELDS})
        return cls(
            [day.listed for day in older if day.listed]
            + [sign.count("listed") for sign in before if sign.lists_all],
            sum(day.pages for day in older) + sum(s.count("page.fetched") for s in before),
            sum(day.read for day in older) + sum(sign.read for sign in before),
            fields,
        )


def _began(sign: Sign) -> datetime:
    return sign.run.started_at


def _less_than_usual(signs: Sequence[Sign], past: Past) -> Health | None:
    return _fields_missing(signs, past) or _more_pages(signs, past) or _fewer_links(signs, past)


def _fields_missing(signs: Sequence[Sign], past: Past) -> Health | None:
    last = [sign for sign in signs if sign.read][:IN_A_ROW]
    now = sum(sign.read for sign in last)
    for name in FIELDS:
        had = sum(sign.count(f"field.{name}") for sign in last)
        usual = min(past.fields.get(name, 0), past.read)
        missing = (past.read - usual + 1) / (past.read + 20)
        if (
            now
            and had * past.read < usual * now / 2
            and binomial_tail(now - had, now, missing) < UNLIKELY
        ):
            told = f"{name} in {had} of {now} articles, before in {usual} of {past.read}"
            return Health(State.DEGRADED, _began(last[-1]), Cause.LAYOUT, told)
    return None


def _more_pages(signs: Sequence[Sign], past: Past) -> Health | None:
    """Many more requests for an article than there were."""
    last = [sign for sign in signs if sign.read][:IN_A_ROW]
    pages, read = sum(s.count("page.fetched") for s in last), sum(s.read for s in last)
    if (
        len(last) < IN_A_ROW
        or pages < 12
        or past.read < 20
        or pages * past.read < 3 * past.pages * read
    ):
        return None
    told = f"{pages} pages for {read} articles, before {past.pages} for {past.read}"
    return Health(State.DEGRADED, _began(last[-1]), Cause.LAYOUT, told)


def _fewer_links(signs: Sequence[Sign], past: Past) -> Health | None:
    """Less than half of the fewest links ever listed, three times in a row."""
    last = [sign for sign in signs if sign.lists_all][:IN_A_ROW]
    if len(last) < IN_A_ROW or len(past.listed) < 7:
        return None
    now, least = max(sign.count("listed") for sign in last), min(past.listed)
    if least < 6 or 2 * now >= least:
        return None
    told = f"{now} articles listed, never fewer than {least} before"
    return Health(State.DEGRADED, _began(last[-1]), Cause.LAYOUT, told)


def _silent(signs: Sequence[Sign], days: Sequence[Day], now: datetime) -> Health | None:
    """Watched days without an article that chance, or this outlet's habit, does not explain."""
    stale = [s for s in signs if s.run.outcome is not RunOutcome.QUIET][:IN_A_ROW]
    if len(stale) == IN_A_ROW and all(sign.is_stale for sign in stale):
        return Health(State.DEGRADED, _began(stale[-1]), Cause.SILENT, stale[0].run.cause)
    watched = sorted(
        (day for day in days if day.seen and day.day < now.date()), key=lambda d: d.day
    )
    runs = [(busy, list(some)) for busy, some in groupby(watched, key=lambda day: day.read > 0)]
    today = any(sign.read for sign in signs if _began(sign).date() == now.date())
    if not runs or runs[-1][0] or today:
        return None
    still = runs.pop()[1]
    gaps = [len(some) for busy, some in runs if not busy]
    before = sum(len(some) for _, some in runs)
    active = sum(len(some) for busy, some in runs if busy)
    chance = (1 - active / (before + 1)) ** len(still)
    habit = max(LEAST_STILL, 1 + 2 * max(gaps, default=0))
    if before < LEAST_DAYS or len(still) < habit or chance >= STILL:
        return None
    usual = f"never more than {max(gaps)}" if gaps else "none"
    told = f"{len(still)} days without a new article, {usual} before"
    since = datetime.combine(still[0].day, datetime.min.time(), now.tzinfo)
    return Health(State.DEGRADED, since, Cause.SILENT, told)


def _well(signs: Sequence[Sign]) -> Health:
    good = [sign for sign in signs if not sign.wrong][:IN_A_ROW]
    busy = any(sign.count("stored.new") or sign.count("stored.edited") for sign in good)
    state = State.OK if busy else State.QUIET
    since = _began(good[-1] if not busy else good[0])
    return Health(state, since, None, "" if busy else f"nothing new in {len(good)} runs")
