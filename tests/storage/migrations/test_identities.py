"""Articles stored under the identity of an address with tracking parameters are found again."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from storage import open_database
from storage.identity import compute_identity
from storage.records import Article, Capture
from tests.storage.migrations.conftest import MakeOld

NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
OUTLET = "INSERT INTO outlet (name, rank, added_at) VALUES ('herald', 9, '2026-07-19 12:00:00')"
ARTICLE = """
;INSERT INTO story (id, lead_id, created_at) VALUES ({n}, {n}, '2026-07-19 12:00:00');
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class, language,
 first_seen_at, version_id, story_id) VALUES ({n}, 'herald', '{identity}', '{key}', '{url}', '', '',
 'article', 'en', '2026-07-19 12:00:00', {n}, {n});
INSERT INTO version (id, article_id, content_sha256, page_class, captured_at, stored_at, rules_version,
 title, text, lead, section, language, published_source, published_raw, rights) VALUES ({n}, {n},
 '{n}', 'article', NULL, '2026-07-19 12:00:00', '', 'T {n}', 'The farm has {n} cows.', '', '', 'en',
 '', '', '')
"""
UPPER = "https://a.test/v?UTM_Source=mail&id=1"
KOREAN = "https://a.test/v?k=%B1%E8&utm_source=mail"
# Address, what the former rule made of it, key. The third is a second article of the first.
STORED = {
    1: (UPPER, "url:a.test/v?UTM_Source=mail&id=1", ""),
    2: (KOREAN, "url:a.test/v?k=%EF%BF%BD%EF%BF%BD", ""),
    3: ("https://a.test/v?id=1&gclid=2", "url:a.test/v?id=1", ""),
    4: ("https://a.test/v?UTM_x=1", "key:K4", "K4"),
    5: ("https://a.test/v?id=5&UTM_x=1", "url:of the outlet itself", ""),
    6: ("https://a.test/6", "url:a.test/6", ""),
}


def old_rows() -> str:
    return OUTLET + "".join(
        ARTICLE.format(n=n, identity=digest(former), key=key, url=url)
        for n, (url, former, key) in STORED.items()
    ).rstrip(";")


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def article(url: str, number: int) -> Article:
    capture = Capture(url, NOON, 200)
    words = f"The farm has {number} cows and a dog."
    return Article(outlet="herald", url=url, title=f"T {number}", text=words, capture=capture)


@pytest.mark.threats("R18")
def test_articles_of_the_former_rule_are_no_second_articles(
    database_url: str, make_old: MakeOld
) -> None:
    make_old("0021", old_rows())
    with open_database(database_url) as database:
        rows = database.read(
            lambda c: c.execute(text("SELECT id, identity FROM article ORDER BY id")).all()
        )
        kept = {n: digest(former) for n, (_, former, _) in STORED.items()}
        assert {row.id: row.identity for row in rows} == kept | {
            # The address of the first is taken by the third, which was stored beside it.
            2: compute_identity("", "", "https://a.test/v?k=%B1%E8"),
        }
        database.changes.rebuild()
        receipts = database.save(
            [
                article("https://a.test/v?id=1&amp;utm_medium=feed", 3),
                article("https://a.test/v?k=%B1%E8&gad_source=1", 2),
                article("https://a.test/v?k=%C0%CC&utm_source=mail", 7),
                article("https://a.test/6?srsltid=1", 6),
            ]
        )
        assert [each.article_id for each in receipts[:2]] == [3, 2]
        assert receipts[3].article_id == 6
        assert [each.outcome for each in receipts] == ["edited", "edited", "new", "edited"]
