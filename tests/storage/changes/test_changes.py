"""Edits, deletions and re-visits as they come out of both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection, text

from dedup.changes.records import ChangeKind
from storage import Database
from storage.changes.article_state import ArticleState
from storage.changes.change_queries import DUE_QUERY
from storage.changes.rows import ChangeRow
from storage.errors import InvalidRequest
from storage.identity import compute_identity
from storage.records import Article, Capture, CaptureOutcome, CaptureResult
from tests.storage.explain import Explain

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
TEXT = (
    "A new dairy farm was opened in the town of Hamju.\n"
    "The ceremony was attended by Pak Thae Song and 350 workers.\n"
    "The farm will give 12 tons of milk a day.\n"
    "Speakers stressed the need to increase production."
)
OTHER = TEXT.replace("12 tons", "21 tons")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def url(number: int = 1) -> str:
    return f"https://agency.test/article/detail/{number:032x}"


def article(hours: float, words: str = TEXT, number: int = 1, **fields: object) -> Article:
    given: dict[str, object] = {"title": "Farm opened", "language": "en", "rules_version": "r1"}
    fetched = Capture(url(number), at(hours), 200)
    given |= {"outlet": "agency", "url": url(number), "text": words, "capture": fetched} | fields
    return Article(**given)  # type: ignore[arg-type]


def edits(database: Database, *, boring: bool = False) -> list[ChangeRow]:
    return sorted(database.changes.iter(boring=boring), key=lambda change: change.found_at)


def miss(database: Database, hours: float, number: int = 1, run: int | None = None) -> None:
    known = next(
        d for d in database.revisits.due("agency", at(99_999), 999) if d.url == url(number)
    )
    fetched = Capture(url(number), at(hours), 404)
    assert database.record_capture(
        "agency", known.identity, fetched, CaptureResult(CaptureOutcome.GONE), run
    )


def test_an_edit_is_kept_with_its_kinds_and_interval(database: Database) -> None:
    database.save([article(0), article(1), article(3, OTHER), article(4, OTHER)])
    (found,) = edits(database)
    assert found.kinds == ("body", "numbers")
    assert (found.nature, found.silent, found.is_boring) == ("edit", True, False)
    assert (found.after_at, found.before_at) == (at(1), at(3))


@pytest.mark.parametrize("order", [*permutations(range(4))][::5])
def test_late_captures_narrow_the_interval(database: Database, order: tuple[int, ...]) -> None:
    captures = [article(0), article(2), article(3, OTHER), article(5, OTHER)]
    for index in order:
        database.save([captures[index]])
    (found,) = edits(database)
    assert (found.after_at, found.before_at) == (at(2), at(3))


def test_going_back_to_the_old_wording_is_another_edit(database: Database) -> None:
    database.save([article(0), article(1, OTHER), article(2)])
    assert [(c.after_at, c.before_at) for c in edits(database)] == [(at(0), at(1)), (at(1), at(2))]


@pytest.mark.threats("R19")
def test_backdating_alone_makes_a_version(database: Database) -> None:
    printed: dict[str, Any] = {
        "published_source": "rules time",
        "published_raw": "2026-03-01 06:00",
    }
    database.save([article(0, published_at=at(0), **printed)])
    database.save([article(1, published_at=at(-48), **printed)])
    (found,) = edits(database)
    assert found.kinds == ("date",)


def test_a_restless_page_does_not_fill_the_database(database: Database) -> None:
    for number in range(12):
        database.save([article(number, captions=(f"Viewed {number} times",))])
    assert len(database.articles.versions(1)) <= 6


def test_a_page_that_was_cut_is_no_edit(database: Database) -> None:
    cut = article(1, TEXT[:90])
    assert cut.capture is not None
    cut.capture = replace(cut.capture, truncated=True)
    database.save([article(0), cut, article(2)])
    assert edits(database, boring=True) == []


def test_what_other_rules_read_is_no_edit_of_theirs(database: Database) -> None:
    menu = f"Menu. Contact.\n{TEXT}"
    database.save([article(0, menu), article(1, TEXT, rules_version="r2")])
    (found,) = edits(database, boring=True)
    assert (found.nature, found.is_boring) == ("reread", True)
    database.save([article(0, TEXT, rules_version="r2")])
    assert edits(database, boring=True) == []


def test_an_edit_is_found_again_when_the_old_page_is_read_by_the_new_rules(
    database: Database,
) -> None:
    menu = f"Menu. Contact.\n{TEXT}"
    database.save([article(0, menu), article(1, OTHER, rules_version="r2")])
    assert edits(database) == []
    database.save([article(0, TEXT, rules_version="r2")])
    (found,) = edits(database)
    assert (found.nature, found.kinds) == ("edit", ("body", "numbers"))


def test_a_person_s_word_outlives_a_new_judgement(database: Database) -> None:
    database.save([article(0), article(1, OTHER)])
    database.changes.set_ruling(edits(database)[0].id, boring=True, note="a misprint")
    assert database.changes.rebuild() == 1
    assert edits(database) == []
    (found,) = edits(database, boring=True)
    assert (found.ruled, found.note) == (True, "a misprint")


def test_changes_are_judged_anew_without_a_trace(database: Database) -> None:
    database.save([article(0), article(1, OTHER), article(2, TEXT + " More.")])
    before = [replace(change, id=0) for change in edits(database)]
    database.write(lambda connection: connection.execute(text("DELETE FROM change")))
    database.write(
        lambda connection: connection.execute(text("DELETE FROM meta WHERE key = 'changes.rules'"))
    )
    assert not database.changes.are_current()
    database.changes.rebuild()
    assert database.changes.are_current()
    assert [replace(change, id=0) for change in edits(database)] == before


def test_a_page_without_witness_is_not_missing(database: Database) -> None:
    run = database.runs.begin("agency")
    database.save([article(0)])
    for hours in (2, 300, 600):
        miss(database, hours, run=run.id)
    assert list(database.changes.transitions()) == []


@pytest.mark.threats("R19")
def test_a_deletion_is_missing_first_and_gone_after_two_weeks(database: Database) -> None:
    database.save([article(0)])
    for hours in (5, 100, 200, 24 * 16):
        run = database.runs.begin("agency")
        database.save([article(hours - 1, TEXT + f" {hours}", number=2)], run.id)
        miss(database, hours, run=run.id)
    gone, missing = database.changes.transitions()
    assert (missing.state, missing.after_at, missing.before_at) == ("missing", at(0), at(5))
    assert (gone.state, gone.after_at, gone.before_at) == ("gone", at(0), at(5))
    assert database.changes.state_of(1) == "gone"
    database.save([article(24 * 17)])
    assert database.changes.state_of(1) == "restored"


def test_the_due_list_asks_for_a_witness_beside_what_was_missed(database: Database) -> None:
    database.save([article(0), article(0, OTHER, number=2)])
    miss(database, 0.1)
    due = database.revisits.due("agency", at(1.2), 10)
    assert {each.url for each in due} == {url(1), url(2)}
    database.save([article(1.2, OTHER, number=2)])
    first, second = database.revisits.due("agency", at(1.3), 10)
    assert (first.url, first.is_suspect) == (url(2), False)
    assert (second.url, second.is_suspect) == (url(1), True)


def test_reports_on_the_leader_are_looked_at_more_often(database: Database) -> None:
    database.outlets.declare_ranks({"agency": 0})
    leader = article(0, number=2, title="Respected Comrade Kim Jong Un Visits Farm")
    database.save([article(0), leader])
    for hours in (0.3, 1.1, 3.1):
        database.save([article(hours), replace(leader, capture=Capture(url(2), at(hours), 200))])
    assert [each.url for each in database.revisits.due("agency", at(7), 10)] == [url(2)]


def test_an_outlet_may_have_a_ladder_of_its_own(database: Database) -> None:
    database.outlets.declare_ranks({"agency": 0})
    database.revisit_intervals.declare("agency", (timedelta(hours=5), timedelta(days=9)))
    database.save([article(0)])
    assert database.revisits.due("agency", at(4.9), 10) == []
    assert [each.due_at for each in database.revisits.due("agency", at(5), 10)] == [at(5)]


def test_imported_articles_are_not_looked_at_again(database: Database) -> None:
    database.save([article(0, capture=None)])
    assert database.revisits.due("agency", at(99_999), 10) == []


def test_validators_are_sent_every_second_time_at_most(database: Database) -> None:
    fetched = Capture(url(), at(0), 200, etag='"a"', last_modified="yesterday")
    database.save([article(0, capture=fetched)])
    (due,) = database.revisits.due("agency", at(1), 9, validators=True)
    assert (due.etag, due.last_modified) == ('"a"', "yesterday")
    again = replace(fetched, fetched_at=at(1), status=304)
    assert database.record_capture(
        "agency", due.identity, again, CaptureResult(CaptureOutcome.NOT_MODIFIED)
    )
    (due,) = database.revisits.due("agency", at(9), 9, validators=True)
    assert (due.etag, due.last_modified) == ("", "")


def test_an_answer_of_not_modified_narrows_the_interval(database: Database) -> None:
    database.save([article(0)])
    (due,) = database.revisits.due("agency", at(1), 9)
    assert database.record_capture(
        "agency",
        due.identity,
        Capture(url(), at(2), 304),
        CaptureResult(CaptureOutcome.NOT_MODIFIED),
    )
    database.save([article(3, OTHER)])
    (found,) = edits(database)
    assert (found.after_at, found.before_at) == (at(2), at(3))


def test_what_a_listing_drops_twice_is_unlisted_and_due(database: Database) -> None:
    numbers = range(1, 6)
    database.save([article(0, f"{TEXT} {n}", number=n, published_at=at(-10 * n)) for n in numbers])
    known = {each.url: each.identity for each in database.revisits.due("agency", at(99_999), 99)}
    listed = [known[url(n)] for n in numbers]
    without = [each for each in listed if each != known[url(2)]]
    for hours, shown in ((1, listed), (2, listed), (3, without), (4, listed), (5, without)):
        assert database.listings.record("list", at(hours), shown, of="agency") == []
    (dropped,) = database.listings.record("list", at(6), without, of="agency")
    (found,) = database.changes.transitions()
    assert (found.article_id, found.state) == (dropped, "unlisted")
    assert (found.after_at, found.before_at) == (at(4), at(5))
    assert url(2) in {each.url for each in database.revisits.due("agency", at(6), 1)}
    database.listings.record("list", at(7), listed, of="agency")
    assert database.changes.state_of(dropped) == "live"


def test_the_due_list_is_one_query_answered_from_its_index(database: Database) -> None:
    for start in range(0, 200, 50):
        many = [article(0, f"{TEXT} {n}", number=n) for n in range(start, start + 50)]
        database.save(many)

    def plan(connection: Connection) -> str:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
        values = {"of": "agency", "now": at(1), "room": 10}
        return str(connection.execute(Explain(DUE_QUERY), values).all())

    told = database.read(plan)
    assert "ix_article_outlet_next_check_at" in told
    assert "SCAN article" not in told
    assert "TEMP B-TREE" not in told
    assert "Seq Scan" not in told
    assert "Sort" not in told


@pytest.mark.parametrize(
    ("outcome", "detail", "state"),
    [
        (CaptureOutcome.GONE, "", ArticleState.MISSING),
        (CaptureOutcome.GONE, "unclear: a notice | moved to: the archive", ArticleState.MISSING),
        (CaptureOutcome.UNCLEAR, "gone: so says a notice", ArticleState.LIVE),
        (CaptureOutcome.MOVED, "https://agency.test/gone: unclear", ArticleState.LIVE),
    ],
)
def test_the_words_of_a_detail_decide_nothing_and_come_back_whole(
    database: Database, outcome: CaptureOutcome, detail: str, state: ArticleState
) -> None:
    database.save([article(0), article(0, number=2)])
    run = database.runs.begin("agency")
    database.save([article(1, number=2)], run.id)
    (known,) = database.articles.find(url())
    fetched = Capture(url(), at(1), 404)
    identity = compute_identity("", "", url())
    assert database.record_capture(
        "agency", identity, fetched, CaptureResult(outcome, detail), run.id
    )
    last = database.articles.captures(known)[-1]
    assert (last.outcome, last.detail) == (outcome, detail)
    assert database.changes.state_of(known) is state
    assert [change.how for change in database.changes.transitions()] == (
        [f"gone: {detail}" if detail else "HTTP status 404"] if state != "live" else []
    )


def test_changes_are_found_by_each_of_their_kinds_and_by_no_other_word(database: Database) -> None:
    database.save([article(0)])
    database.save([article(1, OTHER)])
    assert {kind for kind in ChangeKind if [*database.changes.iter(kind=kind)]} == {
        ChangeKind.BODY,
        ChangeKind.NUMBERS,
    }
    for word in ("bod", "body numbers", "%", "kinds"):
        with pytest.raises(InvalidRequest, match="no such kind"):
            list(database.changes.iter(kind=word))
