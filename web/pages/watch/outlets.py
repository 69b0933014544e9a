"""Shows the board of all outlets: which are broken, since when and why, and how much each prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storage.browsing.article_lines import ArticleLine
from storage.browsing.latest_lines import load_latest_lines
from storage.changes.rows import Alarm
from storage.errors import InvalidRequest
from storage.fleet.workers import FleetStatus
from storage.health.assessment import Health, HealthState
from storage.health.days import HealthDay
from storage.health.own_network import Outage
from storage.health.run_evidence import HealthCause
from storage.reading.rows import OutletStatus
from storage.records import RunOutcome
from storage.stated_time import StatedTime
from web.charts.day_bars import DayBar
from web.options import DeclaredOutlet
from web.page import Page, Query
from web.pages.filters import start_of_day
from web.pages.watch import outlet_state
from web.pages.watch.outlet_state import CHART_DAYS, HISTORY_DAYS, STATES, ShownState
from web.parameters import Parameter, ParameterKind

STALE_AFTER = timedelta(days=1)
"""If no outlet was read for so long, the board says that nobody reads."""
MAX_ALARMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestArticle:
    """The latest article of an outlet."""

    id: int
    title: str
    language: str
    time: StatedTime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    """An outlet on the board.

    `state`: what is shown; `health`: what was judged after its last run, with its `health_cause`,
    `health_since` and `evidence`. `new_7_days`: new articles of the last seven days.
    `usual_7_days`: the median of the earlier weeks, None if there is none. `outcome`, `cause`: of
    the last run. `every`: the declared pause between two runs.
    """

    outlet: str
    title: str
    country: str
    state: ShownState
    health: HealthState | None
    health_cause: HealthCause | None
    health_since: datetime | None
    evidence: str
    days: tuple[DayBar, ...]
    new_7_days: int
    usual_7_days: float | None
    last_run: datetime | None
    outcome: RunOutcome | str | None
    cause: str
    articles: int
    latest: LatestArticle | None
    every: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many outlets have a state, and whether the board shows them."""

    state: ShownState
    count: int
    is_chosen: bool

    @property
    def word(self) -> str:
        """The state as it stands in an address."""
        return self.state.value.replace(" ", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadOutlet:
    """A declared outlet that has never been read, and of which nothing is stored."""

    outlet: str
    title: str
    country: str
    every: timedelta | None

    @property
    def cadence(self) -> str:
        """The declared pause between two runs, in words."""
        return outlet_state.format_pause(self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOutlet:
    """An outlet that has never been read, and whose articles came by import."""

    outlet: str
    title: str
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All outlets.

    `read_at`: when any outlet was last read; the days end there. `is_stale`: that is more than a
    day ago. `outage`: an outage of the own network that lasts. `fleet`: the workers on other hosts
    and their queues. `outlets`: those that were read, of the chosen states, in the chosen order.
    `imported`, `never_read`: the others.
    """

    read_at: datetime
    is_stale: bool
    outage: Outage | None
    fleet: FleetStatus
    alarms: tuple[Alarm, ...]
    states: tuple[StateCount, ...]
    outlets: tuple[OutletRow, ...]
    imported: tuple[ImportedOutlet, ...]
    never_read: tuple[UnreadOutlet, ...]

    def toggled(self, state: ShownState) -> str:
        """Returns the value of `state` in an address that chooses one state more, or less."""
        chosen = {each.state for each in self.states if each.is_chosen} ^ {state}
        return ",".join(each.word for each in self.states if each.state in chosen)


def load(query: Query) -> Board:
    """Reads the state of each outlet. Raises InvalidRequest for an unknown state."""
    chosen = _parse_states(query["state"])
    database = query.database
    statuses = database.outlets.status()
    runs = {each.outlet: each.last_run for each in statuses if each.last_run is not None}
    read_at = outlet_state.last_read_at(runs, query.now)
    last_day = read_at.date()
    histories = database.health.days(last_day - timedelta(days=HISTORY_DAYS - 1))
    healths = database.health.current()
    read = [each for each in statuses if _was_read(each, healths)]
    latest = load_latest_lines(database, [each.outlet for each in read])
    rows = [
        _make_row(
            query.outlet(each.outlet),
            each,
            healths.get(each.outlet),
            histories.get(each.outlet, ()),
            latest.get(each.outlet),
            read_at,
        )
        for each in read
    ]
    counts = tuple(
        StateCount(
            state=state,
            count=sum(row.state is state for row in rows),
            is_chosen=state in chosen,
        )
        for state in STATES
    )
    shown = _sort([row for row in rows if not chosen or row.state in chosen], query["sort"])
    known = {each.outlet for each in statuses}
    outage = database.own_network.last_outage()
    return Board(
        read_at=read_at,
        is_stale=query.now - read_at > STALE_AFTER,
        outage=outage if outage and outage.over_at is None else None,
        fleet=database.workers.status(),
        alarms=tuple(database.alarms.latest(since=_start(last_day))[:MAX_ALARMS]),
        states=counts,
        outlets=tuple(shown),
        imported=tuple(
            ImportedOutlet(
                outlet=each.outlet,
                title=query.outlet(each.outlet).title,
                articles=each.articles,
            )
            for each in statuses
            if not _was_read(each, healths)
        ),
        never_read=_list_never_read(query.options.outlets, known),
    )


def _was_read(status: OutletStatus, healths: Mapping[str, Health]) -> bool:
    run = status.last_run
    return status.outlet in healths or (run is not None and run.kind == "crawl")


def _make_row(
    declared: DeclaredOutlet,
    status: OutletStatus,
    health: Health | None,
    history: Sequence[HealthDay],
    latest: ArticleLine | None,
    read_at: datetime,
) -> OutletRow:
    run, last_day = status.last_run, read_at.date()
    return OutletRow(
        outlet=status.outlet,
        title=declared.title,
        country=declared.country,
        state=outlet_state.show_state(
            health, run, declared.every, read_at, is_chosen=declared.is_chosen
        ),
        health=health.state if health else None,
        health_cause=health.cause if health else None,
        health_since=health.since_at if health else None,
        evidence=health.evidence if health and not health.state.is_healthy else "",
        days=outlet_state.make_days(history, last_day, CHART_DAYS),
        new_7_days=outlet_state.sum_week(history, last_day),
        usual_7_days=outlet_state.usual_week(history, last_day),
        last_run=run.started_at if run else None,
        outcome=(run.outcome or "running") if run else None,
        cause=run.cause if run else "",
        articles=status.articles,
        latest=_make_latest(latest) if latest else None,
        every=declared.every,
    )


def _make_latest(line: ArticleLine) -> LatestArticle:
    return LatestArticle(id=line.id, title=line.title, language=line.language, time=line.time)


def _parse_states(text: str | None) -> frozenset[ShownState]:
    words = {each.value.replace(" ", "-"): each for each in STATES}
    chosen = [each.strip() for each in (text or "").split(",") if each.strip()]
    for word in chosen:
        if word not in words:
            raise InvalidRequest(f"state is one of {', '.join(words)}, not {word[:40]!r}")
    return frozenset(words[word] for word in chosen)


def _sort(rows: list[OutletRow], order: str) -> list[OutletRow]:
    by_name = sorted(rows, key=lambda row: (row.title.casefold(), row.outlet))
    if order == "new":
        return sorted(by_name, key=lambda row: -row.new_7_days)
    if order == "worst":
        return sorted(by_name, key=lambda row: STATES.index(row.state))
    return by_name


def _list_never_read(
    declared: Mapping[str, DeclaredOutlet], known: set[str]
) -> tuple[UnreadOutlet, ...]:
    return tuple(
        UnreadOutlet(outlet=name, title=each.title, country=each.country, every=each.every)
        for name, each in sorted(declared.items())
        if name not in known
    )


def _start(day: date) -> datetime:
    return start_of_day(day - timedelta(days=CHART_DAYS - 1))


PAGE = Page(
    name="outlets",
    path="/outlets",
    summary="The state of each outlet: broken, degraded, quiet or ok, since when and why.",
    template="outlets.html",
    model=Board,
    load=load,
    parameters=(
        Parameter(
            name="state",
            description="Only outlets of these states, with commas between: broken, degraded,"
            " not-read, quiet, ok.",
        ),
        Parameter(
            name="sort",
            kind=ParameterKind.CHOICE,
            choices=("worst", "name", "new"),
            default="worst",
            description="The order: the worst state first, by name, or the most new articles first.",
        ),
    ),
    section="/outlets",
)
