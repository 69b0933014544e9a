"""Detects when our own network is down, because nearly all outlets fail at the same time.

A run that got no answer at all (not even an error page), while the runs of other outlets at about
the same time got none either, is no evidence about its outlet. It is marked, and the assessment of
the outlet skips it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection, func, select, update

from storage.engine import Facet
from storage.health.assessment import RUNS_TO_CONFIRM
from storage.records import Run, RunOutcome
from storage.runs.runs import run_from_row
from storage.statements import insert_or_ignore
from storage.tables.articles import meta, run, source_state

OWN_NETWORK_COUNT = "own_network"
"""The count that marks a run that failed because our own network was down."""
MIN_OUTLETS = 3  # with fewer silent outlets, a few outlets may be down and not our network
MIN_OTHER_OUTLETS = 5  # other outlets crawled at about that time (all, if there are fewer)
MIN_SILENT_SHARE = 0.9  # of the outlets crawled at about that time
NEARBY_PERIOD = timedelta(minutes=15)
ACTIVE_PERIOD = timedelta(days=1)

MIN_OUTAGE_GAP = timedelta(hours=1)  # between two outages
_META_KEY = "network.out"
_SUCCESS_OUTCOMES = (RunOutcome.OK, RunOutcome.QUIET, RunOutcome.DEGRADED, RunOutcome.EMPTY)
_ANSWER_COUNTS = ("answered", "source.ok", "source.unchanged", "source.refused", "source.error", "page.fetched")  # fmt: skip


def got_any_answer(run: Run) -> bool | None:
    """Whether a run got any answer, even an error; None if it sent no request."""
    if any(run.counts.get(name) for name in _ANSWER_COUNTS):
        return True
    return False if run.outcome and run.counts.get("source.unreachable") else None


def is_common_outage(failed_run: Run, others: Iterable[Run], other_outlet_count: int) -> bool:
    """Whether nearly all other outlets got no answer when `failed_run` got none.

    `others`: runs of other outlets at about that time. `other_outlet_count`: number of other
    outlets that are crawled at all. For each outlet, the first run that began after `failed_run`
    counts, else the last one before it.
    """
    ordered = sorted(others, key=lambda each: each.started_at)
    near = {each.outlet: each for each in ordered if each.started_at < failed_run.started_at}
    near |= {
        each.outlet: each for each in reversed(ordered) if each.started_at >= failed_run.started_at
    }
    told = [said for each in near.values() if (said := got_any_answer(each)) is not None]
    silent = 1 + told.count(False)
    if silent < MIN_OUTLETS or len(told) < min(MIN_OTHER_OUTLETS, other_outlet_count):
        return False
    return silent >= MIN_SILENT_SHARE * (1 + len(told))


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage of our own network.

    `last_at`: start of the last run that got no answer. `outlets`: number of outlets without an
    answer. `told_at`: when the alert was delivered or given up. `over_at`: start of the first
    successful run afterwards; None while the outage lasts.
    """

    since_at: datetime
    last_at: datetime
    outlets: int
    told_at: datetime | None = None
    over_at: datetime | None = None

    def format_line(self) -> str:
        """Formats the outage as one line."""
        since, over = (at and f"{at:%Y-%m-%d %H:%M}" for at in (self.since_at, self.over_at))
        when = f"seems to have been out from {since} to {over}" if over else f"seems to be out since {since}"  # fmt: skip
        return f"your own network {when} UTC: none of {self.outlets} outlets could be reached"


class OwnNetwork(Facet):
    """Outages of our own network."""

    def last_outage(self) -> Outage | None:
        """Returns the last outage of our own network; None if there was none."""
        return self._database.read(_load_outage)

    def record_announcement(self, of: Outage, at: datetime) -> None:
        """Records that the alert was delivered, or given up."""
        known = Outage(of.since_at, of.last_at, of.outlets, told_at=at)
        self._database.write(lambda connection: _store_outage(connection, known))


def mark_own_network_failures(connection: Connection, of: str, runs: Sequence[Run]) -> None:
    """Marks the last runs of an outlet that failed together with nearly all other outlets.

    `runs`: newest first; their `counts` are changed in place and in the database. If runs are
    marked, failing sources of the outlet lose their wait. If RUNS_TO_CONFIRM runs are marked, the
    outage is stored.
    """
    asked = [each for each in runs if got_any_answer(each) is not None]
    streak = list(takewhile(lambda each: got_any_answer(each) is False, asked))[:RUNS_TO_CONFIRM]
    for each in streak:
        if each.counts.get(OWN_NETWORK_COUNT):
            continue
        if is_common_outage(
            each, _load_nearby_runs(connection, each), _count_other_outlets(connection, each)
        ):
            each.counts = {**each.counts, OWN_NETWORK_COUNT: 1}
            connection.execute(update(run).where(run.c.id == each.id), {"counts": each.counts})
    marked = [each for each in streak if each.counts.get(OWN_NETWORK_COUNT)]
    if not marked:
        return
    # No request reached the outlet, so its sources need no wait before the next poll.
    first = marked[-1].started_at
    waits = (source_state.c.outlet == of) & (source_state.c.failing_since >= first)
    connection.execute(update(source_state).where(waits), {"next_at": None})
    if len(marked) == RUNS_TO_CONFIRM:
        _record_outage(connection, first, marked[0])


def _load_nearby_runs(connection: Connection, mine: Run) -> list[Run]:
    end = mine.ended_at or mine.started_at
    near = run.c.ended_at.between(mine.started_at - NEARBY_PERIOD, end + NEARBY_PERIOD)
    asked = select(run).where(near, run.c.outlet != mine.outlet, run.c.kind == "crawl")
    return [run_from_row(row) for row in connection.execute(asked)]


def _count_other_outlets(connection: Connection, mine: Run) -> int:
    """Counts the other outlets with a crawl in the last day."""
    others = (run.c.outlet != mine.outlet) & (run.c.kind == "crawl")
    lately = run.c.ended_at.between(mine.started_at - ACTIVE_PERIOD, mine.started_at)
    asked = select(func.count(run.c.outlet.distinct())).where(others, lately)
    return int(connection.scalar(asked) or 0)


def _record_outage(connection: Connection, first: datetime, last: Run) -> None:
    known = _load_outage(connection)
    outlets = (
        len(
            {
                each.outlet
                for each in _load_nearby_runs(connection, last)
                if got_any_answer(each) is False
            }
        )
        + 1
    )
    goes_on = known and (known.over_at is None or first - known.last_at < MIN_OUTAGE_GAP)
    if known and goes_on:
        outlets = max(known.outlets, outlets)
        _store_outage(connection, Outage(known.since_at, last.started_at, outlets, known.told_at))
    else:
        _store_outage(connection, Outage(first, last.started_at, outlets))


def _store_outage(connection: Connection, outage: Outage) -> None:
    value = json.dumps(asdict(outage), default=datetime.isoformat)
    connection.execute(insert_or_ignore(connection, meta), {"key": _META_KEY, "value": value})
    connection.execute(update(meta).where(meta.c.key == _META_KEY), {"value": value})


def _load_outage(connection: Connection) -> Outage | None:
    value = connection.scalar(select(meta.c.value).where(meta.c.key == _META_KEY))
    if value is None:
        return None
    held = json.loads(value)
    times = ("since_at", "last_at", "told_at")
    read = {name: datetime.fromisoformat(held[name]) for name in times if held[name]}
    over = select(func.min(run.c.started_at)).where(
        run.c.ended_at > read["last_at"],
        run.c.started_at > read["last_at"],
        run.c.outcome.in_(_SUCCESS_OUTCOMES),
    )
    return Outage(outlets=held["outlets"], over_at=connection.scalar(over), **read)
