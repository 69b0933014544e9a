from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from storage import Database
from storage.errors import InvalidRequest
from storage.health.outlet_health import KEPT_PERIOD
from storage.records import Article, RunOutcome
from storage.tables.articles import article
from storage.tables.health import health_day
from storage.tables.runs import run as run_table
from storage.totals import search_timeline
from storage.totals.search_timeline import load_search_timeline
from storage.totals.timeline import MAX_DAYS, DayReading, load_timeline
from tests.storage.conftest import Make

FIRST = date(2026, 3, 1)
READ, FAILED, UNREAD = DayReading


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, 1, hour, tzinfo=UTC) + timedelta(days=day)


@pytest.fixture
def crawl(database: Database) -> Callable[..., None]:
    """Records and assesses a run of an outlet, so many days after the first."""

    def record(day: int, *, outlet: str = "herald", answered: bool = True) -> None:
        run = database.runs.begin(outlet)
        run.ended_at = at(day) + timedelta(minutes=1)
        run.outcome = RunOutcome.OK if answered else RunOutcome.UNREACHABLE
        run.counts = {"source.ok": 1, "listed": 9} if answered else {"source.unreachable": 1}
        database.runs.finish(run)
        moved = update(run_table).where(run_table.c.id == run.id).values(started_at=at(day))
        database.write(lambda connection: connection.execute(moved))
        database.health.assess(outlet, run.ended_at)

    return record


def test_each_day_has_its_articles_and_stories(database: Database, make: Make) -> None:
    same = make(1).text
    database.save(
        [
            make(1, published_at=at(0, 1)),
            make(2, published_at=at(2, 23), text=same),
            make(3, published_at=at(2, 1)),
            make(4, published_at=at(3, 0), outlet="mirror", text=same),
            make(5, published_at=at(4)),
        ]
    )
    timeline = load_timeline(database, FIRST, FIRST + timedelta(days=4))
    assert timeline.days == tuple(FIRST + timedelta(days=n) for n in range(4))
    herald, mirror = timeline.outlets
    assert (herald.outlet, herald.articles, herald.stories) == (
        "herald",
        (1, 0, 2, 0),
        (1, 0, 1, 0),
    )
    assert (mirror.outlet, mirror.articles, mirror.stories) == (
        "mirror",
        (0, 0, 0, 1),
        (0, 0, 0, 1),
    )
    assert timeline.articles() == (1, 0, 2, 1)


def test_a_day_without_articles_is_told_from_a_day_that_was_not_read(
    database: Database, make: Make, crawl: Callable[..., None]
) -> None:
    database.save([make(1, published_at=at(1))])
    crawl(0)
    crawl(1)
    crawl(2, answered=False)
    crawl(4, answered=False)
    crawl(4)
    (line,) = load_timeline(database, FIRST, FIRST + timedelta(days=5)).outlets
    assert line.articles == (0, 1, 0, 0, 0)
    assert line.readings == (READ, READ, FAILED, UNREAD, READ)


def test_outlets_are_those_with_an_article_or_a_run_or_those_asked_for(
    database: Database, make: Make, crawl: Callable[..., None]
) -> None:
    database.outlets.declare_ranks({"quiet": 9, "silent": 9})
    database.save([make(1, published_at=at(0)), make(2, published_at=at(9), outlet="later")])
    crawl(1, outlet="quiet")
    end = FIRST + timedelta(days=2)
    assert [each.outlet for each in load_timeline(database, FIRST, end).outlets] == [
        "herald",
        "quiet",
    ]
    asked = load_timeline(database, FIRST, end, outlets=["silent", "herald"])
    assert [(each.outlet, each.articles, each.readings) for each in asked.outlets] == [
        ("herald", (1, 0), (UNREAD, UNREAD)),
        ("silent", (0, 0), (UNREAD, UNREAD)),
    ]


def test_statement_levels_select_articles(database: Database, make: Make) -> None:
    database.save([make(1, published_at=at(0)), make(2, published_at=at(0))])
    official = update(article).where(article.c.url.like("%/2")).values(statement_level="official")
    database.write(lambda connection: connection.execute(official))
    end = FIRST + timedelta(days=1)
    (line,) = load_timeline(database, FIRST, end, statement_levels=["official"]).outlets
    assert (line.articles, line.stories) == ((1,), (1,))
    levels = ["official", "unknown"]
    assert load_timeline(database, FIRST, end, statement_levels=levels).articles() == (2,)
    with pytest.raises(InvalidRequest, match="no such statement level"):
        load_timeline(database, FIRST, end, statement_levels=["loud"])


@pytest.mark.parametrize("days", [0, -3, MAX_DAYS + 1])
def test_a_period_must_be_of_some_days(database: Database, days: int) -> None:
    with pytest.raises(InvalidRequest, match=f"1 to {MAX_DAYS} days"):
        load_timeline(database, FIRST, FIRST + timedelta(days=days))


def test_the_days_of_earlier_runs_are_summed_up_if_they_are_missing(
    database: Database, crawl: Callable[..., None]
) -> None:
    for day in (0, 100, 200):
        crawl(day)
    old = delete(health_day).where(health_day.c.day < FIRST + timedelta(days=150))
    database.write(lambda connection: connection.execute(old))
    crawl(201)
    kept = database.health.days(FIRST)["herald"]
    assert [(each.day - FIRST).days for each in kept] == [0, 100, 200, 201]


def test_the_days_of_long_ago_are_dropped(database: Database, crawl: Callable[..., None]) -> None:
    crawl(0)
    crawl(KEPT_PERIOD.days + 2)
    assert [each.runs for each in database.health.days(FIRST)["herald"]] == [1]


def _articles(make: Make) -> list[Article]:
    return [
        make(1, published_at=at(0), text="A lantern of copper."),
        make(2, published_at=at(0, 23), text="Copper in the orchard.", language="fr"),
        make(3, published_at=at(1), text="No metal."),
        make(4, published_at=at(30), text="A copper lantern.", outlet="mirror"),
        make(5, published_at=at(40), text="The copper lantern again."),
    ]


@pytest.mark.parametrize(
    ("words", "options", "expected"),
    [
        ("copper", {}, {0: 2, 30: 1}),
        ("copper lantern", {}, {0: 1, 30: 1}),
        ('"copper lantern"', {}, {30: 1}),
        ("copper", {"outlet": "mirror"}, {30: 1}),
        ("copper", {"language": "fr"}, {0: 1}),
        ("copper", {"statement_levels": ["official"]}, {}),
    ],
)
def test_hits_are_counted_by_day(
    database: Database,
    make: Make,
    words: str,
    options: dict[str, str],
    expected: dict[int, int],
) -> None:
    database.save(_articles(make))
    end = FIRST + timedelta(days=40)
    found = load_search_timeline(database, words, FIRST, end, **options)  # type: ignore[arg-type]
    assert found.is_complete
    assert found.counted_since == FIRST
    assert {n: hits for n, hits in enumerate(found.hits) if hits} == expected
    assert len(found.days) == len(found.hits) == 40


@pytest.mark.parametrize("words", ["copper", '"copper lantern"'])
def test_days_that_the_time_does_not_allow_are_told(
    database: Database, make: Make, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    database.save(_articles(make))
    windows = iter((True, True))

    @contextmanager
    def stop_at_the_third_window(*_: object) -> Iterator[None]:
        if not next(windows, False):
            raise TimeoutError
        yield

    monkeypatch.setattr(search_timeline, "statement_timeout", stop_at_the_third_window)
    found = load_search_timeline(database, words, FIRST, FIRST + timedelta(days=40))
    assert not found.is_complete
    assert found.counted_since == FIRST + timedelta(days=16)
    assert sum(found.hits) == 1


def test_a_row_of_runs_without_evidence_is_not_read(database: Database) -> None:
    database.outlets.declare_ranks({"herald": 9})
    row = dict.fromkeys(("runs", "bad", "seen", "new", "edited", "pages", "read"), 0)
    values = row | {"outlet": "herald", "day": FIRST}
    database.write(lambda connection: connection.execute(insert(health_day), values))
    assert database.read(lambda connection: connection.scalar(select(health_day.c.runs))) == 0
    end = FIRST + timedelta(days=1)
    (line,) = load_timeline(database, FIRST, end, outlets=["herald"]).outlets
    assert line.readings == (UNREAD,)
