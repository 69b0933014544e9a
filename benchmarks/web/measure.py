"""Measures readings and pages on one database, in this process."""

import gc
import gzip
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from benchmarks.web.articles import RARE_OUTLET, START
from benchmarks.web.corpus import DAYS
from benchmarks.web.server_time import server_clock
from benchmarks.web.statements import listening
from storage import Database, open_database
from storage.tables.articles import article
from storage.tables.changes import change
from storage.tables.reports import carried, report
from storage.totals.search_timeline import load_search_timeline
from storage.totals.timeline import load_timeline
from web.options import DeclaredOutlet, WebOptions
from web.server import serving

REQUESTS = 20
_SLOW_REQUESTS, _SLOW_SECONDS = 3, 0.5
_WARM_UP = 2
ADDRESSES = (
    "/",
    "/days/{day}",
    "/days/{day}?outlet={outlet}",
    "/search?q=%EB%B6%81%ED%95%9C",
    "/search?q=missile",
    "/search?q=North+Korea&copies=1",
    "/search?q=missile&outlet={outlet}",
    "/search?q=missile&outlet={rare}",
    "/search?q=missile&language=ru",
    "/reports",
    "/reports/{report}",
    "/graph/r{report}",
    "/stories",
    "/stories/{story}",
    "/articles/{article}",
    "/articles/{edited}",
    "/changes",
    "/changes?outlet={outlet}",
    "/changes?outlet={rare}",
    "/changes?kind=numbers",
    "/changes?state=gone",
    "/diff/{old}/{new}",
    "/compare/{a}/{b}",
    "/outlets",
    "/outlets/{outlet}",
    "/timeline",
    "/timeline?q=missile",
    "/latency",
    "/latency?since={quarter}",
    "/latency?since={year}",
    "/export",
    "/decisions",
    "/health",
    "/about",
    "/feed/day.atom",
    "/feed/changes.atom",
    "/feed/search.atom?q=missile",
)


class _Times(NamedTuple):
    """Milliseconds of one call: of all processors' time, of the server's part, and that pass."""

    cpu: float
    server: float
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How a reading or a page did. Times are milliseconds, sizes are bytes.

    `times`: median and 95th percentile of the processor's time of this process and of a PostgreSQL
    server together, the 95th percentile of the server's alone, and that of the time that passes.
    `status`: of HTTP, 0 for a reading.
    """

    name: str
    times: tuple[float, float, float, float]
    status: int = 0
    raw: int = 0
    gzipped: int = 0
    statements: int = 0
    full_scans: Sequence[str] = ()


def measure_readings(url: str) -> list[Figures]:
    """Measures readings of storage that pages and commands use."""
    with open_database(url, create=False) as database:
        clock = server_clock(database)
        return [_measure(name, call, database, clock) for name, call in _iter_readings(database)]


def _iter_readings(database: Database) -> Iterator[tuple[str, Callable[[], object]]]:
    since = START.date()
    until = since + timedelta(days=DAYS)
    address = database.read(lambda c: c.scalar(select(article.c.url).order_by("id").limit(1)))
    yield "status", database.outlets.status
    yield "find by address", lambda: database.articles.find(str(address))
    yield (
        "stories, newest first",
        lambda: list(database.stories.iter(newest_first=True, limit=50)),
    )
    yield "timeline, a year", lambda: load_timeline(database, since, until)
    yield "timeline of a search", lambda: load_search_timeline(database, "missile", since, until)
    yield "search", lambda: database.search("missile")


def _measure(
    name: str, call: Callable[[], object], database: Database, clock: Callable[[], float]
) -> Figures:
    for _ in range(_WARM_UP):
        call()
    with listening() as heard:
        call()
    times = _repeat(call, clock)
    with database.reading() as connection:
        scans = heard.find_full_scans(connection)
    return Figures(name=name, times=_percentiles(times), statements=heard.count, full_scans=scans)


def _repeat(call: Callable[[], object], clock: Callable[[], float]) -> list[_Times]:
    """Measures REQUESTS calls; fewer if a call is slow."""
    times = [_time(call, clock)]
    is_slow = times[0].cpu > _SLOW_SECONDS * 1000
    requests = min(_SLOW_REQUESTS, REQUESTS) if is_slow else REQUESTS
    return times + [_time(call, clock) for _ in range(requests - 1)]


def _time(call: Callable[[], object], clock: Callable[[], float]) -> _Times:
    gc.collect()  # what earlier calls left is not this call's work
    server = clock()
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    server = clock() - server
    return _Times((cpu + server) * 1000, server * 1000, wall * 1000)


def _percentiles(times: Sequence[_Times]) -> tuple[float, float, float, float]:
    """Returns the median of the first of each, and the 95th percentile of the three."""
    cpu, server, wall = (sorted(each) for each in zip(*times, strict=True))
    place = min(len(times) - 1, round(0.95 * len(times)))
    return statistics.median(cpu), cpu[place], server[place], wall[place]


def measure_pages(url: str, addresses: Sequence[str] = ADDRESSES) -> list[Figures]:
    """Measures pages of a web process on loopback; see `fill_address` for what they may name."""
    outlets = {}
    with open_database(url, create=False) as database:
        names = database.read(load_names)
        for status in database.outlets.status():
            outlets[status.outlet] = DeclaredOutlet(name=status.outlet, title=status.outlet)
        options = WebOptions(database_url=url, port=0, outlets=outlets)
        clock = server_clock(database)
        with serving(options) as port:
            return [
                _measure_page(port, address.format(**names), database, clock)
                for address in addresses
            ]


def load_names(connection: Connection) -> Mapping[str, object]:
    """Returns what addresses may name: `{rare}` is an outlet with few articles, `{report}` is one with many articles, `{edited}` an article
    with versions `{old}` and `{new}`, `{a}` and `{b}` two articles of the report.
    """
    latest = connection.scalars(select(func.max(article.c.first_seen_at))).one().date()
    middle = START.date() + timedelta(days=DAYS // 2)
    newest = connection.execute(
        select(article.c.id, article.c.outlet, article.c.story_id)
        .where(article.c.outlet != RARE_OUTLET)
        .order_by(article.c.id.desc())
        .limit(1)
    ).one()
    edited = connection.execute(
        select(change)
        .join(article, article.c.id == change.c.article_id)
        .where(article.c.outlet != RARE_OUTLET)
        .order_by(change.c.id.desc())
        .limit(1)
    ).one()
    largest = connection.execute(
        select(report.c.id).order_by(report.c.outlets.desc(), report.c.id).limit(1)
    ).scalar_one()
    of_report = select(carried.c.article_id).where(carried.c.report_id == largest)
    first, *_, last = connection.scalars(of_report.order_by("at")).all()
    return {
        "day": middle,
        "outlet": newest.outlet,
        "rare": RARE_OUTLET,
        "quarter": latest - timedelta(days=90),
        "year": latest - timedelta(days=364),
        "article": newest.id,
        "story": newest.story_id,
        "report": largest,
        "a": first,
        "b": last,
        "edited": edited.article_id,
        "old": edited.old_id,
        "new": edited.new_id,
    }


def _measure_page(
    port: int, address: str, database: Database, clock: Callable[[], float]
) -> Figures:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def ask() -> tuple[int, bytes]:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()

    try:
        with listening() as heard:
            status, body = ask()
        for _ in range(_WARM_UP):
            ask()
        times = _repeat(ask, clock)
    finally:
        connection.close()
    with database.reading() as reading:
        scans = heard.find_full_scans(reading)
    return Figures(
        name=address,
        times=_percentiles(times),
        status=status,
        raw=len(body),
        gzipped=len(gzip.compress(body)),
        statements=heard.count,
        full_scans=scans,
    )


def resident_mb() -> float:
    """Returns the memory of this process now (VmRSS of proc(5)), in MB; 0 if unknown."""
    match = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(match.group(1)) / 1024 if match else 0.0
