from datetime import UTC, date, datetime, timedelta

import pytest

from storage import Database
from storage.records import Article
from storage.totals.article_counts import (
    CountedBy,
    CountFilters,
    DayCount,
    load_day_counts,
    load_name_counts,
    load_size,
)
from tests.storage.conftest import Make

DAY, NEXT = date(2026, 3, 1), date(2026, 3, 2)
NOTHING = CountFilters()


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, 1, hour, tzinfo=UTC) + timedelta(days=day)


@pytest.fixture
def saved(database: Database, make: Make) -> list[Article]:
    """Two dated articles of one outlet, one of another, and one without a date."""
    articles = [
        make(1, published_at=at(0)),
        make(2, published_at=at(1, 23), language="ko"),
        make(3, published_at=at(1), outlet="mirror"),
        make(4, published_at=None, outlet="mirror", language="ko"),
    ]
    database.save(articles)
    return articles


@pytest.mark.usefixtures("saved")
def test_an_article_without_a_date_is_at_no_day(database: Database) -> None:
    assert load_day_counts(database, CountedBy.OUTLET, NOTHING) == [
        DayCount("herald", DAY, 1),
        DayCount("herald", NEXT, 1),
        DayCount("mirror", None, 1),
        DayCount("mirror", NEXT, 1),
    ]
    size, _ = load_size(database, NOTHING)
    assert (size.articles, size.undated, size.first, size.last) == (4, 1, DAY, NEXT)
    assert (size.outlets, size.languages, size.stories, size.reports) == (2, 2, 4, 0)


@pytest.mark.usefixtures("saved")
def test_a_period_leaves_out_what_has_no_date_whenever_it_was_first_seen(
    database: Database,
) -> None:
    period = CountFilters(since=at(1, 0), until=at(1000, 0))
    assert load_day_counts(database, CountedBy.OUTLET, period) == [
        DayCount("herald", NEXT, 1),
        DayCount("mirror", NEXT, 1),
    ]
    size, _ = load_size(database, period)
    assert (size.articles, size.undated, size.stories) == (2, 1, 2)


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("by", CountedBy)
def test_the_totals_and_the_articles_give_the_same_counts(
    database: Database, by: CountedBy
) -> None:
    every = [CountFilters(outlet=name) for name in (None, "herald", "mirror", "nobody")]
    every += [CountFilters(language=code) for code in ("en", "ko")]
    for filters in [*every, CountFilters(since=at(0, 0), until=at(1, 0))]:
        counts = load_day_counts(database, by, filters)
        other = load_day_counts(database, next(each for each in CountedBy if each != by), filters)
        assert sum(each.articles for each in counts) == sum(each.articles for each in other)
        assert sum(each.articles for each in counts) == load_size(database, filters)[0].articles
        assert (
            sum(load_name_counts(database, by, filters).values())
            == load_size(database, filters)[0].articles
        )


@pytest.mark.usefixtures("saved")
def test_languages_are_counted_by_day(database: Database) -> None:
    assert load_day_counts(database, CountedBy.LANGUAGE, CountFilters(outlet="mirror")) == [
        DayCount("en", NEXT, 1),
        DayCount("ko", None, 1),
    ]


def test_an_empty_database_has_the_size_zero(database: Database) -> None:
    size, _ = load_size(database, NOTHING)
    assert (size.articles, size.first, size.outlets) == (0, None, 0)
