"""The upgrade counts the articles of before."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from storage import open_database
from storage.tables.totals import day_total
from storage.totals.recount import find_wrong_totals
from tests.storage.migrations.conftest import MakeOld

OUTLETS = """
INSERT INTO outlet (name, rank, added_at) VALUES
 ('agency', 0, '2026-03-01 12:00:00'), ('daily', 9, '2026-03-01 12:00:00');
INSERT INTO story (id, created_at) VALUES (1, '2026-03-01 12:00:00'), (2, '2026-03-01 12:00:00')
"""
ARTICLE = """
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class,
 language, published_at, published_precision, first_seen_at, last_captured_at, gone_at, story_id,
 statement_level)
 VALUES ({n}, '{outlet}', 'i{n}', '', '', '', '', '{page_class}', 'en', {published}, {precision},
 '2026-03-03 12:05:00', '2026-03-0{n} 13:00:00', {gone}, {story}, 'unknown')
"""
VERSION = """
INSERT INTO version (article_id, content_sha256, page_class, stored_at, rules_version, title,
 text, lead, section, language, published_source, published_raw, rights)
 VALUES (2, '{n}', 'article', '2026-03-01 12:05:00', '', '', '', '', '', '', '', '', '')
"""


def _article(n: int, outlet: str, published: str, **values: object) -> str:
    given: dict[str, object] = {
        "page_class": "article",
        "precision": "NULL",
        "gone": "NULL",
        "story": 1,
    }
    return ARTICLE.format(n=n, outlet=outlet, published=published, **given | values)


def test_the_articles_of_before_are_counted(database_url: str, make_old: MakeOld) -> None:
    midnight = "'2026-03-02 00:00:00'"
    rows = [
        _article(1, "agency", midnight, gone="'2026-03-05 00:00:00'"),
        _article(2, "agency", "'2026-03-01 23:59:59.500000'"),
        _article(3, "agency", "NULL", page_class="stub", story=2),
        _article(4, "daily", midnight, precision="'day'"),
    ]
    make_old("0018", ";".join([OUTLETS, *rows, *(VERSION.format(n=n) for n in (1, 2))]))
    with open_database(database_url) as database:
        query = select(day_total).order_by("outlet", "day")
        totals = database.read(lambda connection: connection.execute(query).all())
        assert [(row.outlet, row.day, *row[3:]) for row in totals] == [
            ("agency", date(2026, 3, 1), 1, 0, 1, 0, 1),
            ("agency", date(2026, 3, 2), 1, 0, 0, 1, 0),
            ("agency", date(2026, 3, 3), 1, 1, 0, 0, 1),
            ("daily", date(2026, 3, 2), 1, 0, 0, 0, 1),
        ]
        assert database.read(find_wrong_totals) == []
        agency, daily = database.outlets.status()
        assert (agency.articles, agency.stubs, agency.edited, agency.gone) == (3, 1, 1, 1)
        assert agency.stories == 2
        assert agency.last_captured_at == datetime(2026, 3, 3, 13, tzinfo=UTC)
        assert agency.last_clock_published_at == datetime(2026, 3, 2, tzinfo=UTC)
        assert daily.last_published_at == datetime(2026, 3, 2, tzinfo=UTC)
        assert daily.last_clock_published_at is None
