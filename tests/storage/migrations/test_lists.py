"""The stories of before get their figures, and carried articles say whether their zone is known."""

from datetime import UTC, datetime

from sqlalchemy import select

from storage import open_database
from storage.browsing.article_lines import load_article_lines
from storage.browsing.story_lines import load_story_lines
from storage.invariants import check_invariants
from storage.tables.articles import story
from storage.tables.reports import carried
from tests.storage.migrations.conftest import MakeOld
from tests.storage.migrations.test_reports import OUTLETS

STORY = """
INSERT INTO story (id, lead_id, created_at, merged_into) VALUES ({n}, {n}, '2026-03-01 12:00:00', NULL)
"""
ARTICLE = """
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class,
 language, published_at, first_seen_at, version_id, story_id)
 VALUES ({n}, '{outlet}', 'i{n}', '', 'https://{outlet}.test/{n}', '', '', 'stub', 'en',
 {published}, '2026-03-05 12:00:00.000000', {n}, {story});
INSERT INTO version (id, article_id, content_sha256, page_class, stored_at, rules_version, title,
 text, lead, section, language, published_source, published_raw, rights)
 VALUES ({n}, {n}, '{n}', 'stub', '2026-03-05 12:00:00', '', 'Rain in May', '', 'Rain.', '', 'en',
 '{source}', '', '')
"""
REDIRECT = """
INSERT INTO story (id, lead_id, created_at, merged_into) VALUES (4, 2, '2026-03-01 12:00:00', 1)
"""
REPORT = """
INSERT INTO report (id, lead_id, agency, day, outlets, articles, first_at, last_at, worked_out_at)
 VALUES (1, 1, '', '2026-03-01', 2, 2, '2026-03-01 12:00:00', '2026-03-02 12:00:00',
 '2026-03-02 12:00:00');
INSERT INTO carried (article_id, report_id, manner, at, appeared_by, stated_at, stated_precision)
 VALUES (1, 1, 'first-seen', '2026-03-01 12:00:00', '2026-03-05 12:00:00', '2026-03-01 12:00:00',
 'minute'), (2, 1, 'derived', '2026-03-02 12:00:00', '2026-03-05 12:00:00', '2026-03-02 12:00:00',
 'minute')
"""


def test_stories_of_before_have_figures(database_url: str, make_old: MakeOld) -> None:
    day = "'2026-03-0{} 12:00:00.000000'"
    rows = [STORY.format(n=n) for n in (1, 3)]
    rows += [
        ARTICLE.format(n=1, outlet="agency", story=1, published=day.format(1), source="meta"),
        ARTICLE.format(
            n=2, outlet="daily", story=1, published=day.format(2), source="text, zone unknown"
        ),
        ARTICLE.format(n=3, outlet="daily", story=3, published="NULL", source=""),
        "UPDATE story SET lead_id = 1 WHERE id = 1",
        REDIRECT,
        REPORT,
    ]
    make_old("0018", ";".join([OUTLETS, *rows]))
    with open_database(database_url) as database:
        figures = select(story.c.id, story.c.size, story.c.outlets, story.c.last_at)
        stored = database.read(lambda c: c.execute(figures.order_by(story.c.id)).all())
        second, fifth = (datetime(2026, 3, n, 12, tzinfo=UTC) for n in (2, 5))
        assert stored == [(1, 2, 2, second), (3, 1, 1, fifth), (4, 0, 0, None)]
        zones = select(carried.c.article_id, carried.c.is_zone_known).order_by(carried.c.article_id)
        assert database.read(lambda c: c.execute(zones).all()) == [(1, True), (2, False)]
        assert [line.id for line in load_article_lines(database).rows] == [3, 2, 1]
        assert [line.id for line in load_story_lines(database).rows] == [3, 1]
        assert not [line for line in check_invariants(database) if "figures" in line]
