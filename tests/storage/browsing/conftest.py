"""A small press: articles of several outlets, days and stories, some of them without a date."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage import Database
from storage.records import Article, TimePrecision
from storage.reports.working_out import work_out
from tests.storage.invented_reports import MakeCarrier

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
OUTLETS = ("herald", "times", "mirror")


@pytest.fixture
def press(database: Database, write: Callable[[int], str]) -> Database:
    """Forty articles: every fifth repeats the text of another, every seventh has no date."""

    def make(number: int) -> Article:
        at = MIDNIGHT + timedelta(hours=2 * number)
        is_copy = number % 5 == 4
        text = write(number - 3 if is_copy else number)
        cited = "KCNA reported on Monday. " if number % 4 == 0 else ""
        dated = number % 7 != 6
        is_day = number % 6 == 5
        published = at.replace(hour=0) if is_day else at
        return Article(
            outlet=OUTLETS[number % 3],
            url=f"https://{OUTLETS[number % 3]}.test/{number}",
            title=f"Headline {number}",
            text=cited + text,
            language="en" if number % 2 else "ko",
            published_at=published if dated else None,
            published_precision=TimePrecision.DAY if is_day and dated else None,
            first_seen_at=at + timedelta(minutes=30),
        )

    database.save([make(number) for number in range(40)])
    return database


@pytest.fixture
def reported(database: Database, make_carrier: MakeCarrier) -> Database:
    """A database with worked out reports."""
    database.outlets.declare_ranks({"times": 0})
    database.save(
        [make_carrier(n, subject, n) for n, subject in enumerate([0, 0, 0, 1, 1, 2, 3, 3, 4, 5])]
    )
    assert work_out(database)
    return database
