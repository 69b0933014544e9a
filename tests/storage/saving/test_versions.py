from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import pytest
from sqlalchemy import select, text, update

from storage import Database
from storage.identity import compute_identity, content_sha256
from storage.invariants import check_invariants
from storage.records import (
    Article,
    Capture,
    CaptureOutcome,
    CaptureResult,
    Exported,
    PageClass,
    SaveOutcome,
)
from storage.tables.articles import capture, signature, version

Make = Callable[..., Article]
Hour = Callable[[float], datetime]


def saved(database: Database, *articles: Article) -> list[str]:
    return [receipt.outcome.value for receipt in database.save(articles)]


def wordings(database: Database, article_id: int) -> list[str]:
    return [version.text for version in database.articles.versions(article_id)]


@pytest.mark.threats("R9")
def test_saving_the_same_again_adds_nothing(database: Database, make: Make) -> None:
    batch = [make(n, at=n) for n in range(5)] + [make(9), make(7, url="")]
    first = database.save(batch)
    tables = ("article", "version", "capture", "story", "relation", "band", "quarantine")

    def sizes() -> list[int]:
        asked = [text(f"SELECT count(*) FROM {table}") for table in tables]
        return database.read(lambda c: [c.execute(one).scalar_one() for one in asked])

    before = sizes()
    again = database.save(batch)
    assert [r.outcome for r in again] == [SaveOutcome.UNCHANGED] * 6 + [SaveOutcome.REJECTED]
    assert [r.article_id for r in again] == [r.article_id for r in first]
    assert sizes() == before


@pytest.mark.threats("R9", "R19")
def test_a_changed_headline_is_a_new_version_of_the_same_article(
    database: Database, make: Make
) -> None:
    [first] = database.save([make(1, at=1)])
    [second] = database.save([make(1, at=2, title="Another headline")])
    assert (second.outcome, second.article_id) == (SaveOutcome.EDITED, first.article_id)
    assert [v.title for v in database.articles.versions(first.article_id)] == [
        "Headline 1",
        "Another headline",
    ]
    assert database.articles.get(first.article_id).title == "Another headline"


def test_an_outlet_that_goes_back_to_its_first_wording_makes_a_third_version(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    for at, words in enumerate((1, 2, 1)):
        [receipt] = database.save([make(1, at=at, text=write(words))])
        assert receipt.outcome is (SaveOutcome.NEW if at == 0 else SaveOutcome.EDITED)
    assert wordings(database, receipt.article_id) == [write(1), write(2), write(1)]


def test_an_imported_wording_that_is_held_adds_no_version(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    rows = [make(1), make(1, text=write(2)), make(1), make(1, text=write(2))]
    assert saved(database, *rows) == ["new", "edited", "unchanged", "unchanged"]


def test_an_older_capture_takes_its_place_in_time_and_does_not_become_current(
    database: Database, make: Make, write: Callable[[int], str], hour: Hour
) -> None:
    [new] = database.save([make(1, at=10)])
    [old] = database.save([make(1, at=5, text=write(2), url="https://outlet.test/1")])
    assert old.outcome is SaveOutcome.EDITED
    assert wordings(database, new.article_id) == [write(2), write(1)]
    row = database.articles.get(new.article_id)
    assert (row.text, row.first_seen_at, row.last_captured_at) == (write(1), hour(5), hour(10))
    assert check_invariants(database) == []


def test_reading_a_capture_again_adds_nothing_even_if_the_outlet_went_on(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    database.save([make(1, at=1 + 0.4 / 3600)])
    database.save([make(1, at=2, text=write(2))])
    # A WARC has whole seconds.
    assert saved(database, make(1, at=1)) == ["unchanged"]
    assert len(database.articles.captures(1)) == 2
    assert database.articles.get(1).text == write(2)


def test_a_wording_captured_in_between_does_not_become_current(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    database.save([make(1, at=0), make(1, at=2)])
    assert saved(database, make(1, at=1, text=write(2))) == ["edited"]
    assert database.articles.get(1).text == write(1)
    assert check_invariants(database) == []


def test_a_capture_read_again_by_better_rules_shows_the_better_text(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    worse = make(1, at=2 + 0.4 / 3600, text=f"Menu. {write(1)}", rules_version="1")
    database.save([make(1, at=1, text=f"Menu. {write(1)}", rules_version="1"), worse])
    better = [make(1, at=hours, rules_version="2") for hours in (1, 2)]
    assert saved(database, *better) == ["edited", "unchanged"]
    assert saved(database, *better) == ["unchanged", "unchanged"]
    assert database.articles.get(1).text == write(1)
    assert {c.version_id for c in database.articles.captures(1)} == {2}
    assert check_invariants(database) == []


def test_a_time_of_publication_found_later_is_added(
    database: Database, make: Make, hour: Hour
) -> None:
    database.save([make(1, at=3)])
    receipts = saved(database, make(1, at=4, published_at=hour(2)), make(1, at=5))
    assert receipts == ["unchanged", "unchanged"]
    assert database.articles.get(1).published_at == hour(2)


def test_an_edit_that_does_not_say_when_keeps_the_known_time_of_publication(
    database: Database, make: Make, hour: Hour, write: Callable[[int], str]
) -> None:
    database.save([make(1, at=3, published_at=hour(2))])
    assert saved(database, make(1, at=4, text=write(5))) == ["edited"]
    assert database.articles.get(1).published_at == hour(2)


def test_a_stub_is_kept_and_never_compared(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    receipts = database.save([make(1), make(2, page_class=PageClass.STUB, text=write(1))])
    assert receipts[0].story_id != receipts[1].story_id
    compared = database.read(lambda c: list(c.scalars(select(signature.c.article_id))))
    assert compared == [receipts[0].article_id]
    assert check_invariants(database) == []


def test_the_whole_text_after_a_stub_joins_its_story(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    database.save([make(1, at=1), make(2, at=1, page_class=PageClass.STUB, text="Subscribe.")])
    [receipt] = database.save([make(2, at=2, text=write(1))])
    assert (receipt.outcome, receipt.story_id) == (
        SaveOutcome.EDITED,
        database.articles.get(1).story_id,
    )
    assert check_invariants(database) == []


def test_a_stub_after_the_whole_text_does_not_replace_it(database: Database, make: Make) -> None:
    database.save([make(1, at=1)])
    stub = make(1, at=2, page_class=PageClass.STUB, text="Subscribe.")
    assert saved(database, stub, stub) == ["unchanged", "unchanged"]
    assert database.articles.get(1).page_class is PageClass.ARTICLE
    assert [c.outcome for c in database.articles.captures(1)] == ["new", "stub"]


def test_an_article_taken_away_keeps_its_versions_and_says_since_when(
    database: Database, make: Make, hour: Hour
) -> None:
    database.save([make(1, at=1)])
    name = compute_identity("", "", "https://outlet.test/1")
    for hours in (5, 6):
        fetch = Capture("https://outlet.test/1", hour(hours), 404)
        assert database.record_capture("herald", name, fetch, CaptureResult(CaptureOutcome.GONE))
    row = database.articles.get(1)
    assert (row.gone_at, row.last_captured_at) == (hour(5), hour(6))
    assert len(database.articles.versions(1)) == 1
    database.save([make(1, at=7)])
    assert database.articles.get(1).gone_at is None
    assert [c.outcome for c in database.articles.captures(1)] == ["new", "gone", "gone", "same"]


def test_a_capture_of_an_unknown_article_is_not_noted(database: Database, hour: Hour) -> None:
    fetch = Capture("https://outlet.test/1", hour(1), 304)
    assert not database.record_capture(
        "herald", "0" * 64, fetch, CaptureResult(CaptureOutcome.NOT_MODIFIED)
    )
    assert database.read(lambda c: c.execute(select(capture)).all()) == []


@pytest.mark.parametrize("at", [None, 1])
def test_a_text_stored_with_unseen_characters_is_the_same_text(
    database: Database, make: Make, at: float | None
) -> None:
    [first] = database.save([make(1, at=at)])
    dirty = make(1, at=at, title="Head\xadline\x92s", text="One\u200b text.\ufeff")
    stored = {"title": "Head\xadlines", "text": "One\u200b text.\ufeff"}  # as it used to be stored
    digest = content_sha256(stored["title"], stored["text"])
    database.write(lambda c: c.execute(update(version).values(**stored, content_sha256=digest)))
    assert saved(database, dirty) == ["unchanged"]
    assert wordings(database, first.article_id) == [stored["text"]]
    assert saved(database, make(1, at=at and at + 1, text="Another text.")) == ["edited"]


def test_an_old_export_does_not_bring_identities_of_the_former_rule(
    database: Database, make: Make
) -> None:
    [first] = database.save([make(1, url="https://outlet.test/v?id=7")])
    former = sha256(b"url:outlet.test/v?UTM_x=1&id=7").hexdigest()
    exported = Exported(id=9, story=9, identity=former, seen_at=None, outlet_rank=None)
    [second] = database.save([make(1, url="https://outlet.test/v?UTM_x=1&id=7", exported=exported)])
    assert (second.article_id, second.outcome) == (first.article_id, SaveOutcome.UNCHANGED)
