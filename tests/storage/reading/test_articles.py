from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from dedup.records import RelationKind
from storage import Database
from storage.errors import NotFound
from storage.records import Article

Make = Callable[..., Article]
Hour = Callable[[float], datetime]


@pytest.fixture
def sqlite_steps() -> Callable[..., list[str]]:
    """How SQLite would go about the queries of some work; [] for another database."""

    def steps_of(database: Database, work: Callable[[], object]) -> list[str]:
        asked: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, values: Any, ___: Any, ____: bool) -> None:
            if statement.startswith("SELECT"):
                asked.append((statement, values))

        event.listen(database.engine, "before_cursor_execute", note)
        work()
        event.remove(database.engine, "before_cursor_execute", note)
        if database.engine.dialect.name != "sqlite":
            return []
        with database.reading() as connection:
            return [
                step.detail
                for statement, values in asked
                for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            ]

    return steps_of


@pytest.fixture
def corpus(database: Database, make: Make, hour: Hour, write: Callable[[int], str]) -> Database:
    """Articles 1 to 4: 1 and 3 are copies, 4 is in Korean and has no time of publication."""
    database.save(
        [
            make(1, published_at=hour(-30), first_seen_at=hour(0)),
            make(2, published_at=hour(-20), external_id="x-2"),
            make(3, published_at=hour(-10), outlet="times", text=write(1) + " More."),
            make(4, at=1, language="ko", first_seen_at=hour(1)),
        ]
    )
    return database


def test_articles_are_filtered_by_time_outlet_language_and_story(
    corpus: Database, hour: Hour
) -> None:
    def ids(**filters: object) -> list[int]:
        rows = [row.id for row in corpus.articles.iter(**filters)]  # type: ignore[arg-type]
        assert corpus.articles.count(**filters) == len(rows)  # type: ignore[arg-type]
        return rows

    assert ids() == [1, 2, 3, 4]
    assert ids(since=hour(-20)) == [2, 3, 4]
    assert ids(until=hour(-20)) == [1]
    assert ids(since=hour(-25), until=hour(1)) == [2, 3]
    assert ids(since=hour(1)) == [4]
    assert ids(outlet="times") == [3]
    assert ids(language="ko") == [4]
    assert ids(story=corpus.articles.get(1).story_id) == [1, 3]
    assert ids(outlet=None, since=None) == [1, 2, 3, 4]
    assert ids(outlet=["times", "herald"]) == [1, 2, 3, 4]
    assert ids(outlet=("times",), dated=True) == [3]
    assert (ids(dated=True), ids(dated=False)) == ([1, 2, 3], [4])


def test_a_story_has_its_members_its_lead_and_its_outlets(corpus: Database, hour: Hour) -> None:
    story = corpus.stories.get(corpus.articles.get(3).story_id)
    assert [member.id for member in story.members] == [1, 3]
    assert (story.lead.id, story.title, story.outlets) == (1, "Headline 1", ("herald", "times"))
    assert (story.published_at, story.first_seen_at) == (hour(-30), hour(0))


def test_stories_are_filtered_by_any_member_and_come_whole(corpus: Database) -> None:
    assert [len(s.members) for s in corpus.stories.iter()] == [2, 1, 1]
    assert [len(s.members) for s in corpus.stories.iter(outlet="times")] == [2]
    assert [s.lead.id for s in corpus.stories.iter(at_least=2)] == [1]
    assert [s.lead.id for s in corpus.stories.iter(newest_first=True, limit=2)] == [4, 1]
    by_date = partial(corpus.stories.iter, newest_first=True, undated_last=True)
    assert [s.lead.id for s in by_date()] == [1, 2, 4]
    assert [s.lead.id for s in by_date(limit=2)] == [1, 2]
    assert [s.lead.id for s in by_date(language="ko")] == [4]


def test_stories_are_in_order_of_their_latest_date_whichever_members_have_none(
    database: Database, make: Make, hour: Hour, write: Callable[[int], str]
) -> None:
    members = [(-50, None), (-10, None), (-30, -20), (None, -40), (None, None), (-20, None), (-60,)]
    for number, hours in enumerate(members, start=1):
        for copy, published in enumerate(hours):
            article = make(
                10 * number + copy,
                outlet=("herald", "times")[copy],
                text=write(number),
                published_at=None if published is None else hour(published),
                first_seen_at=hour(number),
            )
            database.save([article])
    by_date = partial(database.stories.iter, newest_first=True, undated_last=True)
    stories = list(by_date())
    latest = [story.last_published and story.last_published.at for story in stories]
    assert latest == [*map(hour, (-10, -20, -20, -40, -50, -60)), None]
    ids = [story.id for story in stories]
    assert ids[1] > ids[2]  # of one time, the later story
    for limit in range(len(ids) + 1):
        assert [story.id for story in by_date(limit=limit)] == ids[:limit]
    assert [story.id for story in by_date(dated=True, since=hour(-20))] == ids[:3]
    assert [story.id for story in by_date(dated=False, at_least=2, limit=2)] == [ids[0], ids[1]]


def test_an_article_says_what_it_is_to_the_lead_of_its_story(corpus: Database) -> None:
    lead, copy = corpus.articles.get(1), corpus.articles.get(3)
    assert (lead.is_lead, lead.relation) == (True, "")
    assert (copy.is_lead, copy.relation) == (False, corpus.stories.relations_of(3)[0].kind)
    assert [r.kind for r in corpus.stories.relations()] == [RelationKind(copy.relation)]


def test_articles_are_found_by_address_key_or_imported_id(corpus: Database) -> None:
    assert corpus.articles.find("https://outlet.test/2") == [2]
    assert corpus.articles.find("x-2") == [2]
    assert corpus.articles.find("nothing") == []


@pytest.mark.parametrize(
    "address",
    [
        "https://outlet.test/2/?UTM_Source=mail&gad_source=1#top",
        "http://www.outlet.test/2",
        "https://outlet.test/2?gclid=1&amp;utm_source=mail",
    ],
)
def test_an_article_is_found_by_any_address_that_is_its_own(corpus: Database, address: str) -> None:
    assert corpus.articles.find(address) == [2]


def test_an_article_that_was_stored_with_tracking_parameters_is_found_without(
    corpus: Database, make: Make
) -> None:
    [receipt] = corpus.save([make(5, url="https://outlet.test/5?utm_source=mail&id=7")])
    assert corpus.articles.find("https://outlet.test/5?id=7") == [receipt.article_id]


def test_what_the_corpus_has_is_known_by_index(
    corpus: Database, sqlite_steps: Callable[..., list[str]]
) -> None:
    def work() -> None:
        assert corpus.articles.languages() == ["en", "ko"]
        assert [corpus.articles.has_language(code) for code in ("ko", "fr")] == [True, False]
        assert [corpus.articles.exists(number) for number in (4, 5)] == [True, False]
        assert corpus.articles.find_imported("x-2") == [2]
        assert corpus.articles.find_imported("x-3") == []
        assert corpus.outlets.names() == {"herald", "times"}

    steps = sqlite_steps(corpus, work)
    assert not [step for step in steps if step.startswith("SCAN article")]


def test_a_search_lists_articles_without_a_date_at_their_time_or_last(corpus: Database) -> None:
    assert [hit.id for hit in corpus.search("headline")] == [4, 3, 2, 1]
    assert [hit.id for hit in corpus.search("headline", undated_last=True)] == [3, 2, 1, 4]
    assert [hit.id for hit in corpus.search("headline", undated_last=True, limit=2)] == [3, 2]
    found = corpus.search('"headline 4" OR "headline 3"', undated_last=True, collapse=True)
    assert [hit.id for hit in found] == [3, 4]


def test_what_is_not_there_is_named(corpus: Database) -> None:
    for look in (corpus.articles.get, corpus.articles.versions, corpus.articles.document):
        with pytest.raises(NotFound, match="no article has the id 77"):
            look(77)
    for ask in (corpus.stories.get, corpus.stories.current_id):
        with pytest.raises(NotFound, match="no story has the id 77"):
            ask(77)


def test_the_document_is_what_deduplication_compares(corpus: Database, hour: Hour) -> None:
    document = corpus.articles.document(3)
    assert (document.id, document.outlet, document.title) == (3, "times", "Headline 3")
    assert document.published_at == hour(-10)
