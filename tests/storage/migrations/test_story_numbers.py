"""The stories of the revision before keep their numbers, redirects and articles."""

from datetime import UTC, datetime

from sqlalchemy import insert

from dedup.records import DecisionVerb
from storage import open_database
from storage.invariants import check_invariants
from storage.records import Article
from storage.tables.articles import story
from tests.storage.migrations.conftest import MAX_ID, MakeOld

OLD = """
INSERT INTO outlet (name, rank, added_at) VALUES ('kcna', 0, '2026-03-01 12:00:00');
INSERT INTO story (id, lead_id, created_at, merged_into) VALUES
 (3, 1, '2026-03-01 12:00:00', NULL);
INSERT INTO story (id, lead_id, created_at, merged_into) VALUES
 (4, NULL, '2026-03-01 12:00:00', 3);
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class, language,
 first_seen_at, version_id, story_id) VALUES
 (1, 'kcna', 'one', 'k', 'https://kcna.test/1', '', '', 'stub', 'en', '2026-03-01 12:00:00', 1, 3);
INSERT INTO version (id, article_id, content_sha256, page_class, stored_at, rules_version, title, text,
 lead, section, language, published_source, published_raw, rights) VALUES
 (1, 1, 'x', 'stub', '2026-03-01 12:00:00', '', 'Headline', '', '', '', 'en', '', '', '')
"""


def test_numbers_and_redirects_outlive_the_upgrade_and_none_is_given_twice(
    database_url: str, make_old: MakeOld
) -> None:
    make_old("0015", OLD)
    with open_database(database_url) as upgraded:
        assert upgraded.articles.get(1).story_id == 3
        assert upgraded.stories.redirects() == {4: 3}
        assert upgraded.stories.number(4).departures == ()
        at = datetime(2026, 3, 2, tzinfo=UTC)
        row = {"id": MAX_ID, "created_at": at}
        upgraded.write(lambda c: c.execute(insert(story), row))
        upgraded.write(lambda c: c.execute(story.delete().where(story.c.id == MAX_ID)))
        texts = ["Rain fell on the harbour. " * 20, "A lantern burned in the orchard. " * 20]
        receipts = upgraded.save(
            [
                Article(outlet="kcna", url=f"https://kcna.test/{n}", title="New", text=text)
                for n, text in enumerate(texts, 2)
            ]
        )
        assert min(each.story_id for each in receipts) > MAX_ID
        upgraded.decisions.add(
            receipts[0].article_id, receipts[1].article_id, DecisionVerb.MUST_LINK
        )
        assert check_invariants(upgraded) == []
