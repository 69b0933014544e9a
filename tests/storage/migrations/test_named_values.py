"""Packed texts of an older database are kept by name after the upgrade."""

from datetime import timedelta

from alembic import command
from sqlalchemy import Connection, select, text

from storage import open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.records import CaptureOutcome, CaptureResult
from storage.schema import alembic_config
from storage.tables.articles import capture, outlet, revisit_ladder, version, visit

BEFORE = "0012"
OUTCOMES = {
    "new": CaptureResult(CaptureOutcome.NEW),
    "same": CaptureResult(CaptureOutcome.SAME),
    "edited": CaptureResult(CaptureOutcome.EDITED),
    "stub": CaptureResult(CaptureOutcome.STUB),
    "not-modified": CaptureResult(CaptureOutcome.NOT_MODIFIED),
    "moved to https://a.test/b: c": CaptureResult(CaptureOutcome.MOVED, "https://a.test/b: c"),
    "gone": CaptureResult(CaptureOutcome.GONE),
    "gone: 100 %: gone": CaptureResult(CaptureOutcome.GONE, "100 %: gone"),
    "unclear: HTTP status 503": CaptureResult(CaptureOutcome.UNCLEAR, "HTTP status 503"),
    "unclear: media: ": CaptureResult(CaptureOutcome.UNCLEAR, "media: "),
    "not an article: error": CaptureResult(CaptureOutcome.NOT_ARTICLE, "error"),
    "off topic": CaptureResult(CaptureOutcome.OFF_TOPIC),
    "alias": CaptureResult(CaptureOutcome.ALIAS),
}
OTHER_OUTCOMES = {
    "gone for ever": CaptureResult(CaptureOutcome.GONE, "gone for ever"),
    "a word of ours": CaptureResult(CaptureOutcome.UNCLEAR, "a word of ours"),
}
DETAILS = {
    "0a1b2c3d 00000000 - 12345678": {
        "lead": "0a1b2c3d",
        "authors": "00000000",
        "published_at": "12345678",
    },
    "- 0 0 -": {"authors": None, "captions": None},
    "- - - -": None,
    None: None,
}
KINDS = {" headline ": ("headline",), " lead body numbers ": ("lead", "body", "numbers")}
FIRST_ROWS = """
INSERT INTO outlet (name, rank, added_at, ladder) VALUES
 ('never', 0, '2026-03-01 12:00:00', '[0]'), ('default', 0, '2026-03-01 12:00:00', NULL),
 ('own', 0, '2026-03-01 12:00:00', '[900,3600]');
INSERT INTO meta (key, value) VALUES ('revisit:never', '[0]'), ('other', '[0]');
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class, language,
 first_seen_at, version_id) VALUES (1, 'own', 'x', '', 'https://example.org/1', '', '', 'article',
 'ko', '2026-03-01 12:00:00', 1)
"""
VERSION = """
INSERT INTO version (id, article_id, content_sha256, page_class, stored_at, rules_version, title, text,
 lead, section, language, published_source, published_raw, rights, details) VALUES (:id, 1, 'x',
 'article', '2026-03-01 12:00:00', '', 'T', 'body', '', '', 'ko', '', '', '', :details)
"""
CAPTURE = """
INSERT INTO capture (id, article_id, fetched_at, outcome, url, status, body_sha256, etag,
 last_modified, warc_file, warc_offset, truncated) VALUES (:id, 1, '2026-03-01 12:00:SECOND',
 :outcome, '', 200, '', '', '', '', -1, false)
"""
CHANGE = """
INSERT INTO change (id, article_id, old_id, new_id, found_at, kinds, nature, added, removed, share,
 silent, boring, rules) VALUES (:id, 1, 1, 2, '2026-03-01 12:00:00', :kinds, 'edit', 1, 2, 0.5,
 true, '', 'r1')
"""


def fill(connection: Connection) -> None:
    for statement in FIRST_ROWS.split(";"):
        connection.execute(text(statement))
    for number, details in enumerate(DETAILS, start=1):
        connection.execute(text(VERSION), {"id": number, "details": details})
    for number, outcome in enumerate(OUTCOMES | OTHER_OUTCOMES, start=10):
        insertion = text(CAPTURE.replace("SECOND", str(number)))
        connection.execute(insertion, {"id": number, "outcome": outcome})
        visited = text(
            "INSERT INTO visit VALUES ('own', :outcome, '2026-03-01 12:00:00', :outcome)"
        )
        connection.execute(visited, {"outcome": outcome})
    for number, kinds in enumerate(KINDS, start=1):
        connection.execute(text(CHANGE), {"id": number, "kinds": kinds})


def migrate(url: str) -> TransactionalEngine:
    connected = TransactionalEngine(make_engine(parse_url(url), create=True), patience=20)

    def work(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)

    connected.write(work)
    return connected


def test_packed_texts_of_an_older_database_are_kept_by_name(database_url: str) -> None:
    old = migrate(database_url)
    old.write(fill)
    old.close()
    with open_database(database_url) as database, database.engine.connect() as connection:
        rows = connection.execute(select(capture).order_by(capture.c.id)).all()
        results = [CaptureResult(row.outcome, row.detail) for row in rows]
        assert results == [*OUTCOMES.values(), *OTHER_OUTCOMES.values()]
        assert [str(result) for result in results][: len(OUTCOMES)] == [*OUTCOMES]
        visits = dict(connection.execute(select(visit.c.identity, visit.c.outcome)).all())
        assert visits == {k: v.outcome for k, v in (OUTCOMES | OTHER_OUTCOMES).items()}
        details = connection.scalars(select(version.c.details).order_by(version.c.id)).all()
        assert details == [*DETAILS.values()]
        kinds = {change.id: change.kinds for change in database.changes.iter()}
        assert [kinds[number] for number in sorted(kinds)] == [*KINDS.values()]
        found = {change.kinds for change in database.changes.iter(kind="numbers")}
        assert found == {("lead", "body", "numbers")}
        names_and_ladders = select(outlet.c.name, revisit_ladder())
        ladders = {row.name: row.ladder for row in connection.execute(names_and_ladders)}
        assert (ladders["never"], ladders["default"]) == ((), None)
        assert ladders["own"] == (timedelta(seconds=900), timedelta(seconds=3600))
        overrides = connection.execute(text("SELECT key, value FROM meta WHERE value = '[0]'"))
        assert [tuple(row) for row in overrides] == [("other", "[0]")]
