"""Shows a day: what came in, by the hour, by report, and story by story."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from storage.browsing.days import latest_day, neighbour_days
from storage.browsing.facets import Facets, count_facets
from storage.browsing.feed import FeedRow, load_feed
from storage.browsing.position import Position
from storage.browsing.report_lines import ReportLine, load_most_carried
from storage.browsing.selection import TimeOf
from storage.browsing.sums import (
    Extent,
    Findings,
    Sums,
    count_findings,
    count_sums,
    load_extent,
)
from storage.database import Database
from storage.reading.rows import ArticleFilters
from web.page import Page, Query
from web.pages import filters
from web.parameters import Parameter, ParameterKind, parse_day

ROWS = 50
_MIN_OUTLETS = 2
"""A report of one outlet is not carried by anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """The articles of an hour of the day (UTC). `before`: the place where the hour ends."""

    hour: int
    articles: int
    before: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day. `by`: the time that orders it, `published` or `seen`.

    `is_today`: the day is today. `instead`: today, where this is the latest day with articles and
    today has none yet. `corpus`: how large the corpus is; only at the address `/`. `most_carried`:
    the reports that began on this day and have the most outlets; only on the first page without
    filters. `rows`: the latest article of each story and report, or all articles.
    """

    day: date
    by: TimeOf
    is_today: bool
    instead: date | None
    corpus: Extent | None
    articles: int
    stories: int
    reports: int
    found: Findings
    hours: tuple[Hour, ...]
    without_hour: int
    facets: Facets
    most_carried: tuple[ReportLine, ...]
    previous_day: date | None
    next_day: date | None
    rows: tuple[FeedRow, ...]
    next: Position | None
    previous: Position | None


def load_latest(query: Query) -> Day:
    """Reads today, or the latest day with articles if today has none."""
    by = TimeOf(query["by"])
    today = query.now.date()
    day = _latest_until(query.database, today, by)
    found = _load(query, day or today)
    return replace(
        found,
        instead=today if day is not None and day != today else None,
        corpus=load_extent(query.database, by),
    )


def load(query: Query) -> Day:
    """Reads the day of the address. Raises InvalidRequest if it is none."""
    return _load(query, parse_day(query.ids["day"]))


def _latest_until(database: Database, today: date, by: TimeOf) -> date | None:
    """Returns the latest day with articles. A date in the future is a mistake of an outlet."""
    latest = latest_day(database, by)
    if latest is None or latest <= today:
        return latest
    return neighbour_days(database, today + timedelta(days=1), by)[0]


def _load(query: Query, day: date) -> Day:
    database, by = query.database, TimeOf(query["by"])
    since = filters.start_of_day(day)
    until = since + timedelta(days=1)
    selected = ArticleFilters(
        since=since,
        until=until,
        outlet=query["outlet"],
        language=query["language"],
        statement_level=filters.read_levels(query),
    )
    cites = query["cites"]
    facets = count_facets(
        database,
        since,
        until,
        by=by,
        cites=cites,
        outlet=query["outlet"],
        language=selected["language"],
        statement_level=selected["statement_level"],
    )
    sums = count_sums(database, by=by, cites=cites, **selected) if facets.total else Sums()
    feed = load_feed(
        database,
        limit=ROWS,
        before=query["before"],
        after=query["after"],
        by=by,
        copies=query["copies"],
        cites=cites,
        **selected,
    )
    is_whole = not any(query[each] for each in ("outlet", "language", "cites", "level"))
    is_first = query["before"] is None and query["after"] is None
    previous_day, next_day = neighbour_days(database, day, by)
    return Day(
        day=day,
        by=by,
        is_today=day == query.now.date(),
        instead=None,
        corpus=None,
        articles=facets.total,
        stories=sums.stories,
        reports=sums.reports,
        found=count_findings(database, since, until),
        hours=_hours(facets, since),
        without_hour=facets.total - sum(facets.hours),
        facets=facets,
        most_carried=_most_carried(database, since, until) if is_whole and is_first else (),
        previous_day=previous_day,
        next_day=next_day,
        rows=feed.rows,
        next=feed.next,
        previous=feed.previous,
    )


def _hours(facets: Facets, since: datetime) -> tuple[Hour, ...]:
    return tuple(
        Hour(hour=hour, articles=count, before=Position(since + timedelta(hours=hour + 1), 0))
        for hour, count in enumerate(facets.hours)
    )


def _most_carried(database: Database, since: datetime, until: datetime) -> tuple[ReportLine, ...]:
    found = load_most_carried(database, since, until)
    return tuple(each for each in found if each.outlets >= _MIN_OUTLETS)


PARAMETERS = (
    Parameter(
        name="by",
        kind=ParameterKind.CHOICE,
        description="The time that orders the articles: as published, or as first seen here.",
        choices=tuple(each.value for each in TimeOf),
        default=TimeOf.PUBLISHED.value,
    ),
    filters.OUTLET,
    filters.LANGUAGE,
    filters.CITES,
    filters.LEVEL,
    filters.COPIES,
    filters.BEFORE,
    filters.AFTER,
)

TODAY = Page(
    name="today",
    path="/",
    summary="What came in today, or on the latest day that has articles.",
    template="day.html",
    model=Day,
    load=load_latest,
    parameters=PARAMETERS,
    section="/",
)
PAGE = Page(
    name="day",
    path="/days/{day}",
    summary="What came in on a day (YYYY-MM-DD, UTC).",
    template="day.html",
    model=Day,
    load=load,
    parameters=PARAMETERS,
    section="/",
)
