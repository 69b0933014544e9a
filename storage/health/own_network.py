"""Detects when our own network is down, because nearly all outlets fail at the same time.

A run that got no answer at all (not even an error page), while the runs of other outlets at about
the same time got none either, is no evidence about its outlet. It is marked, and the assessment of
the outlet skips it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import orjson
from sqlalchemy import Connection, func, select, update

from storage.counts import Count
from storage.engine import Facet
from storage.health.assessment import RUNS_TO_CONFIRM
from storage.records import Run, RunOutcome
from storage.runs.runs import run_from_row
from storage.tables.articles import source_state
from storage.tables.meta import get_meta, set_meta
from storage.tables.runs import run
from storage.wording.numbers import format_count

"""The count that marks a run that failed because our own network was down."""
MIN_OUTLETS = 3  # with fewer silent outlets, a few outlets may be down and not our network
MIN_OTHER_OUTLETS = 5  # other outlets crawled at about that time (all, if there are fewer)
MIN_SILENT_SHARE = 0.9  # of the outlets crawled at about that time
NEARBY_PERIOD = timedelta(minutes=15)
ACTIVE_PERIOD = timedelta(days=1)

MIN_OUTAGE_GAP = timedelta(hours=1)  # between two outages
_META_KEY = "network.out"
_SUCCESS_OUTCOMES = (RunOutcome.OK, RunOutcome.QUIET, RunOutcome.DEGRADED, RunOutcome.EMPTY)
_ANSWER_COUNTS = (Count.ANSWERED, Count.SOURCE_OK, Count.SOURCE_UNCHANGED, Count.SOURCE_REFUSED, Count.SOURCE_ERROR, Count.PAGE_FETCHED)  # fmt: skip


def got_any_answer(run: Run) -> bool | None:
    """Whether a run got any answer, even an error; None if it sent no request."""
    if any(run.counts.get(name) for name in _ANSWER_COUNTS):
        return True
    return False if run.outcome and run.counts.get(Count.SOURCE_UNREACHABLE) else None


def is_common_outage(failed_run: Run, others: Iterable[Run], other_outlet_count: int) -> bool:
    """Whether nearly all other outlets got no answer when `failed_run` got none.

    `others`: runs of other outlets at about that time. `other_outlet_count`: number of other
    outlets that are crawled at all. For each outlet, the first run that began after `failed_run`
    counts, else the last one before it.
    """
    ordered = sorted(others, key=lambda each: each.started_at)
    nearby = {each.outlet: each for each in ordered if each.started_at < failed_run.started_at}
    nearby |= {
        each.outlet: each for each in reversed(ordered) if each.started_at >= failed_run.started_at
    }
    answers = [answer for each in nearby.values() if (answer := got_any_answer(each)) is not None]
    silent_count = 1 + answers.count(False)
    if silent_count < MIN_OUTLETS or len(answers) < min(MIN_OTHER_OUTLETS, other_outlet_count):
        return False
    return silent_count >= MIN_SILENT_SHARE * (1 + len(answers))


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
        since, over = (time and f"{time:%Y-%m-%d %H:%M}" for time in (self.since_at, self.over_at))
        description = f"seems to have been out from {since} to {over}" if over else f"seems to be out since {since}"  # fmt: skip
        return f"your own network {description} UTC: none of {format_count(self.outlets, 'outlet')} could be reached"


class OwnNetwork(Facet):
    """Outages of our own network."""

    def last_outage(self) -> Outage | None:
        """Returns the last outage of our own network; None if there was none."""
        return self._database.read(_load_outage)

    def record_announcement(self, outage: Outage, told_at: datetime) -> None:
        """Records that the alert was delivered, or given up."""
        announced = Outage(outage.since_at, outage.last_at, outage.outlets, told_at=told_at)
        self._database.write(lambda connection: _store_outage(connection, announced))


def mark_own_network_failures(
    connection: Connection, outlet_name: str, runs: Sequence[Run]
) -> None:
    """Marks the last runs of an outlet that failed together with nearly all other outlets.

    `runs`: newest first; their `own_network` is set in place and in the database. If runs are
    marked, failing sources of the outlet lose their wait. If RUNS_TO_CONFIRM runs are marked, the
    outage is stored.
    """
    with_requests = [each for each in runs if got_any_answer(each) is not None]
    streak = list(takewhile(lambda each: got_any_answer(each) is False, with_requests))[
        :RUNS_TO_CONFIRM
    ]
    for each in streak:
        if each.own_network:
            continue
        if is_common_outage(
            each, _load_nearby_runs(connection, each), _count_other_outlets(connection, each)
        ):
            each.own_network = True
            connection.execute(update(run).where(run.c.id == each.id), {"own_network": True})
    marked_runs = [each for each in streak if each.own_network]
    if not marked_runs:
        return
    # No request reached the outlet, so its sources need no wait before the next poll.
    first_started_at = marked_runs[-1].started_at
    is_failing = (source_state.c.outlet == outlet_name) & (
        source_state.c.failing_since >= first_started_at
    )
    connection.execute(update(source_state).where(is_failing), {"next_at": None})
    if len(marked_runs) == RUNS_TO_CONFIRM:
        _record_outage(connection, first_started_at, marked_runs[0])


def _load_nearby_runs(connection: Connection, failed_run: Run) -> list[Run]:
    ended_at = failed_run.ended_at or failed_run.started_at
    is_nearby = run.c.ended_at.between(
        failed_run.started_at - NEARBY_PERIOD, ended_at + NEARBY_PERIOD
    )
    query = select(run).where(is_nearby, run.c.outlet != failed_run.outlet, run.c.kind == "crawl")
    return [run_from_row(row) for row in connection.execute(query)]


def _count_other_outlets(connection: Connection, failed_run: Run) -> int:
    """Counts the other outlets with a crawl in the last day."""
    is_other_outlet = (run.c.outlet != failed_run.outlet) & (run.c.kind == "crawl")
    is_recent = run.c.ended_at.between(failed_run.started_at - ACTIVE_PERIOD, failed_run.started_at)
    query = select(func.count(run.c.outlet.distinct())).where(is_other_outlet, is_recent)
    return int(connection.scalar(query) or 0)


def _record_outage(connection: Connection, first_started_at: datetime, last_run: Run) -> None:
    previous = _load_outage(connection)
    outlets = (
        len(
            {
                each.outlet
                for each in _load_nearby_runs(connection, last_run)
                if got_any_answer(each) is False
            }
        )
        + 1
    )
    continues_previous = previous and (
        previous.over_at is None or first_started_at - previous.last_at < MIN_OUTAGE_GAP
    )
    if previous and continues_previous:
        outlets = max(previous.outlets, outlets)
        _store_outage(
            connection, Outage(previous.since_at, last_run.started_at, outlets, previous.told_at)
        )
    else:
        _store_outage(connection, Outage(first_started_at, last_run.started_at, outlets))


def _store_outage(connection: Connection, outage: Outage) -> None:
    set_meta(connection, _META_KEY, orjson.dumps(outage).decode())


def _load_outage(connection: Connection) -> Outage | None:
    value = get_meta(connection, _META_KEY)
    if value is None:
        return None
    stored = orjson.loads(value)
    time_names = ("since_at", "last_at", "told_at")
    times = {name: datetime.fromisoformat(stored[name]) for name in time_names if stored[name]}
    query = select(func.min(run.c.started_at)).where(
        run.c.ended_at > times["last_at"],
        run.c.started_at > times["last_at"],
        run.c.outcome.in_(_SUCCESS_OUTCOMES),
    )
    return Outage(outlets=stored["outlets"], over_at=connection.scalar(query), **times)
