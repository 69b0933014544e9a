"""Compares the results of the soak with what was published and with the injected faults."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.soak import mock_press
from benchmarks.soak.mock_press import Fault, Plan
from storage import Database
from storage.health.run_evidence import HealthCause, interpret_run
from storage.invariants import check_invariants
from storage.records import Run, RunOutcome
from storage.tables.articles import article, capture

ANY = frozenset(HealthCause)
# The causes that a run may report for a fault. `_RECOGNISED_BY` handles faults without a cause.
EXPECTED_CAUSES: dict[Fault, frozenset[HealthCause]] = {
    # ROBOTS: the fault began before robots.txt was ever fetched.
    Fault.SERVER_ERROR: frozenset({HealthCause.UNREACHABLE, HealthCause.ROBOTS}),
    Fault.RESET: frozenset({HealthCause.UNREACHABLE}),
    Fault.SLOW: frozenset({HealthCause.UNREACHABLE}),
    Fault.TOO_MANY: frozenset({HealthCause.REFUSED, HealthCause.ROBOTS}),
    Fault.FORBIDDEN: frozenset({HealthCause.REFUSED}),
    Fault.REDIRECT_AWAY: ANY,
    Fault.REDIRECT_LOOP: ANY,
    Fault.NO_SOURCE: frozenset({HealthCause.GONE}),
    Fault.NEW_LAYOUT: frozenset({HealthCause.LAYOUT}),
    Fault.NEW_LISTING: frozenset({HealthCause.LAYOUT, HealthCause.PARSE}),
    Fault.CAPTCHA: frozenset({HealthCause.BLOCKED}),
    Fault.ROBOTS_CLOSED: frozenset({HealthCause.ROBOTS}),
    Fault.ERROR_PAGES: frozenset({HealthCause.LAYOUT}),
    Fault.EMPTY_FEED: frozenset({HealthCause.LAYOUT}),
}
_RECOGNISED_BY: dict[Fault, Callable[[Run], bool]] = {
    # The stored copy of robots.txt applies. Without a copy nothing may be fetched.
    Fault.ROBOTS_ERROR: lambda run: any(map(run.counts.get, ("robots.copy_used", "why.robots"))),
    Fault.LYING_FEED: lambda run: run.outcome in (RunOutcome.OK, RunOutcome.QUIET),
    Fault.QUIET: lambda run: run.outcome in (RunOutcome.OK, RunOutcome.QUIET),
}
STORE_DELAY_SECONDS = 2.0
# Only a run that fetched a page can detect these.
PAGE_FAULTS = frozenset({Fault.NEW_LAYOUT, Fault.CAPTCHA, Fault.ERROR_PAGES})


@dataclass(slots=True)
class FaultScore:
    """The runs that met a fault: how many recognised it, and what the others reported."""

    run_count: int = 0
    recognised: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    misreported: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SoakResult:
    """The figures for the report. Times are in seconds. `left_open`: runs that nobody ended."""

    runs: Counter[str] = field(default_factory=Counter)
    published: int = 0
    stored: int = 0
    missing: list[str] = field(default_factory=list)
    stored_twice: list[str] = field(default_factory=list)
    never_published: list[str] = field(default_factory=list)
    broken_rules: list[str] = field(default_factory=list)
    slots_twice: list[str] = field(default_factory=list)
    left_open: list[str] = field(default_factory=list)
    hosts: Counter[str] = field(default_factory=Counter)  # the runs of each
    refetched: int = 0
    revisits: int = 0  # fetches of pages that were already stored
    pages: int = 0
    requests: int = 0
    max_open_hosts: int = 0
    max_open_requests: int = 0
    latency: list[float] = field(default_factory=list)
    faults: dict[Fault, FaultScore] = field(default_factory=dict)

    @property
    def violations(self) -> list[str]:
        """One line for each violation: lost or duplicate articles and slots, broken rules."""
        return [
            *(f"missing: {each}" for each in self.missing),
            *(f"stored twice: {each}" for each in self.stored_twice),
            *(f"stored and never published: {each}" for each in self.never_published),
            *(f"slot run twice: {each}" for each in self.slots_twice),
            *self.broken_rules,
        ]


def evaluate(database: Database, folder: Path, plan: Plan, now: float) -> SoakResult:
    """Compares the database and the logs in `folder` with the plan, up to `now` (Unix seconds)."""
    result = SoakResult()
    runs = database.runs.latest(limit=1_000_000)
    requests = list(_read_jsonl(folder / "asked.jsonl"))
    _count_runs(result, runs, list(_read_jsonl(folder / "begun.jsonl")))
    _compare_articles(result, database, plan, now)
    _count_requests(result, requests)
    result.revisits = _fetched_after_stored(database, requests)
    _evaluate_faults(result, runs, requests, plan)
    result.broken_rules = check_invariants(database)
    return result


def find_missing(database: Database, plan: Plan, now: float) -> list[str]:
    """Returns the URLs that were published until `now` and are not stored."""
    published = {url for number in range(plan.outlets) for url in _published(plan, number, now)}
    return sorted(published - set(_stored(database)))


def _published(plan: Plan, outlet: int, now: float) -> dict[str, float]:
    host = mock_press.outlet_host(outlet)
    return {f"http://{host}/news/{n}": at for n, at in plan.published_articles(outlet, now)}


def _stored(database: Database) -> list[str]:
    query = select(article.c.url)
    return database.read(lambda connection: list(connection.scalars(query)))


def _read_jsonl(file: Path) -> Iterable[dict[str, Any]]:
    with file.open() as lines:
        for line in lines:
            if line.endswith("}\n"):
                yield json.loads(line)


def _count_runs(result: SoakResult, runs: list[Run], started_runs: list[dict[str, Any]]) -> None:
    result.runs = Counter(str(run.outcome or "running") for run in runs)
    result.hosts = Counter(run.host for run in runs)
    result.left_open = [f"{run.outlet} at {run.started_at}" for run in runs if not run.outcome]
    slots = Counter((run.outlet, run.slot_at) for run in runs if run.slot_at)
    noted_slots = Counter((entry["outlet"], entry["slot"]) for entry in started_runs)
    result.slots_twice = [
        str(slot)
        for counts in (slots, noted_slots)
        for slot, number in counts.items()
        if number > 1
    ]


def _compare_articles(result: SoakResult, database: Database, plan: Plan, now: float) -> None:
    published: dict[str, float] = {}
    for number in range(plan.outlets):
        published |= _published(plan, number, now)
    stored = Counter(_stored(database))
    result.published, result.stored = len(published), stored.total()
    result.missing = sorted(published.keys() - stored.keys())
    result.never_published = sorted(stored.keys() - published.keys())
    result.stored_twice = [url for url, number in stored.items() if number > 1]
    query = select(article.c.url, capture.c.fetched_at).join_from(article, capture)
    rows = database.read(
        lambda connection: connection.execute(query.order_by(capture.c.fetched_at)).all()
    )
    seen: set[str] = set()
    for url, at in rows:
        outlet = int(url.split("//press-")[1][:2])
        # Articles published before the start waited for the service, not for a poll.
        fault = published[url] > plan.begin and plan.steady_fault(
            outlet, published[url], at.timestamp()
        )
        if url not in seen and fault is Fault.NONE:
            result.latency.append(at.timestamp() - published[url])
        seen.add(url)


def _count_requests(result: SoakResult, requests: list[dict[str, Any]]) -> None:
    result.requests = len(requests)
    pages = Counter(
        (request["outlet"], request["path"])
        for request in requests
        if request["path"].startswith("/news/") and request["status"] == 200
    )
    result.pages = pages.total()
    result.refetched = sum(number - 1 for number in pages.values())
    result.max_open_hosts = max((request["hosts"] for request in requests), default=0)
    result.max_open_requests = max((request["open"] for request in requests), default=0)


def _fetched_after_stored(database: Database, requests: list[dict[str, Any]]) -> int:
    """Counts the fetches of pages that were stored at the time of the fetch.

    A batch is stored within STORE_DELAY_SECONDS after its last fetch.
    """
    query = select(article.c.url, func.min(capture.c.fetched_at)).join_from(article, capture)
    rows = database.read(lambda connection: connection.execute(query.group_by(article.c.url)).all())
    stored = {url: at.timestamp() for url, at in rows}
    count = 0
    for request in requests:
        at = stored.get(f"http://{mock_press.outlet_host(request['outlet'])}{request['path']}")
        count += at is not None and request["at"] > at + STORE_DELAY_SECONDS
    return count


def _evaluate_faults(
    result: SoakResult, runs: list[Run], requests: list[dict[str, Any]], plan: Plan
) -> None:
    page_times: dict[int, list[float]] = defaultdict(list)
    for request in requests:
        if request["path"].startswith("/news/"):
            page_times[request["outlet"]].append(request["at"])
    for run in runs:
        if run.outcome is None or run.ended_at is None or is_killed(run):
            continue
        outlet = int(run.outlet[-2:])
        start, end = run.started_at.timestamp(), run.ended_at.timestamp()
        fault = plan.steady_fault(outlet, start, end)
        if fault is None or fault is Fault.NONE:
            continue
        if fault in PAGE_FAULTS and not any(start <= at <= end for at in page_times[outlet]):
            continue
        _record_fault(result.faults.setdefault(fault, FaultScore()), fault, run)


def is_killed(run: Run) -> bool:
    """Returns whether the soak itself ended the run."""
    return run.is_cut_off or run.outcome is RunOutcome.KILLED


def _record_fault(score: FaultScore, fault: Fault, run: Run) -> None:
    evidence = interpret_run(run)
    cause = evidence.failure if evidence else None
    score.run_count += 1
    score.causes[str(cause or run.outcome)] += 1
    is_recognised = (
        cause in EXPECTED_CAUSES[fault] if fault in EXPECTED_CAUSES else _RECOGNISED_BY[fault](run)
    )
    score.recognised += is_recognised
    if not is_recognised:
        score.misreported.append(
            f"{fault}: {run.outlet}: {run.outcome}, {cause}: {run.cause} {run.counts}"
        )
