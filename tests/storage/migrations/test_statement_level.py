"""The statement levels of stored articles are told by the upgrade, stubs and long tables included."""

from sqlalchemy import text

from dedup.statements.statement_level import StatementLevel
from storage import open_database
from tests.storage.migrations.conftest import MakeOld

COUNT = 4500
"""More rows than two batches of the migration."""

OLD = f"""
INSERT INTO outlet (name, rank, added_at) VALUES ('agency', 9, '2026-03-01 12:00:00');
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class, language,
 first_seen_at, version_id)
 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT})
 SELECT i, 'agency', CAST(i AS TEXT), '', 'https://a.test/' || i, '', '', 'article', 'en',
 '2026-03-01 12:00:00', i + 10000 FROM n;
INSERT INTO version (id, article_id, content_sha256, page_class, stored_at, rules_version, title, text,
 lead, section, language, published_source, published_raw, rights)
 SELECT id + 10000, id, 'x', 'article', '2026-03-01 12:00:00', '',
 CASE WHEN id IN (7, 1007, 2007, 3007, 4007) THEN 'Statement of DPRK Foreign Ministry' ELSE 'Lamp' END,
 CASE WHEN id = 2 THEN 'North Korea''s foreign ministry said in a statement that lamps are near.'
  WHEN id = 3 THEN '' ELSE 'The lamp was opened.' END,
 CASE WHEN id = 3 THEN 'Kim Yo-jong, the sister of North Korea''s leader, said in a statement.'
  ELSE '' END,
 '', 'en', '', '', '' FROM article;
INSERT INTO version (id, article_id, content_sha256, page_class, stored_at, rules_version, title, text,
 lead, section, language, published_source, published_raw, rights)
 VALUES (1, 4, 'y', 'article', '2026-03-01 12:00:00', '', 'KCNA Commentary', '', '', '', 'en', '', '', '')
"""


def test_the_upgrade_tells_the_level_of_each_current_version(
    database_url: str, make_old: MakeOld
) -> None:
    make_old("0015", OLD)
    with open_database(database_url) as database:
        rows = database.read(
            lambda connection: connection.execute(
                text("SELECT id, statement_level FROM article ORDER BY id")
            ).all()
        )
    levels = {row.id: row.statement_level for row in rows if row.statement_level != "unknown"}
    ministry = StatementLevel.FOREIGN_MINISTRY.value
    assert len(rows) == COUNT
    assert levels == {
        2: ministry,
        3: StatementLevel.OFFICIAL.value,
        **dict.fromkeys((7, 1007, 2007, 3007, 4007), ministry),
    }
