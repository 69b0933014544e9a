from collections.abc import Callable

import sqlalchemy

from storage import Database
from storage.migrations import HEAD
from tests.storage.migrations.conftest import MakeOld

OLD = """
INSERT INTO outlet (name, rank, added_at) VALUES ('kcna', 0, '2026-03-01 12:00:00');
INSERT INTO story (id, lead_id, created_at) VALUES (1, 1, '2026-03-01 12:00:00');
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class, language,
 first_seen_at, version_id, story_id) VALUES (1, 'kcna', 'x', '', 'https://example.org/1', '', '',
 'article', 'ko', '2026-03-01 12:00:00', 1, 1);
INSERT INTO version (id, article_id, content_sha256, page_class, stored_at, rules_version, title, text,
 lead, section, language, published_source, published_raw, rights) VALUES (1, 1, 'x', 'article',
 '2026-03-01 12:00:00', '', '탄도미사일 발사', 'body', '', '', 'ko', '', '', '')
"""


def test_the_articles_of_an_older_database_are_found_after_the_upgrade(
    database_url: str, make_old: MakeOld, open_corpus: Callable[..., Database]
) -> None:
    make_old("0001", OLD)
    database = open_corpus(database_url)
    assert [hit.id for hit in database.search("미사일")] == [1]
    with database.engine.begin() as connection:
        held = sqlalchemy.text("SELECT version_num FROM alembic_version")
        assert connection.scalar(held) == HEAD
