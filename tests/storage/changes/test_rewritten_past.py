"""An outlet that rewrites its past: it backdates, edits, deletes and puts back. Both sides stay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import Database
from storage.identity import compute_identity
from storage.invariants import check_invariants
from storage.records import Article, Capture, CaptureOutcome, CaptureResult

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
URL = "https://agency.test/article/1"
TEXT = (
    "A new dairy farm was opened in the town of Hamju. The ceremony was attended by Pak Thae Song"
    " and 350 workers. The farm will give 12 tons of milk a day, the director said."
)
PURGED = TEXT.replace("Pak Thae Song and 350 workers", "350 workers")
EDITS: dict[str, dict[str, Any]] = {
    "a person is taken out": {"text": PURGED},
    "a number is changed": {"text": TEXT.replace("12 tons", "21 tons")},
    "the headline is changed": {"title": "Farm closed"},
    "it is backdated": {"published_at": START - timedelta(days=30)},
    "everything at once": {"text": PURGED, "title": "Farm", "published_at": START},
}


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def seen(hours: float, **fields: Any) -> Article:
    given: dict[str, Any] = {
        "title": "Farm opened",
        "text": TEXT,
        "published_at": at(-1),
        "published_source": "rules time",
        "published_raw": "2026-03-01 05:00",
        "language": "en",
        "rules_version": "r1",
    }
    capture = Capture(URL, at(hours), 200)
    return Article(outlet="agency", url=URL, capture=capture, **(given | fields))


@pytest.mark.threats("R19")
@pytest.mark.parametrize("edit", EDITS)
def test_what_it_said_before_and_after_stays_with_the_hours_between(
    database: Database, edit: str
) -> None:
    database.save([seen(0), seen(1), seen(5, **EDITS[edit]), seen(6, **EDITS[edit])])
    (first, last) = sorted(database.articles.versions(1), key=lambda each: each.id)
    assert first.title == "Farm opened"
    assert first.text == TEXT
    assert (last.title, last.text) == (
        EDITS[edit].get("title", first.title),
        EDITS[edit].get("text", first.text),
    )
    (change,) = database.changes.iter(boring=True)
    assert (change.after_at, change.before_at) == (at(1), at(5))
    assert check_invariants(database) == []


@pytest.mark.threats("R19")
@pytest.mark.parametrize("status", [404, 410])
def test_what_it_took_away_is_kept_and_its_return_is_told(database: Database, status: int) -> None:
    database.save([seen(0)])
    gone = CaptureResult(CaptureOutcome.GONE)
    sibling = replace(
        seen(0), url=URL + "2", capture=Capture(URL + "2", at(0), 200), title="Another"
    )
    database.save([sibling])
    for hours in (24, 24 * 8, 24 * 16):
        fetched = Capture(URL, at(hours), status)
        assert database.record_capture("agency", compute_identity("", "", URL), fetched, gone, None)
        later = Capture(URL + "2", at(hours), 200)
        database.save([replace(sibling, capture=later)])
    held = database.articles.get(1)
    assert held.text == TEXT
    statuses = [each.status for each in database.articles.captures(1)]
    assert statuses.count(status) == 3
    database.save([seen(24 * 20, text=PURGED)])
    texts = [each.text for each in database.articles.versions(1)]
    assert texts.count(TEXT) == 1
    assert texts.count(PURGED) == 1
