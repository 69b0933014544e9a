"""Writers that are killed at any instant, and several writers at once."""

import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from storage import Database, open_database
from storage.index import index_flush as settling
from storage.invariants import check_invariants
from storage.records import Article

Make = Callable[..., Article]
Story = frozenset[tuple[str, str]]

# A fork has all modules at once; a fresh interpreter would need a second for each kill. Python 3.12
# warns of threads in the parent: those of numpy's algebra, which no child calls.
CONTEXT = multiprocessing.get_context("fork")
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
BATCH = 4


@pytest.fixture(autouse=True)
def _keys_are_settled_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few articles would all wait for a round that never begins."""
    monkeypatch.setattr(settling, "ARTICLES_PER_ROUND", 8)
    monkeypatch.setattr(settling, "SLICE_COUNT", 4)


@pytest.fixture
def corpus(make: Make, write: Callable[[int], str]) -> list[Article]:
    """Forty articles: copies in three outlets, edits seen an hour later, strangers."""
    articles = []
    for number in range(16):
        words = write(number).split()
        articles.append(make(number, at=number))
        if number % 2:
            text = " ".join(words[:-5])
            articles.append(make(100 + number, at=number + 0.3, outlet="times", text=text))
        if number % 4 == 1:
            text = " ".join([*words[3:], "More", "was", "said."])
            articles.append(make(200 + number, at=number + 0.6, outlet="post", text=text))
    edits = [make(n, at=n + 1, text=write(n) + " Corrected.") for n in range(0, 16, 4)]
    moved = [make(n, at=n + 1, text=write(n + 1)) for n in range(2, 16, 4)]
    return [*articles, *edits, *moved]


def save_all(url: str, articles: Sequence[Article], acknowledged: Path) -> None:
    """Save in batches; write down the ids of each batch when it is acknowledged."""
    with open_database(url, patience=60) as database, acknowledged.open("ab", buffering=0) as file:
        for start in range(0, len(articles), BATCH):
            receipts = database.save(articles[start : start + BATCH])
            file.write("".join(f"{receipt.article_id}\n" for receipt in receipts).encode())


def save_for_ever(url: str, articles: Sequence[Article], acknowledged: Path, ready: Event) -> None:
    """Save all over and over, until killed."""
    ready.set()
    while True:
        save_all(url, articles, acknowledged)


def stories(database: Database) -> set[Story]:
    """The stories by what their members are called in every database."""
    return {
        frozenset((m.outlet, m.url) for m in story.members) for story in database.stories.iter()
    }


def texts(database: Database) -> dict[str, str]:
    return {row.url: row.text for row in database.articles.iter()}


def acknowledged_in(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.mark.threats("R10")
@pytest.mark.parametrize(
    ("kind", "databases"),
    [
        ("sqlite", 1),
        pytest.param("sqlite", 17, marks=pytest.mark.slow),
        pytest.param("postgresql", 4, marks=[pytest.mark.postgres, pytest.mark.slow]),
    ],
)
def test_a_writer_killed_at_any_instant_leaves_no_half_article_and_loses_none(
    kind: str,
    databases: int,
    corpus: list[Article],
    new_corpus: Callable[[str], str],
    tmp_path: Path,
) -> None:
    chosen = random.Random()
    began = time.monotonic()
    url = new_corpus(kind)
    save_all(url, corpus, tmp_path / "whole")
    duration = time.monotonic() - began
    with open_database(url) as whole:
        expected, wordings = stories(whole), texts(whole)
    for number in range(databases):
        url, notes = new_corpus(kind), tmp_path / f"acknowledged-{number}"
        for _ in range(3):
            strike(url, corpus, notes, chosen.uniform(0, duration / 2))
            with open_database(url) as database:
                assert check_invariants(database, acknowledged_in(notes)) == []
        save_all(url, corpus, notes)
        with open_database(url) as database:
            assert check_invariants(database, acknowledged_in(notes)) == []
            assert stories(database) == expected
            assert texts(database) == wordings


def strike(url: str, corpus: Sequence[Article], notes: Path, seconds: float) -> None:
    """Kill a writer so long after it began."""
    ready = CONTEXT.Event()
    writer = CONTEXT.Process(target=save_for_ever, args=(url, corpus, notes, ready))
    writer.start()
    assert ready.wait(60)
    time.sleep(seconds)
    writer.kill()
    writer.join()
    assert writer.exitcode == -9


@pytest.mark.parametrize("writers", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_writers_at_once_make_the_stories_of_one(
    writers: int, corpus: list[Article], corpus_url: str, tmp_path: Path, sqlite_template: Path
) -> None:
    alone_path = tmp_path / "alone.db"
    alone_path.write_bytes(sqlite_template.read_bytes())
    save_all(f"sqlite:///{alone_path}", corpus, tmp_path / "alone")
    alone = open_database(f"sqlite:///{alone_path}")
    chosen = random.Random()
    notes = [tmp_path / f"acknowledged-{number}" for number in range(writers)]
    processes = []
    for note in notes:
        share = chosen.sample(corpus, len(corpus) * 3 // 4)
        processes.append(CONTEXT.Process(target=save_all, args=(corpus_url, share, note)))
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * writers
    save_all(corpus_url, corpus, notes[0])
    database = open_database(corpus_url)
    assert check_invariants(database, [i for note in notes for i in acknowledged_in(note)]) == []
    assert stories(database) == stories(alone)
    assert texts(database) == texts(alone)
    database.close()
    alone.close()


def test_the_stories_do_not_depend_on_the_order_of_arrival(
    corpus: list[Article], database: Database, tmp_path: Path, sqlite_template: Path
) -> None:
    for article in corpus:
        database.save([article])
    path = tmp_path / "other.db"
    path.write_bytes(sqlite_template.read_bytes())
    other = open_database(f"sqlite:///{path}")
    shuffled = random.Random().sample(corpus, len(corpus))
    other.save(shuffled)
    assert stories(other) == stories(database)
    assert texts(other) == texts(database)
    assert {s.lead.url for s in other.stories.iter()} == {
        s.lead.url for s in database.stories.iter()
    }
    other.close()
