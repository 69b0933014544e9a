"""Facets and counts say what counting one by one says."""

from collections import Counter
from datetime import timedelta

import pytest

from storage import Database
from storage.browsing import facets
from storage.browsing.facets import FacetCount, count_facets
from storage.browsing.selection import TimeOf
from storage.errors import InvalidRequest, TooSlow
from storage.reading.article_queries import article_time
from tests.storage.browsing.conftest import MIDNIGHT

SINCE, UNTIL = MIDNIGHT + timedelta(hours=5), MIDNIGHT + timedelta(hours=70)


def counted(values: Counter[str]) -> tuple[FacetCount, ...]:
    in_order = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value=value, count=count) for value, count in in_order)


@pytest.mark.parametrize("by", list(TimeOf))
@pytest.mark.parametrize("cites", [None, "kcna"])
@pytest.mark.parametrize("language", [None, "ko"])
def test_facets_are_counts_of_the_articles(
    press: Database, by: TimeOf, cites: str | None, language: str | None
) -> None:
    rows, agencies = [], Counter[str]()
    for row in press.articles.iter(language=language):
        at = row.first_seen_at if by is TimeOf.SEEN else article_time(row)
        cited = {each.agency for each in press.articles.attributions(row.id)}
        if SINCE <= at < UNTIL and (cites is None or cites in cited):
            rows.append((row, at))
            agencies.update(cited)
    hours = [
        at.hour
        for row, at in rows
        if by is TimeOf.SEEN or row.published is None or row.published.has_clock
    ]
    found = count_facets(press, SINCE, UNTIL, by=by, cites=cites, language=language)
    assert found.total == len(rows) > 0
    assert not found.is_capped
    assert found.outlets == counted(Counter(row.outlet for row, _ in rows))
    assert found.languages == counted(Counter(row.language for row, _ in rows))
    assert found.agencies == counted(agencies)
    assert found.hours == tuple(Counter(hours)[hour] for hour in range(24))
    if by is TimeOf.PUBLISHED and cites is language is None:
        assert sum(found.hours) < found.total  # some state only a day


def test_facets_have_a_longest_range(press: Database) -> None:
    with pytest.raises(InvalidRequest, match="31 days"):
        count_facets(press, MIDNIGHT, MIDNIGHT + timedelta(days=32))


def test_facets_count_only_so_many(press: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "MAX_COUNTED", 7)
    found = count_facets(press, SINCE, UNTIL)
    assert (found.total, found.is_capped) == (7, True)


def test_a_reading_that_takes_too_long_is_stopped(
    press: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if press.engine.dialect.name != "sqlite":
        pytest.skip("a statement of a small database is never so slow")
    monkeypatch.setattr("storage.dialects.SQLITE_STEPS_PER_CHECK", 1)
    with pytest.raises(TooSlow, match="fewer days"):
        count_facets(press, SINCE, UNTIL, seconds=0)
