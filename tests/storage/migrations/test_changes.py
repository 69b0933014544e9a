"""A database of the revision before is brought up to date with all that it holds."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storage import open_database
from storage.identity import compute_identity
from storage.records import Article, Capture
from tests.storage.migrations.conftest import MakeOld

NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
OLD_ARTICLE = """
INSERT INTO story (id, lead_id, created_at) VALUES ({n}, {n}, '2026-07-19 12:00:00');
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class, language,
 first_seen_at, last_captured_at, version_id, story_id) VALUES ({n}, 'herald', '{identity}', '',
 'https://herald.test/{n}', '', '', 'article', 'en', '2026-07-19 12:00:00', {captured}, {n}, {n});
"""
OLD_VERSION = """
INSERT INTO version (id, article_id, content_sha256, page_class, captured_at, stored_at, rules_version,
 title, text, lead, section, language, published_source, published_raw, rights) VALUES ({id}, {n},
 '{id}', 'article', {captured}, '2026-07-19 12:00:00', '', 'T {n}', 'The farm has {cows} cows and a dog.',
 '', '', 'en', '', '', '');
"""
OLD_CAPTURE = """
INSERT INTO capture (article_id, version_id, fetched_at, outcome, url, status, body_sha256, etag,
 last_modified, warc_file, warc_offset, truncated) VALUES ({n}, {id}, {captured}, 'new',
 'https://herald.test/{n}', 200, '', '', '', '', -1, false);
"""


def old_rows() -> str:
    """Returns 29 articles of one version, one of two versions, and one that was imported."""
    noon, later = "'2026-07-19 12:00:00.000000'", "'2026-07-21 12:00:00.000000'"
    rows = [
        "INSERT INTO outlet (name, rank, added_at) VALUES ('herald', 9, '2026-07-19 12:00:00');"
    ]
    for n in range(1, 32):
        captured = "NULL" if n == 31 else later if n == 7 else noon
        identity = compute_identity("", "", f"https://herald.test/{n}")
        rows.append(OLD_ARTICLE.format(n=n, identity=identity, captured=captured))
        if n != 31:
            rows.append(OLD_VERSION.format(n=n, id=n, cows=n, captured=noon))
            rows.append(OLD_CAPTURE.format(n=n, id=n, captured=noon))
    rows.append(OLD_VERSION.format(n=31, id=31, cows=31, captured="NULL"))
    rows.append(OLD_VERSION.format(n=7, id=32, cows=70, captured=later))
    rows.append(OLD_CAPTURE.format(n=7, id=32, captured=later))
    rows.append("UPDATE article SET version_id = 32 WHERE id = 7")
    return "".join(rows)


def article(number: int, hours: float, words: str) -> Article:
    url = f"https://herald.test/{number}"
    at = NOON + timedelta(hours=hours)
    return Article(
        outlet="herald", url=url, title=f"T {number}", text=words, capture=Capture(url, at, 200)
    )


@pytest.mark.threats("R18")
def test_a_filled_database_of_the_revision_before_is_brought_up_to_date(
    database_url: str, make_old: MakeOld
) -> None:
    make_old("0003", old_rows())
    database = open_database(database_url)
    held = database.read(
        lambda c: c.execute(
            text("SELECT state, count(next_check_at) FROM article GROUP BY 1")
        ).all()
    )
    assert [tuple(row) for row in held] == [("live", 30)]
    assert database.revisits.due("herald", NOON + timedelta(hours=23), 99) == []
    assert len(database.revisits.due("herald", NOON + timedelta(days=4), 99)) == 30
    assert not database.changes.are_current()
    assert database.changes.rebuild() == 1
    (found,) = database.changes.iter()
    assert (found.kinds, found.before_at) == (
        ("lead", "body", "numbers"),
        NOON + timedelta(hours=48),
    )
    database.save([article(7, 72, "The farm has 71 cows and a dog.")])
    assert len(list(database.changes.iter())) == 2
    database.close()
