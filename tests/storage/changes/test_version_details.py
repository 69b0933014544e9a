"""Bylines and captions that are put in and taken out, told from those that were not found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from dedup.changes.change_classifier import classify_change
from dedup.changes.records import ChangeKind, ComparedVersion
from storage import Database
from storage.changes.rows import ChangeRow
from storage.records import Article, Capture

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
TEXT = "A new dairy farm was opened.\nThe farm will give 12 tons of milk a day."


def article(hours: float, number: int = 1, **fields: Any) -> Article:
    url = f"https://agency.test/article/{number:032x}"
    given: dict[str, Any] = {"title": f"Farm {number}", "text": f"{TEXT} {number}"}
    given |= {"authors": ("Ri Il",), "captions": ("A cow.",), "rules_version": "r1"} | fields
    capture = Capture(url, START + timedelta(hours=hours), 200)
    return Article(outlet="agency", url=url, language="en", capture=capture, **given)


def visit(database: Database, *articles: Article) -> None:
    """One run that fetches these."""
    run = database.runs.begin("agency")
    database.save(articles, run.id)
    run.cause = ""
    database.runs.finish(run)


def edits(database: Database) -> list[ChangeRow]:
    return sorted(database.changes.iter(boring=True), key=lambda each: each.found_at)


@pytest.mark.parametrize(
    ("taken", "kind"), [({"authors": ()}, "byline"), ({"captions": ()}, "caption")]
)
def test_what_is_taken_out_while_siblings_have_it_is_an_edit(
    database: Database, taken: dict[str, Any], kind: str
) -> None:
    visit(database, article(0), article(0, 2))
    visit(database, article(3, 2), article(3, **taken))
    (found,) = edits(database)
    assert (found.kinds, found.nature, found.is_boring) == ((kind,), "edit", False)
    assert (found.after_at, found.before_at) == (START, START + timedelta(hours=3))
    visit(database, article(9, 2), article(9))
    assert [each.kinds for each in edits(database)] == [(kind,), (kind,)]


def test_a_layout_without_bylines_takes_none_away(database: Database) -> None:
    visit(database, article(0), article(0, 2))
    visit(database, *(article(3, n, authors=(), captions=()) for n in (1, 2)))
    assert edits(database) == []
    assert len(database.articles.versions(1)) == 1


def test_a_page_that_was_cut_takes_nothing_away(database: Database) -> None:
    visit(database, article(0), article(0, 2))
    cut = article(3, authors=(), captions=())
    assert cut.capture is not None
    cut.capture = replace(cut.capture, truncated=True)
    visit(database, article(3, 2), cut)
    assert edits(database) == []


def test_a_sibling_of_an_earlier_run_proves_nothing(database: Database) -> None:
    visit(database, article(0), article(0, 2))
    visit(database, article(3, authors=()))
    assert edits(database) == []


def test_a_byline_lost_together_with_other_words_is_told_too(database: Database) -> None:
    visit(database, article(0), article(0, 2))
    visit(database, article(3, 2), article(3, text=TEXT.replace("12", "21") + " 1", authors=()))
    (found,) = edits(database)
    assert found.kinds == ("body", "numbers", "byline")


def test_reading_the_page_again_keeps_what_was_taken_out(database: Database) -> None:
    visit(database, article(0), article(0, 2))
    visit(database, article(3, 2), article(3, authors=()))
    for rules in ("r1", "r2"):
        lead: dict[str, Any] = {"text": f"Menu. {TEXT} 1"} if rules == "r2" else {}
        database.save([article(0, rules_version=rules, **lead)])
        database.save([article(3, authors=(), rules_version=rules, **lead)])
        (found,) = edits(database)
        assert (found.kinds, found.nature) == (("byline",), "edit")


@pytest.mark.parametrize("order", [*permutations(range(4))][::5])
def test_late_captures_neither_invent_nor_lose_a_byline(
    database: Database, order: tuple[int, ...]
) -> None:
    hours = [(0, True), (1, True), (2, False), (3, False)]
    for index in order:
        at, has = hours[index]
        visit(database, article(at, 2), article(at, authors=("Ri Il",) if has else ()))
    (found,) = edits(database)
    assert (found.after_at, found.before_at) == tuple(START + timedelta(hours=h) for h in (1, 2))


def test_a_field_is_taken_out_only_if_it_is_known_to_lack() -> None:
    old = ComparedVersion(title="T", text=TEXT, authors=("A",), captions=("C.",))
    assert classify_change(old, ComparedVersion(title="T", text=TEXT)) is None
    bare = ComparedVersion(title="T", text=TEXT, absent_fields=frozenset({"authors", "captions"}))
    found, back = classify_change(old, bare), classify_change(bare, old)
    assert found is not None
    assert back is not None
    assert found.kinds == back.kinds == (ChangeKind.BYLINE, ChangeKind.CAPTION)
    assert found.boring == back.boring == ""


def test_a_sibling_that_has_the_same_fields_is_asked_for_as_a_witness(database: Database) -> None:
    database.save([article(0), article(0, 2, authors=()), article(0, 3)])
    now = START + timedelta(hours=99_999)
    due = next(
        each for each in database.revisits.due("agency", now, 9) if each.url == article(0).url
    )
    assert due.known_fields == ("authors", "captions")
    witness = database.revisits.sibling("agency", due, START)
    assert witness is not None
    assert witness.url == article(0, 3).url
    assert database.revisits.sibling("other", due, START) is None
