"""Shows one outlet: its declaration, how it stands and why, its runs, sources, gaps and articles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.browsing.article_lines import ArticleLine, load_article_lines
from storage.browsing.outlet_runs import load_gaps, load_runs
from storage.browsing.position import Position
from storage.changes.gaps import GapReason
from storage.changes.revisit_intervals import DEFAULT_INTERVALS
from storage.changes.rows import Alarm
from storage.errors import NotFound
from storage.health.assessment import HealthState
from storage.health.outlet_health import HealthChange
from storage.health.run_evidence import HealthCause
from storage.reading.rows import OutletStatus
from storage.records import Run, RunOutcome, SourceState
from storage.wording.run_counts import describe_run_counts
from web.charts.day_bars import DayBar
from web.page import Page, Query
from web.pages import filters
from web.pages.watch import outlet_state
from web.pages.watch.outlet_state import CHART_DAYS, HISTORY_DAYS, ShownState

RUNS, ARTICLES, CHANGES, GAPS = 30, 10, 20, 40
"""The most rows of each list; of the runs on one page."""
GAP_PERIOD = timedelta(days=90)
ALARM_PERIOD = timedelta(days=90)
DUE_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the outlet's declaration says. `is_declared`: False for an outlet known by its name only."""

    is_declared: bool
    country: str
    languages: tuple[str, ...]
    every: timedelta | None
    sources: tuple[str, ...]
    rights: str
    rights_note: str

    @property
    def cadence(self) -> str:
        """The declared pause between two runs, in words."""
        return outlet_state.format_pause(self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run. `seconds` is None while it goes on. `own_network`: it failed by our own network."""

    run: int
    kind: str
    outcome: RunOutcome | str
    cause: str
    slot_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    seconds: float | None
    own_network: bool
    counts: Mapping[str, int]

    @property
    def words(self) -> str:
        """What the run did, in words."""
        return describe_run_counts(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source. `next_at`: it is not polled before this time."""

    source: str
    polled_at: datetime | None
    changed_at: datetime | None
    failing_since: datetime | None
    failures: int
    problem: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChangeRow:
    """A change of health. `was`: None for the first judgement. `told_at`: when an alert was sent."""

    changed_at: datetime
    was: HealthState | None
    state: HealthState
    cause: HealthCause | None
    evidence: str
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """A period without articles: nkwire had no run, got no answer, or the outlet had nothing new."""

    start: datetime
    end: datetime
    why: GapReason
    cause: str

    @property
    def seconds(self) -> float:
        """How long the gap is."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitRow:
    """When articles are fetched again.

    `ages`: at which ages; after the last one, again each time it passes; () for never. `set_by`:
    "you", "declared" or "default". `articles`: those that have a next revisit. `due`: those that
    wait now. `due_within_30_days`: with those that wait now.
    """

    ages: tuple[timedelta, ...]
    set_by: str
    articles: int
    due: int
    due_within_30_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletDetails:
    """An outlet.

    `read_at`: when any outlet was last read; the days end there. `state`, `health` and what follows
    it: see the board. `gaps`: the latest ones of the last 90 days, `gap_count` of them in all.
    `next`, `previous`: other pages of the runs.
    """

    outlet: str
    title: str
    declaration: Declaration
    read_at: datetime
    state: ShownState
    health: HealthState | None
    health_cause: HealthCause | None
    health_since: datetime | None
    evidence: str
    articles: int
    stubs: int
    edited: int
    gone: int
    stories: int
    last_captured_at: datetime | None
    days: tuple[DayBar, ...]
    new_7_days: int
    usual_7_days: float | None
    latest: tuple[ArticleLine, ...]
    alarms: tuple[Alarm, ...]
    sources: tuple[SourceRow, ...]
    health_changes: tuple[HealthChangeRow, ...]
    gaps: tuple[GapRow, ...]
    gap_count: int
    revisits: RevisitRow | None
    runs: tuple[RunRow, ...]
    next: Position | None
    previous: Position | None


def load(query: Query) -> OutletDetails:
    """Reads the outlet of the address. Raises NotFound if nothing is known of it."""
    name, database = query.ids["name"], query.database
    statuses = {each.outlet: each for each in database.outlets.status()}
    if name not in statuses and name not in query.options.outlets:
        raise NotFound(f"no outlet is named {name[:100]}")
    status = statuses.get(name) or _nothing_of(name)
    last_runs = {each.outlet: each.last_run for each in statuses.values() if each.last_run}
    read_at = outlet_state.last_read_at(last_runs, query.now)
    last_day = read_at.date()
    first_day = last_day - timedelta(days=HISTORY_DAYS - 1)
    history = database.health.days(first_day, name).get(name, [])
    health = database.health.current().get(name)
    declared = query.outlet(name)
    runs = load_runs(database, name, limit=RUNS, before=query["before"], after=query["after"])
    gaps = load_gaps(database, name, since=read_at - GAP_PERIOD, now=read_at, every=declared.every)
    return OutletDetails(
        outlet=name,
        title=declared.title,
        declaration=_read_declaration(query, name),
        read_at=read_at,
        state=outlet_state.show_state(
            health, status.last_run, declared.every, read_at, is_chosen=declared.is_chosen
        ),
        health=health.state if health else None,
        health_cause=health.cause if health else None,
        health_since=health.since_at if health else None,
        evidence=health.evidence if health else "",
        articles=status.articles,
        stubs=status.stubs,
        edited=status.edited,
        gone=status.gone,
        stories=status.stories,
        last_captured_at=status.last_captured_at,
        days=outlet_state.make_days(history, last_day, CHART_DAYS),
        new_7_days=outlet_state.sum_week(history, last_day),
        usual_7_days=outlet_state.usual_week(history, last_day),
        latest=load_article_lines(database, outlet=name, limit=ARTICLES).rows,
        alarms=tuple(database.alarms.latest(since=read_at - ALARM_PERIOD, outlet=name)),
        sources=tuple(map(_make_source, database.sources.states(name))),
        health_changes=tuple(map(_make_change, database.health.changes(name, CHANGES))),
        gaps=tuple(
            GapRow(start=each.start, end=each.end, why=each.why, cause=each.cause)
            for each in reversed(gaps[-GAPS:])
        ),
        gap_count=len(gaps),
        revisits=_read_revisits(query, name),
        runs=tuple(map(_make_run, runs.rows)),
        next=runs.next,
        previous=runs.previous,
    )


def _nothing_of(name: str) -> OutletStatus:
    return OutletStatus(
        outlet=name,
        articles=0,
        stubs=0,
        edited=0,
        gone=0,
        stories=0,
        last_captured_at=None,
        last_published_at=None,
        last_clock_published_at=None,
        last_run=None,
    )


def _read_declaration(query: Query, name: str) -> Declaration:
    declared = query.outlet(name)
    return Declaration(
        is_declared=name in query.options.outlets,
        country=declared.country,
        languages=declared.languages,
        every=declared.every,
        sources=declared.sources,
        rights=declared.rights,
        rights_note=declared.rights_note,
    )


def _read_revisits(query: Query, name: str) -> RevisitRow | None:
    summaries = query.database.revisit_intervals.summary(query.now, DUE_WITHIN, name)
    if not summaries:
        return None
    summary = summaries[0]
    by_rule = "default" if summary.intervals is None else "declared"
    return RevisitRow(
        ages=DEFAULT_INTERVALS if summary.intervals is None else summary.intervals,
        set_by="you" if summary.is_override else by_rule,
        articles=summary.articles,
        due=summary.due,
        due_within_30_days=summary.due_soon,
    )


def _make_run(run: Run) -> RunRow:
    ended_at = run.ended_at
    return RunRow(
        run=run.id,
        kind=run.kind,
        outcome=run.outcome or "running",
        cause=run.cause,
        slot_at=run.slot_at,
        started_at=run.started_at,
        ended_at=ended_at,
        seconds=round((ended_at - run.started_at).total_seconds(), 1) if ended_at else None,
        own_network=run.own_network,
        counts=run.counts,
    )


def _make_source(state: SourceState) -> SourceRow:
    return SourceRow(
        source=state.source,
        polled_at=state.polled_at,
        changed_at=state.changed_at,
        failing_since=state.failing_since,
        failures=state.failures,
        problem=state.problem,
        next_at=state.next_at,
    )


def _make_change(change: HealthChange) -> HealthChangeRow:
    return HealthChangeRow(
        changed_at=change.changed_at,
        was=change.was,
        state=change.health.state,
        cause=change.health.cause,
        evidence=change.health.evidence,
        # A change without an alert is stored as told when it was found.
        told_at=change.told_at if change.needs_alert else None,
    )


PAGE = Page(
    name="outlet",
    path="/outlets/{name:path}",
    summary="An outlet: its state, runs, sources, gaps, health changes, revisits and articles.",
    template="outlet.html",
    model=OutletDetails,
    load=load,
    parameters=(
        filters.BEFORE,
        filters.AFTER,
    ),
    section="/outlets",
)
