"""The articles of a database of before are read for reports after the upgrade, in steps."""

import pytest

from storage import open_database
from storage.invariants import check_invariants
from storage.reports import working_out
from storage.reports.carriage import load_carriage
from storage.reports.working_out import load_lag, work_out
from tests.storage.migrations.conftest import MakeOld

ARTICLE = """
INSERT INTO story (id, lead_id, created_at) VALUES ({n}, {n}, '2026-03-01 12:00:00');
INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id, page_class,
 language, published_at, first_seen_at, version_id, story_id)
 VALUES ({n}, '{outlet}', 'i{n}', '', 'https://{outlet}.test/{n}', '', '', 'article', 'en',
 '2026-03-0{day} 12:00:00', '2026-03-0{day} 12:05:00', {n}, {n});
INSERT INTO version (id, article_id, content_sha256, page_class, stored_at, rules_version, title,
 text, lead, section, language, published_source, published_raw, rights)
 VALUES ({n}, {n}, '{n}', 'article', '2026-03-01 12:05:00', '', 'Workers of Musan dig more iron',
 '{text}', '', '', 'en', '', '', '')
"""
OUTLETS = """
INSERT INTO outlet (name, rank, added_at) VALUES
 ('agency', 0, '2026-03-01 12:00:00'), ('daily', 9, '2026-03-01 12:00:00')
"""
NEWS = "The miners of Musan in North Korea dug 4,800 tons of iron in May, more than was planned"


def test_the_articles_of_before_are_read_and_their_days_worked_out(
    database_url: str, make_old: MakeOld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_out, "ARTICLES_PER_STEP", 2)
    texts = {
        1: ("agency", 1, NEWS),
        2: ("daily", 1, f"{NEWS}, KCNA said."),
        3: ("daily", 5, "Rain."),
    }
    rows = [
        ARTICLE.format(n=n, outlet=outlet, day=day, text=text)
        for n, (outlet, day, text) in texts.items()
    ]
    make_old("0016", ";".join([OUTLETS, *rows]))
    with open_database(database_url) as database:
        assert database.read(load_lag).unread_articles == 3
        assert load_carriage(database) == []
        assert not work_out(database, max_seconds=0)
        assert work_out(database)
        (report,) = load_carriage(database)
        assert [each.outlet for each in report.articles] == ["agency", "daily"]
        assert not database.read(load_lag).is_behind
        broken = check_invariants(database)
        assert not [line for line in broken if "report" in line or "carrie" in line]


def test_a_new_database_has_nothing_to_read(database_url: str) -> None:
    with open_database(database_url) as database:
        assert not database.read(load_lag).is_behind
        assert work_out(database)
        assert not database.read(load_lag).is_behind
