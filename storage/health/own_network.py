"""When not the outlets are out of reach but our own network is: told by all of them together.

A run that heard nothing, not even an error page, while the other outlets' runs of about the same time
heard nothing either, says nothing of its outlet. It is marked, and passed over when the outlet is judged.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection, func, select, update

from storage.engine import Facet
from storage.records import Run, RunOutcome
from storage.runs.runs import as_run
from storage.statements import insert_new
from storage.tables.articles import meta, run, source_state

MARK = "own_network"
"""The count of a run that is no evidence of its outlet, since nothing could be reached."""
LEAST = 3  # outlets, below which one that is down cannot be told from a network that is
ENOUGH = 5  # others that must have been asked about then, or all where there are fewer
SHARE = 0.9  # of the outlets that were read about then
NEAR = timedelta(minutes=15)
DAY = timedelta(days=1)
IN_A_ROW = 3  # such runs of one outlet, for which it would have been called broken
ANOTHER = timedelta(hours=1)  # without such a run, after which a new outage begins
_KEY = "network.out"
_READ = (RunOutcome.OK, RunOutcome.QUIET, RunOutcome.DEGRADED, RunOutcome.EMPTY)
_ANSWERS = ("answered", "source.ok", "source.unchanged", "source.refused", "source.error", "page.fetched")  # fmt: skip


def heard(run: Run) -> bool | None:
    """Whether anybody answered a run, with whatever; None where nobody was asked."""
    if any(run.counts.get(name) for name in _ANSWERS):
        return True
    return False if run.outcome and run.counts.get("source.unreachable") else None


def befell_all(mine: Run, others: Iterable[Run], known: int) -> bool:
    """Whether nearly all outlets heard nothing when `mine` did not.

    `others`: runs of other outlets about then; `known`: how many others are read at all.
    Of each counts the first run that began after this one, else the last before it.
    """
    ordered = sorted(others, key=lambda each: each.started_at)
    near = {each.outlet: each for each in ordered if each.started_at < mine.started_at}
    near |= {each.outlet: each for each in reversed(ordered) if each.started_at >= mine.started_at}
    told = [said for each in near.values() if (said := heard(each)) is not None]
    silent = 1 + told.count(False)
    if silent < LEAST or len(told) < min(ENOUGH, known):
        return False
    return silent >= SHARE * (1 + len(told))


@dataclass(frozen=True, slots=True)
class Outage:
    """Our own network out of order. `last_at`: the last run that heard nothing; `outlets`: so many did
    not; `over_at`: when one was read again, None as long as none was.
    """

    since_at: datetime
    last_at: datetime
    outlets: int
    told_at: datetime | None = None
    over_at: datetime | None = None

    def told(self) -> str:
        """It in one line."""
        since, over = (at and f"{at:%Y-%m-%d %H:%M}" for at in (self.since_at, self.over_at))
        when = f"seems to have been out from {since} to {over}" if over else f"seems to be out since {since}"  # fmt: skip
        return f"your own network {when} UTC: none of {self.outlets} outlets could be reached"


class OwnNetwork(Facet):
    """Outages of our own network."""

    def last_outage(self) -> Outage | None:
        """The last time that our own network was out; None if it never was."""
        return self._database.read(_outage)

    def record_announcement(self, of: Outage, at: datetime) -> None:
        """Note that somebody was told, or that it was given up."""
        known = Outage(of.since_at, of.last_at, of.outlets, told_at=at)
        self._database.write(lambda connection: _keep(connection, known))


def mark_own(connection: Connection, of: str, runs: Sequence[Run]) -> None:
    """Mark the outlet's last runs that failed with all others. `runs`: newest first, changed in place."""
    asked = [each for each in runs if heard(each) is not None]
    streak = list(takewhile(lambda each: heard(each) is False, asked))[:IN_A_ROW]
    for each in streak:
        if each.counts.get(MARK):
            continue
        if befell_all(each, _near(connection, each), _known(connection, each)):
            each.counts = {**each.counts, MARK: 1}
            connection.execute(update(run).where(run.c.id == each.id), {"counts": each.counts})
    marked = [each for each in streak if each.counts.get(MARK)]
    if not marked:
        return
    # Nobody was asked, so nobody need be spared.
    first = marked[-1].started_at
    waits = (source_state.c.outlet == of) & (source_state.c.failing_since >= first)
    connection.execute(update(source_state).where(waits), {"next_at": None})
    if len(marked) == IN_A_ROW:
        _note(connection, first, marked[0])


def _near(connection: Connection, mine: Run) -> list[Run]:
    end = mine.ended_at or mine.started_at
    near = run.c.ended_at.between(mine.started_at - NEAR, end + NEAR)
    asked = select(run).where(near, run.c.outlet != mine.outlet, run.c.kind == "crawl")
    return [as_run(row) for row in connection.execute(asked)]


def _known(connection: Connection, mine: Run) -> int:
    """How many other outlets are read at least once a day."""
    others = (run.c.outlet != mine.outlet) & (run.c.kind == "crawl")
    lately = run.c.ended_at.between(mine.started_at - DAY, mine.started_at)
    asked = select(func.count(run.c.outlet.distinct())).where(others, lately)
    return int(connection.scalar(asked) or 0)


def _note(connection: Connection, first: datetime, last: Run) -> None:
    known = _outage(connection)
    outlets = len({each.outlet for each in _near(connection, last) if heard(each) is False}) + 1
    goes_on = known and (known.over_at is None or first - known.last_at < ANOTHER)
    if known and goes_on:
        outlets = max(known.outlets, outlets)
        _keep(connection, Outage(known.since_at, last.started_at, outlets, known.told_at))
    else:
        _keep(connection, Outage(first, last.started_at, outlets))


def _keep(connection: Connection, outage: Outage) -> None:
    value = json.dumps(asdict(outage), default=datetime.isoformat)
    connection.execute(insert_new(connection, meta), {"key": _KEY, "value": value})
    connection.execute(update(meta).where(meta.c.key == _KEY), {"value": value})


def _outage(connection: Connection) -> Outage | None:
    value = connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))
    if value is None:
        return None
    held = json.loads(value)
    times = ("since_at", "last_at", "told_at")
    read = {name: datetime.fromisoformat(held[name]) for name in times if held[name]}
    over = select(func.min(run.c.started_at)).where(
        run.c.ended_at > read["last_at"],
        run.c.started_at > read["last_at"],
        run.c.outcome.in_(_READ),
    )
    return Outage(outlets=held["outlets"], over_at=connection.scalar(over), **read)
