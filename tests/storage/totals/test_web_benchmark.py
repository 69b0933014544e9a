"""The databases of the benchmark are as nkwire itself would make them, apart from signatures."""

import pytest
from sqlalchemy import select

from benchmarks.web import corpus
from benchmarks.web.articles import OUTLETS, START
from storage import Database
from storage.identity import compute_identity
from storage.invariants import check_invariants
from storage.reports.carriage import load_carriage
from storage.tables.articles import article


def test_clones_are_articles_with_stories_reports_and_search(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"BASE_ARTICLES": 120, "DAYS": 270, "RUNS_A_DAY": 1}.items():
        monkeypatch.setattr(corpus, name, value)
    corpus.fill(database, 360)
    assert {fault for fault in check_invariants(database) if "signature" not in fault} == set()
    assert database.articles.count() == 360 + corpus.RARE_ARTICLES
    base_reports = [each for each in load_carriage(database) if each.id < 1000]
    assert base_reports
    assert len(load_carriage(database)) == 3 * len(base_reports)
    clones = [each for each in database.articles.iter() if each.url.endswith("-2")]
    assert len(clones) == 120
    assert database.articles.find(clones[7].url) == [clones[7].id]
    identities = select(article.c.identity).where(article.c.url == clones[7].url)
    found = database.read(lambda connection: connection.scalars(identities).all())
    assert found == [compute_identity("", "", clones[7].url)]
    words = clones[0].title.split()[0]
    assert clones[0].id in {hit.id for hit in database.search(words, limit=360)}
    first, *_, last = sorted(each.published_at or each.first_seen_at for each in clones)
    assert START < first < last
    assert sum(status.articles for status in database.outlets.status()) == 390
    assert len(database.health.days(START.date())) == len(OUTLETS)
