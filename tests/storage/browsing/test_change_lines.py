import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from storage import Database
from storage.browsing.change_facets import count_changes
from storage.browsing.change_lines import (
    MAX_COMPARED_CHARS,
    ChangeLine,
    ChangeSelection,
    load_change_lines,
    load_neighbours,
)
from storage.browsing.position import Position
from storage.changes.rows import ChangeRow
from storage.errors import InvalidRequest
from storage.records import Article, Capture
from storage.tables.changes import change, transition
from tests.storage.conftest import NOON, MakeArticle

Save = Callable[..., None]


@pytest.fixture
def edited(database: Database, make: MakeArticle) -> Database:
    """Two outlets: one article edited in text and headline, one only in its quotation marks."""
    first = make(1, outlet="herald")
    second = replace(make(2, outlet="times"), text="He spoke of a 'plan'. It is old.")
    _save(database, first, 0)
    _save(database, replace(first, title="Another headline", text=f"{first.text} New end."), 1)
    _save(database, second, 0)
    _save(database, replace(second, text="He spoke of a “plan”. It is old."), 2)
    return database


def _save(database: Database, article: Article, hours: int) -> None:
    at = NOON + timedelta(hours=hours)
    capture = Capture(article.url, at, 200, f"{hours:064}")
    database.save([replace(article, capture=capture, first_seen_at=at)])


@pytest.fixture
def crowded(edited: Database) -> Database:
    """Many edits and changes of state, most of them found at the same few times."""
    random.seed(5)

    def add(connection: Connection) -> None:
        row = connection.execute(select(change)).mappings().first()
        assert row is not None
        edit = {name: value for name, value in row.items() if name != "id"}
        state = {"article_id": edit["article_id"], "was": "live", "state": "missing", "how": "404"}
        for _ in range(70):
            at = NOON + timedelta(minutes=random.randrange(12))
            connection.execute(insert(change), edit | {"found_at": at})
            if random.random() < 0.5:
                connection.execute(insert(transition), state | {"found_at": at, "before_at": at})

    edited.write(add)
    return edited


def _name(line: ChangeLine) -> tuple[datetime, bool, int]:
    return line.row.found_at, isinstance(line.row, ChangeRow), line.row.id


def _walk(database: Database, limit: int, **selection: Any) -> Iterable[list[ChangeLine]]:
    before: Position | None = None
    while True:
        found = load_change_lines(
            database, ChangeSelection(boring=True, **selection), limit=limit, before=before
        )
        yield list(found.rows)
        if found.next is None:
            return
        before = found.next


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_pages_over_both_tables_lose_and_repeat_nothing(crowded: Database, limit: int) -> None:
    found = [_name(line) for page in _walk(crowded, limit) for line in page]
    edits = [(each.found_at, True, each.id) for each in crowded.changes.iter(boring=True)]
    states = [(each.found_at, False, each.id) for each in crowded.changes.transitions()]
    assert sorted(found) == sorted([*edits, *states])
    assert [at for at, *_ in found] == sorted((at for at, *_ in found), reverse=True)


@pytest.mark.parametrize("limit", [1, 7])
def test_the_way_back_shows_the_same_pages(crowded: Database, limit: int) -> None:
    there = [load_change_lines(crowded, ChangeSelection(), limit=limit)]
    while there[-1].next:
        there.append(
            load_change_lines(crowded, ChangeSelection(), limit=limit, before=there[-1].next)
        )
    for page, newer in zip(reversed(there), list(reversed(there))[1:], strict=False):
        back = load_change_lines(crowded, ChangeSelection(), limit=limit, after=page.previous)
        assert [_name(each) for each in back.rows] == [_name(each) for each in newer.rows]


def test_what_arrives_meanwhile_moves_no_row_to_another_page(crowded: Database) -> None:
    expected = [_name(line) for page in _walk(crowded, 10) for line in page]
    found = []
    for number, page in enumerate(_walk(crowded, 10)):
        found += [_name(line) for line in page]
        if number < 3:
            _add_newer_edit(crowded, number)
    assert found == expected


def _add_newer_edit(database: Database, number: int) -> None:
    def add(connection: Connection) -> None:
        row = connection.execute(select(change)).mappings().first()
        assert row is not None
        edit = {name: value for name, value in row.items() if name != "id"}
        at = NOON + timedelta(days=1, minutes=number)
        connection.execute(insert(change), edit | {"found_at": at})

    database.write(add)


def test_an_empty_page_leads_back(crowded: Database) -> None:
    oldest = Position(NOON - timedelta(days=1), 1)
    empty = load_change_lines(crowded, ChangeSelection(), before=oldest)
    assert empty.rows == ()
    assert empty.previous is not None
    assert load_change_lines(crowded, ChangeSelection(), after=empty.previous).rows


def test_each_edit_has_its_changed_words(edited: Database) -> None:
    found = load_change_lines(edited, ChangeSelection(boring=True)).rows
    typography, both = found
    assert _plain(typography) == ["text: He spoke of a [-'-]{+“+}plan[-'-]{+”+}."]
    assert _plain(both) == ["headline: [-Headline 1-]{+Another headline+}", "text: {+New end.+}"]


def _plain(line: ChangeLine) -> list[str]:
    marks = {" ": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return [
        f"{each.field}: {''.join(marks[piece.sign].format(piece.text) for piece in each.pieces)}"
        for each in line.words
    ]


def test_a_filter_holds_for_both_tables(crowded: Database) -> None:
    assert {line.row.outlet for page in _walk(crowded, 9, outlet="times") for line in page} == {
        "times"
    }
    states = [line.row for page in _walk(crowded, 9, state="missing") for line in page]
    assert states
    assert not any(isinstance(each, ChangeRow) for each in states)
    until = NOON + timedelta(minutes=3)
    early = [line.row for page in _walk(crowded, 9, since=NOON, until=until) for line in page]
    assert early
    assert all(NOON <= each.found_at < until for each in early)
    with pytest.raises(InvalidRequest, match="has no kind"):
        ChangeSelection(kind="headline", state="gone")


def test_boring_edits_are_hidden_and_counted(edited: Database) -> None:
    (shown,) = load_change_lines(edited, ChangeSelection()).rows
    facets = count_changes(edited)
    assert (facets.boring, [each.value for each in facets.outlets]) == (1, ["herald"])
    assert {each.value: each.count for each in facets.kinds}["headline"] == 1
    edited.changes.set_ruling(shown.row.id, boring=True, note="a test")
    assert load_change_lines(edited, ChangeSelection()).rows == ()
    assert count_changes(edited).boring == 2
    assert sum(each.count for each in count_changes(edited, boring=True).natures) == 2


def test_only_the_beginning_of_a_long_text_is_compared(
    database: Database, make: MakeArticle
) -> None:
    article = replace(make(3), text="A word. " * (MAX_COMPARED_CHARS // 8 + 10))
    _save(database, article, 0)
    _save(database, replace(article, text=f"{article.text}The end."), 1)
    (line,) = load_change_lines(database, ChangeSelection()).rows
    assert line.is_long
    assert line.words == ()


def test_the_neighbours_of_an_edit_are_the_next_ones_in_the_list(crowded: Database) -> None:
    edits = list(crowded.changes.iter())
    for newer, edit, older in zip(edits, edits[1:], edits[2:], strict=False):
        assert load_neighbours(crowded, edit) == (newer, older)
    assert load_neighbours(crowded, edits[0])[0] is None
    assert load_neighbours(crowded, edits[-1])[1] is None
