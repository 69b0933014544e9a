from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select

from dedup.bulk.cluster import cluster_documents
from storage import Database, open_database
from storage.errors import DedupSchemeError
from storage.identity import compute_identity
from storage.invariants import check_invariants
from storage.records import (
    Article,
    Capture,
    Dateline,
    PageClass,
    RunOutcome,
    SaveOutcome,
    TimePrecision,
)
from storage.saving.prepare import MAX_TEXT_CHARS
from storage.tables.articles import article, capture, quarantine
from storage.tables.meta import meta

Make = Callable[..., Article]
Hour = Callable[[float], datetime]


def saved(database: Database, *articles: Article) -> list[str]:
    return [receipt.outcome.value for receipt in database.save(articles)]


def wordings(database: Database, article_id: int) -> list[str]:
    return [version.text for version in database.articles.versions(article_id)]


def test_all_fields_come_back_as_they_were_given(
    database: Database, make: Make, hour: Hour
) -> None:
    given = make(
        1,
        at=1,
        key="k-1",
        canonical_url="https://outlet.test/1",
        lead="What happened.",
        authors=("Kim", "Lee"),
        section="politics",
        tags=("a", "b"),
        dateline=Dateline("SEOUL", "July 19", "Yonhap"),
        captions=("A photo",),
        published_at=hour(-2),
        published_precision=TimePrecision.MINUTE,
        published_source="json-ld",
        published_raw="2026-07-19 19:00",
        modified_at=hour(-1),
        first_seen_at=hour(0.5),
        last_poll_without_at=hour(0.25),
        rights="lead",
        external_id="x-1",
        rules_version="r7",
        evidence={"title": "og"},
    )
    [receipt] = database.save([given])
    row = database.articles.get(receipt.article_id)
    same = set(Article.__dataclass_fields__) - {"capture", "evidence", "exported"}
    assert {name: getattr(row, name) for name in same} == {n: getattr(given, n) for n in same}
    assert (row.last_captured_at, row.is_lead, row.relation) == (hour(1), True, "")
    assert database.articles.versions(row.id)[0].evidence == {"title": "og"}


def test_the_first_sight_is_kept(database: Database, make: Make, hour: Hour) -> None:
    database.save([make(1, at=3, first_seen_at=hour(2), last_poll_without_at=hour(1))])
    database.save([make(1, at=9, first_seen_at=hour(8), last_poll_without_at=hour(7))])
    row = database.articles.get(1)
    assert (row.first_seen_at, row.last_poll_without_at) == (hour(2), hour(1))


def test_the_time_of_an_import_is_no_sight_of_the_article(
    database: Database, make: Make, hour: Hour
) -> None:
    database.save([make(1), make(2, first_seen_at=hour(3))])
    assert database.articles.document(1).first_seen_at is None
    assert database.articles.document(2).first_seen_at == hour(3)
    assert database.articles.get(1).first_seen_at > hour(3)
    database.save([make(1, at=5)])
    assert database.articles.document(1).first_seen_at == hour(5)


def test_an_imported_corpus_has_the_stories_of_the_same_texts_compared_without_a_database(
    database: Database, make: Make, write: Callable[[int], str], hour: Hour
) -> None:
    cut = " ".join(write(1).split()[:90])
    dated = [hour(-24 * 2000), None, hour(-24 * 1000), None]
    texts = [write(1), cut, write(2), f"{write(2)} More."]
    articles = [
        make(n, text=text, published_at=at)
        for n, (text, at) in enumerate(zip(texts, dated, strict=True), 1)
    ]
    ids = [receipt.article_id for receipt in database.save(articles)]
    alone = [replace(database.articles.document(i), first_seen_at=None) for i in ids]
    expected = {story.members for story in cluster_documents(alone, database.scheme).stories}
    assert {tuple(m.id for m in story.members) for story in database.stories.iter()} == expected
    assert len(expected) == 2


def test_copies_come_into_one_story_and_others_do_not(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    copy = make(2, outlet="times", text=write(1) + " Added by the desk.")
    receipts = database.save([make(1), copy, make(3)])
    assert receipts[0].story_id == receipts[1].story_id != receipts[2].story_id
    [relation] = database.stories.relations_of(receipts[1].article_id)
    assert relation.merges


def test_an_edited_text_moves_to_the_story_that_it_is_now_part_of(
    database: Database, make: Make, write: Callable[[int], str]
) -> None:
    database.save([make(1, at=1), make(2, at=1, outlet="times"), make(3, at=1, outlet="post")])
    [receipt] = database.save([make(3, at=2, outlet="post", text=write(1))])
    assert receipt.outcome is SaveOutcome.EDITED
    assert receipt.story_id == database.articles.get(1).story_id
    assert check_invariants(database) == []


@pytest.mark.threats("R9")
def test_identity_is_the_key_whatever_the_address(database: Database, make: Make) -> None:
    database.save([make(1, at=1, key="k"), make(2, at=1, key="k", outlet="times")])
    [receipt] = database.save([make(1, at=2, key="k", url="https://outlet.test/new-slug")])
    assert receipt.outcome is SaveOutcome.UNCHANGED
    assert database.articles.get(1).url == "https://outlet.test/new-slug"
    assert database.articles.count() == 2


@pytest.mark.threats("R7")
def test_a_url_longer_than_an_index_row_is_stored(database: Database, make: Make) -> None:
    url = "https://outlet.test/" + "가나다" * 3000
    [receipt] = database.save([make(1, url=url)])
    assert database.articles.get(receipt.article_id).url == url


@pytest.mark.threats("R7")
def test_five_poisoned_articles_of_a_hundred_cost_the_others_nothing(
    database: Database, make: Make
) -> None:
    poison = {
        10: make(10, outlet=" "),
        25: make(25, text="x" * (MAX_TEXT_CHARS + 1)),
        50: make(50, at=1, first_seen_at=datetime(2026, 1, 1)),
        75: make(75, page_class=PageClass.BLOCKED),
        99: make(99, title=None),
    }
    receipts = database.save([poison.get(n) or make(n) for n in range(100)])
    rejected = {n: r.reason for n, r in enumerate(receipts) if r.outcome is SaveOutcome.REJECTED}
    assert rejected.keys() == poison.keys()
    assert rejected[10] == "no outlet"
    assert "over 2,000,000" in rejected[25]
    assert "has no zone" in rejected[50]
    assert "blocked" in rejected[75]
    assert "wrong kind" in rejected[99]
    assert database.articles.count() == 95
    assert {row.reason for row in database.articles.quarantined()} == set(rejected.values())
    assert check_invariants(database) == []


@pytest.mark.parametrize("broken", [False, True], ids=["whole", "one of them broken"])
def test_a_batch_is_stored_as_its_articles_would_be_one_by_one(
    new_corpus: Callable[[str], str], make: Make, write: Callable[[int], str], broken: bool
) -> None:
    too_large = Capture("https://outlet.test/9", datetime.now(UTC), 200, warc_offset=2**70)
    batch = [
        make(1, at=1),
        make(2, at=1, text=write(1)),
        make(3, at=1),
        make(1, at=2, text=write(4)),
        make(5, at=1, page_class=PageClass.STUB, text="The beginning of it."),
        make(6, outlet=" "),
        make(3, at=3),
        make(7, at=4, text=write(4), outlet="courier"),
        *([make(9, capture=too_large)] if broken else []),
    ]
    told = []
    for size in (len(batch), 1):
        with open_database(new_corpus("sqlite"), seed=1) as database:
            database.save([make(3, at=0)])
            parts = [batch[i : i + size] for i in range(0, len(batch), size)]
            receipts = [each for part in parts for each in database.save(part)]
            assert check_invariants(database) == []
            held = [
                (a.url, a.text, a.is_lead, a.relation, len(database.articles.versions(a.id)))
                for a in map(database.articles.get, range(1, database.articles.count() + 1))
            ]
            told.append(([r.outcome for r in receipts], sorted(held)))
    assert told[0] == told[1]
    assert told[0][0][:5] == ["new", "new", "unchanged", "edited", "new"]


def test_what_fails_within_the_database_is_quarantined_and_leaves_no_trace(
    database: Database, make: Make
) -> None:
    too_large = Capture("https://outlet.test/2", datetime.now(UTC), 200, warc_offset=2**70)
    receipts = database.save([make(1), make(2, capture=too_large), make(3)])
    assert [r.outcome.value for r in receipts] == ["new", "rejected", "new"]
    assert database.articles.count() == 2
    assert check_invariants(database) == []


@pytest.mark.threats("R7")
@pytest.mark.parametrize(
    "dirty",
    ["a\x00b", "a\ud800b", "a\x1b[31mb", "a\ufffeb", "a\x85b", "\U0001f600"],
    ids=["nul", "surrogate", "escape", "noncharacter", "nel", "emoji"],
)
def test_hostile_characters_are_cleaned_and_the_article_is_stored(
    database: Database, make: Make, dirty: str
) -> None:
    hostile = make(
        1,
        at=1,
        title=dirty,
        text=f"{dirty} and text",
        url=f"https://outlet.test/{dirty}",
        authors=(dirty,),
        evidence={dirty: dirty},
        external_id=dirty,
        published_raw=dirty,
    )
    [receipt] = database.save([hostile])
    assert receipt.outcome is SaveOutcome.NEW
    row = database.articles.get(receipt.article_id)
    assert not set(row.title + row.text + row.url) & {"\x00", "\ud800", "\x1b", "\ufffe", "\x85"}
    assert saved(database, hostile) == ["unchanged"]


@pytest.mark.threats("R8")
@pytest.mark.parametrize(
    "absurd",
    [
        datetime(9999, 12, 31, 23, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC) - timedelta(days=365 * 30),
        datetime(2026, 7, 22, tzinfo=UTC),
    ],
    ids=["year 9999", "year 1", "before 1945", "after the capture"],
)
def test_an_absurd_date_is_kept_as_words_only(
    database: Database, make: Make, absurd: datetime
) -> None:
    [receipt] = database.save([make(1, at=1, published_at=absurd)])
    row = database.articles.get(receipt.article_id)
    assert (row.published_at, row.published_raw) == (None, absurd.isoformat())


@pytest.mark.threats("R8")
def test_the_same_instant_is_read_whatever_zone_it_was_given_in(
    database: Database, make: Make, hour: Hour
) -> None:
    database.save([make(1, at=1, published_at=hour(-1).astimezone(ZoneInfo("Asia/Seoul")))])
    read = database.articles.get(1).published_at
    assert read == hour(-1)
    assert read is not None
    assert read.tzinfo is UTC


def test_known_articles_are_told_with_their_last_capture(
    database: Database, make: Make, hour: Hour
) -> None:
    database.save([make(1, at=1), make(1, at=4), make(2), make(3, outlet="times", at=1)])
    names = {n: compute_identity("", "", f"https://outlet.test/{n}") for n in (1, 2, 3, 4)}
    known = database.articles.last_captured("herald", list(names.values()))
    assert known.keys() == {names[1], names[2]}
    assert known[names[1]] == hour(4)


def test_rows_say_which_run_they_came_with(database: Database, make: Make) -> None:
    run = database.runs.begin("herald")
    database.save([make(1, at=1), make(2, url="")], run.id)
    run.outcome = RunOutcome.OK
    database.runs.finish(run)
    tables = (article, capture, quarantine)
    held = database.read(lambda c: [c.scalar(select(table.c.run_id)) for table in tables])
    assert held == [run.id] * 3


def test_the_agencys_own_text_leads_its_story_whoever_came_first(
    database: Database, make: Make, write: Callable[[int], str], hour: Hour
) -> None:
    database.outlets.declare_ranks({"kcna": 0, "herald": 9})
    database.save([make(1, published_at=hour(-9))])
    database.save([make(2, outlet="kcna", text=write(1), published_at=hour(-5))])
    assert database.stories.get(database.articles.get(1).story_id).lead.outlet == "kcna"


def test_a_page_that_names_the_front_page_as_its_address_is_still_itself(
    database: Database, make: Make
) -> None:
    home = "https://outlet.test/"
    assert saved(database, make(1, canonical_url=home), make(2, canonical_url=home)) == [
        "new",
        "new",
    ]


def test_two_databases_compare_texts_by_different_secret_seeds(
    database: Database, tmp_path: Path
) -> None:
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    assert other.scheme != database.scheme
    other.close()


def test_a_database_of_another_scheme_can_be_read_but_not_written(
    database: Database, corpus_url: str, make: Make
) -> None:
    database.save([make(1)])

    def age(connection: Connection) -> None:
        connection.execute(
            meta.update().where(meta.c.key == "dedup.scheme.name").values(value="n0.other")
        )

    database.write(age)
    old = open_database(corpus_url)
    assert [row.id for row in old.articles.iter()] == [1]
    with pytest.raises(DedupSchemeError, match=r"n0\.other.*recluster"):
        old.save([make(2)])
    old.close()
