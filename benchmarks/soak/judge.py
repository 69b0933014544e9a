"""What the soak left behind, against what was published and what went wrong when."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.soak import press
from benchmarks.soak.press import Fault, Plan
from storage import Database
from storage.health.signs import Cause, read_sign
from storage.invariants import check
from storage.records import Run, RunOutcome
from storage.tables.articles import article, capture

ANY = frozenset(Cause)
# By which cause a run must tell a fault; those without one are recognised by `_WELL`.
EXPECTED: dict[Fault, frozenset[Cause]] = {
    # ROBOTS: where robots.txt fell to the fault before it could ever be had.
    Fault.SERVER_ERROR: frozenset({Cause.UNREACHABLE, Cause.ROBOTS}),
    Fault.RESET: frozenset({Cause.UNREACHABLE}),
    Fault.SLOW: frozenset({Cause.UNREACHABLE}),
    Fault.TOO_MANY: frozenset({Cause.REFUSED, Cause.ROBOTS}),
    Fault.FORBIDDEN: frozenset({Cause.REFUSED}),
    Fault.REDIRECT_AWAY: ANY,
    Fault.REDIRECT_LOOP: ANY,
    Fault.NO_SOURCE: frozenset({Cause.GONE}),
    Fault.NEW_LAYOUT: frozenset({Cause.LAYOUT}),
    Fault.NEW_LISTING: frozenset({Cause.LAYOUT, Cause.PARSE}),
    Fault.CAPTCHA: frozenset({Cause.BLOCKED}),
    Fault.ROBOTS_CLOSED: frozenset({Cause.ROBOTS}),
    Fault.ERROR_PAGES: frozenset({Cause.LAYOUT}),
    Fault.EMPTY_FEED: frozenset({Cause.LAYOUT}),
}
_WELL: dict[Fault, Callable[[Run], bool]] = {
    # Its copy is followed; before there is one, nothing may be fetched.
    Fault.ROBOTS_ERROR: lambda run: any(map(run.counts.get, ("robots.copy_used", "why.robots"))),
    Fault.LYING_FEED: lambda run: run.outcome in (RunOutcome.OK, RunOutcome.QUIET),
    Fault.QUIET: lambda run: run.outcome in (RunOutcome.OK, RunOutcome.QUIET),
}
STORED_WITHIN = 2.0  # seconds
# Only a run that fetched a page can see what is wrong with pages.
OF_PAGES = frozenset({Fault.NEW_LAYOUT, Fault.CAPTCHA, Fault.ERROR_PAGES})


@dataclass(slots=True)
class Recognised:
    """Runs that met a fault: how many told it, and what the others said."""

    met: int = 0
    told: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Judgement:
    """All that is to be reported. Times in seconds."""

    runs: Counter[str] = field(default_factory=Counter)
    published: int = 0
    stored: int = 0
    missing: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    broken_rules: list[str] = field(default_factory=list)
    slots_twice: list[str] = field(default_factory=list)
    refetched: int = 0
    stored_before: int = 0  # fetches of pages that were stored: second looks
    pages: int = 0
    requests: int = 0
    most_hosts: int = 0
    most_open: int = 0
    latency: list[float] = field(default_factory=list)
    faults: dict[Fault, Recognised] = field(default_factory=dict)

    @property
    def violations(self) -> list[str]:
        """What must not be, one line each."""
        return [
            *(f"missing: {each}" for each in self.missing),
            *(f"stored twice: {each}" for each in self.twice),
            *(f"stored and never published: {each}" for each in self.invented),
            *(f"slot run twice: {each}" for each in self.slots_twice),
            *self.broken_rules,
        ]


def judge(database: Database, folder: Path, plan: Plan, now: float) -> Judgement:
    """Compare database and logs with the plan."""
    found = Judgement()
    runs = database.runs.latest(limit=1_000_000)
    asked = list(_lines(folder / "asked.jsonl"))
    _count_runs(found, runs, list(_lines(folder / "begun.jsonl")))
    _compare_articles(found, database, plan, now)
    _count_requests(found, asked)
    found.stored_before = _fetched_after_stored(database, asked)
    _judge_faults(found, runs, asked, plan)
    found.broken_rules = check(database)
    return found


def missing(database: Database, plan: Plan, now: float) -> list[str]:
    """Addresses that were published and are not stored."""
    published = {url for number in range(plan.outlets) for url in _published(plan, number, now)}
    return sorted(published - set(_stored(database)))


def _published(plan: Plan, outlet: int, now: float) -> dict[str, float]:
    host = press.host(outlet)
    return {f"http://{host}/news/{n}": at for n, at in plan.published(outlet, now)}


def _stored(database: Database) -> list[str]:
    asked = select(article.c.url)
    return database.read(lambda connection: list(connection.scalars(asked)))


def _lines(file: Path) -> Iterable[dict[str, Any]]:
    with file.open() as lines:
        for line in lines:
            if line.endswith("}\n"):
                yield json.loads(line)


def _count_runs(found: Judgement, runs: list[Run], begun: list[dict[str, Any]]) -> None:
    found.runs = Counter(str(run.outcome or "running") for run in runs)
    slots = Counter((run.outlet, run.slot_at) for run in runs if run.slot_at)
    noted = Counter((line["outlet"], line["slot"]) for line in begun)
    found.slots_twice = [
        str(slot) for counts in (slots, noted) for slot, n in counts.items() if n > 1
    ]


def _compare_articles(found: Judgement, database: Database, plan: Plan, now: float) -> None:
    published: dict[str, float] = {}
    for number in range(plan.outlets):
        published |= _published(plan, number, now)
    stored = Counter(_stored(database))
    found.published, found.stored = len(published), stored.total()
    found.missing = sorted(published.keys() - stored.keys())
    found.invented = sorted(stored.keys() - published.keys())
    found.twice = [url for url, number in stored.items() if number > 1]
    first = select(article.c.url, capture.c.fetched_at).join_from(article, capture)
    rows = database.read(lambda c: c.execute(first.order_by(capture.c.fetched_at)).all())
    seen: set[str] = set()
    for url, at in rows:
        outlet = int(url.split("//press-")[1][:2])
        # What was out before the beginning waited for the service, not for its turn.
        healthy = published[url] > plan.begin and plan.steady(
            outlet, published[url], at.timestamp()
        )
        if url not in seen and healthy is Fault.NONE:
            found.latency.append(at.timestamp() - published[url])
        seen.add(url)


def _count_requests(found: Judgement, asked: list[dict[str, Any]]) -> None:
    found.requests = len(asked)
    pages = Counter(
        (line["outlet"], line["path"])
        for line in asked
        if line["path"].startswith("/news/") and line["status"] == 200
    )
    found.pages = pages.total()
    found.refetched = sum(number - 1 for number in pages.values())
    found.most_hosts = max((line["hosts"] for line in asked), default=0)
    found.most_open = max((line["open"] for line in asked), default=0)


def _fetched_after_stored(database: Database, asked: list[dict[str, Any]]) -> int:
    """Fetches of pages that were stored by then; a batch is stored a second after its last fetch."""
    first = select(article.c.url, func.min(capture.c.fetched_at)).join_from(article, capture)
    rows = database.read(lambda c: c.execute(first.group_by(article.c.url)).all())
    stored = {url: at.timestamp() for url, at in rows}
    late = 0
    for line in asked:
        at = stored.get(f"http://{press.host(line['outlet'])}{line['path']}")
        late += at is not None and line["at"] > at + STORED_WITHIN
    return late


def _judge_faults(
    found: Judgement, runs: list[Run], asked: list[dict[str, Any]], plan: Plan
) -> None:
    times: dict[int, list[float]] = defaultdict(list)
    for line in asked:
        if line["path"].startswith("/news/"):
            times[line["outlet"]].append(line["at"])
    for run in runs:
        if run.outcome is None or run.ended_at is None or is_killed(run):
            continue
        outlet = int(run.outlet[-2:])
        start, end = run.started_at.timestamp(), run.ended_at.timestamp()
        fault = plan.steady(outlet, start, end)
        if fault is None or fault is Fault.NONE:
            continue
        if fault in OF_PAGES and not any(start <= at <= end for at in times[outlet]):
            continue
        _note(found.faults.setdefault(fault, Recognised()), fault, run)


def is_killed(run: Run) -> bool:
    """Whether the soak itself ended a run."""
    return run.is_cut_off or run.outcome is RunOutcome.KILLED


def _note(row: Recognised, fault: Fault, run: Run) -> None:
    sign = read_sign(run)
    cause = sign.wrong if sign else None
    row.met += 1
    row.causes[str(cause or run.outcome)] += 1
    told = cause in EXPECTED[fault] if fault in EXPECTED else _WELL[fault](run)
    row.told += told
    if not told:
        row.wrong.append(f"{fault}: {run.outlet}: {run.outcome}, {cause}: {run.cause} {run.counts}")
