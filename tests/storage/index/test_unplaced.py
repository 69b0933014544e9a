"""What is stored without being placed, until `recluster` places all of it at once."""

import io
import json
import multiprocessing
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.batches import batched
from storage.errors import InvalidRequest
from storage.export.export import export
from storage.importers.files import read_articles
from storage.importers.import_numbers import ImportNumbers
from storage.index.unplaced import count_unplaced, describe_unplaced
from storage.invariants import check_invariants
from storage.records import Article, PageClass, SaveOutcome
from storage.reports.working_out import rebuild_reports, work_out
from storage.snapshots.create import SnapshotRequest, create_snapshot
from storage.tables.articles import article as table

Make = Callable[..., Article]
Write = Callable[[int], str]
Row = dict[str, Any]
_TIMES = ("first_seen_at", "last_captured_at")


@pytest.fixture
def arrivals(make: Make, write: Write, carriers: list[Article]) -> list[Article]:
    """Reports, copies, excerpts, a text between two others, edits, a reprint and a stub."""
    half = [write(each).split()[:60] for each in (41, 42)]
    return [
        *carriers,
        *(make(200 + n, outlet=f"paper{n}", text=write(40)) for n in range(12)),
        make(301, text=write(41)),
        make(302, text=write(42), outlet="times"),
        make(303, text=" ".join(half[0] + half[1]), outlet="post"),
        make(304, text=f"{write(41)} More was said.", outlet="post"),
        make(305, text="", page_class=PageClass.STUB, lead="Only the beginning."),
        make(301, text=f"{write(41)} Corrected.", at=1),
        make(301, text=f"{write(41)} Corrected twice.", at=2),
        make(306, text=write(41), outlet="mirror", at=3),
    ]


def save_later(database: Database, articles: Iterable[Article]) -> list[SaveOutcome]:
    return [
        receipt.outcome
        for batch in batched(list(articles), 7)
        for receipt in database.save(batch, places=False)
    ]


def unplaced(database: Database) -> int:
    return database.read(count_unplaced)


def exported(database: Database, **options: Any) -> list[Row]:
    out = io.BytesIO()
    export(database, out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def renumbered(rows: Sequence[Row]) -> list[Row]:
    """The rows without the time of the import; each group has the number of its first article."""
    first: dict[tuple[str, int], int] = {}
    for row in rows:
        for name in ("story", "report"):
            first.setdefault((name, row[name]), row["id"])
    return [
        {name: value for name, value in row.items() if name not in _TIMES}
        | {name: row[name] and first[name, row[name]] for name in ("story", "report")}
        for row in rows
    ]


def comparisons(database: Database) -> list[tuple[Any, ...]]:
    return [
        (each.a, each.b, each.kind, each.merges, each.jaccard, each.reason)
        for each in database.stories.relations()
    ]


@contextmanager
def beside(database: Database, new_corpus: Callable[[str], str]) -> Iterator[Database]:
    """A second, empty database of the same kind."""
    with open_database(new_corpus(database.engine.url.get_backend_name()), patience=30) as other:
        yield other


def test_placed_later_all_is_as_if_it_had_been_placed_at_once(
    database: Database, new_corpus: Callable[[str], str], arrivals: list[Article]
) -> None:
    whole = len({each.url for each in arrivals}) - 1
    outcomes = save_later(database, arrivals)
    assert (outcomes.count(SaveOutcome.NEW), outcomes.count(SaveOutcome.EDITED)) == (whole + 1, 2)
    assert set(save_later(database, arrivals)) == {SaveOutcome.UNCHANGED}
    work_out(database)
    assert unplaced(database) == whole
    assert (check_invariants(database), comparisons(database)) == ([], [])
    with beside(database, new_corpus) as other:
        for batch in batched(arrivals, 7):
            other.save(batch)
        rebuild_reports(other)
        expected, edges = renumbered(exported(other)), comparisons(other)
        stories = [row["story"] for row in exported(other)]
    result = database.recluster()
    assert (unplaced(database), result.articles, result.stories_before) == (0, whole, 0)
    work_out(database)
    assert check_invariants(database) == []
    rows = exported(database)
    assert renumbered(rows) == expected
    assert comparisons(database) == edges
    assert len({row["report"] for row in expected}) > 4
    # The stub got its number at once; the others have theirs in the order of their first article.
    numbers = list(dict.fromkeys(row["story"] for row in rows if row["page_class"] == "article"))
    assert numbers == sorted(numbers)
    assert len(set(stories)) == len({row["story"] for row in rows})


def test_an_unplaced_article_is_read_like_any_other(
    database: Database, make: Make, write: Write, tmp_path: Path
) -> None:
    database.save([make(1), make(2)])
    save_later(database, [make(3, text=write(1)), make(4, text=write(3))])
    rows = exported(database)
    assert [(row["story"], row["lead"]) for row in rows[2:]] == [(None, False)] * 2
    assert [row["story"] for row in exported(database, collapse=True)] == [1, 2]
    assert len(exported(database, collapse=True, words="headline")) == 2
    hits = database.search("headline", collapse=True)
    assert {hit.id: hit.story_id for hit in hits} == {1: 1, 2: 2, 3: -3, 4: -4}
    assert database.articles.get(3).story_id == -3
    with pytest.raises(InvalidRequest, match="3 is not placed yet: run `nkwire recluster` first"):
        database.decisions.add(1, 3, DecisionVerb.MUST_LINK)
    request = SnapshotRequest(name="early")
    with pytest.raises(InvalidRequest, match="2 articles are not placed yet"):
        create_snapshot(database, tmp_path / "early", request)
    assert not (tmp_path / "early").exists()
    database.recluster()
    assert create_snapshot(database, tmp_path / "early", request).articles == 4


def test_what_comes_in_the_usual_way_is_compared_with_placed_articles_alone(
    database: Database, make: Make, write: Write
) -> None:
    save_later(database, [make(1), make(2)])
    [receipt] = database.save([make(3, text=write(1))])
    assert (receipt.story_id, comparisons(database), unplaced(database)) == (1, [], 2)
    [receipt] = database.save([make(2)])
    assert (receipt.outcome, unplaced(database)) == (SaveOutcome.UNCHANGED, 1)
    [receipt] = database.save([make(1, text=f"{write(1)} More.")])
    assert (receipt.outcome, receipt.story_id) == (SaveOutcome.EDITED, 1)
    assert (unplaced(database), check_invariants(database)) == (0, [])


def test_an_edit_of_a_placed_article_is_placed_at_once(
    database: Database, make: Make, write: Write
) -> None:
    database.save([make(1), make(2)])
    [receipt] = database.save([make(2, text=write(1))], places=False)
    assert (receipt.outcome, receipt.story_id) == (SaveOutcome.EDITED, 1)
    assert (unplaced(database), check_invariants(database)) == (0, [])


def test_a_stub_whose_whole_text_comes_in_the_same_batch_is_placed_at_once(
    database: Database, make: Make, write: Write
) -> None:
    database.save([make(1)])
    stub = make(2, text="", page_class=PageClass.STUB, lead="Only the beginning.")
    database.save([stub, make(2, text=write(1), at=1)], places=False)
    assert database.articles.get(2).story_id == 1
    assert (unplaced(database), check_invariants(database)) == (0, [])


def test_what_arrives_during_a_reclustering_waits_for_the_next(
    database: Database, make: Make, write: Write
) -> None:
    save_later(database, [make(1), make(2), make(3)])
    waiting = [make(4, text=write(1)), make(2, text=f"{write(3)} More was said.")]

    def arrive(done: int, total: int) -> None:
        save_later(database, waiting)
        waiting.clear()

    database.recluster(progress=arrive)
    assert unplaced(database) == 1
    assert database.articles.get(2).story_id == database.articles.get(3).story_id
    assert check_invariants(database) == []
    database.recluster()
    assert database.articles.get(4).story_id == database.articles.get(1).story_id
    assert (unplaced(database), check_invariants(database)) == (0, [])


def test_an_export_brings_its_decisions_and_its_numbers_of_articles(
    database: Database, new_corpus: Callable[[str], str], make: Make, write: Write, tmp_path: Path
) -> None:
    file = tmp_path / "all.jsonl"
    with beside(database, new_corpus) as other:
        other.save([make(1), make(2), make(3, text=write(1)), make(4)])
        other.decisions.add(2, 4, DecisionVerb.MUST_LINK, "one speech")
        other.decisions.add(1, 3, DecisionVerb.CANNOT_LINK, "two speeches")
        export(other, file)
        decisions = other.decisions.all()
    numbers = ImportNumbers.open(database, [file])
    assert numbers
    articles = [each for each in read_articles(file) if isinstance(each, Article)]
    numbers.record(articles, database.save(articles, highest=numbers.highest, places=False))
    numbers.finish(database, [file], places=False)
    assert (database.decisions.all(), unplaced(database)) == (decisions, 4)
    assert check_invariants(database) == []
    database.recluster()
    stories = {each.id: each.story_id for each in database.articles.iter()}
    assert list(stories) == [1, 2, 3, 4]
    assert stories[2] == stories[4]
    assert len(set(stories.values())) == 3


def test_an_article_of_a_story_without_a_signature_is_damage(
    database: Database, make: Make
) -> None:
    database.save([make(1)])
    save_later(database, [make(2)])
    database.write(lambda c: c.execute(update(table).where(table.c.id == 2).values(story_id=1)))
    assert any("without a signature: 2" in line for line in check_invariants(database))
    database.write(lambda c: c.execute(update(table).where(table.c.id == 1).values(story_id=None)))
    assert any("in no living story: 1" in line for line in check_invariants(database))


def test_the_line_about_unplaced_articles() -> None:
    assert describe_unplaced(0) == ""
    assert describe_unplaced(1) == "1 article is not placed yet: run `nkwire recluster`"


def save_for_ever(url: str, articles: Sequence[Article], ready: Event) -> None:
    """Stores all over and over, until killed."""
    ready.set()
    while True:
        with open_database(url, patience=30) as database:
            save_later(database, articles)


@pytest.mark.threats("R10")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_writer_killed_at_any_instant_leaves_whole_articles_and_is_gone_on_with(
    corpus_url: str, arrivals: list[Article]
) -> None:
    context = multiprocessing.get_context("fork")
    for _ in range(3):
        ready = context.Event()
        writer = context.Process(target=save_for_ever, args=(corpus_url, arrivals, ready))
        writer.start()
        assert ready.wait(60)
        time.sleep(random.uniform(0, 0.3))
        writer.kill()
        writer.join()
        with open_database(corpus_url, patience=30) as database:
            assert check_invariants(database) == []
    with open_database(corpus_url, patience=30) as database:
        save_later(database, arrivals)
        whole = unplaced(database)
        assert whole == len({each.url for each in arrivals}) - 1
        assert database.recluster().articles == whole
        assert (unplaced(database), check_invariants(database)) == (0, [])
