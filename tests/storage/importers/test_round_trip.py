"""An export that is imported into an empty database gives the same corpus, numbers included."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.batches import batched
from storage.export.export import ExportOptions, export
from storage.importers.files import read_articles, read_companion_rows
from storage.importers.import_numbers import ImportNumbers
from storage.invariants import check_invariants
from storage.records import (
    Article,
    Capture,
    CaptureOutcome,
    CaptureResult,
    Dateline,
    PageClass,
    TimePrecision,
)
from storage.tables.articles import article as table
from storage.tables.articles import outlet
from storage.tables.departures import departure

Open = Callable[[], Database]
NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
SEED = 11


def text_of(number: int, changes: int = 0) -> str:
    words = [f"word{number}x{i}" for i in range(90)]
    words[:changes] = [f"other{number}y{i}" for i in range(changes)]
    return " ".join(words) + "."


def article(number: int, **fields: Any) -> Article:
    plain: dict[str, Any] = {
        "outlet": f"outlet {number % 4}",
        "url": f"https://outlet.test/{number}",
        "title": f"Headline {number}",
        "text": text_of(number),
        "language": "en",
    }
    return Article(**(plain | fields))


def fetched(number: int, hours: float, **fields: Any) -> Article:
    url = f"https://outlet.test/{number}"
    at = NOON + timedelta(hours=hours, microseconds=number)
    return article(number, capture=Capture(url, at, 200), **fields)


GONE = CaptureResult(CaptureOutcome.GONE)


def gone(hours: float) -> Capture:
    return Capture("https://outlet.test/11", NOON + timedelta(hours=hours), 404)


def identity_of(database: Database, number: int) -> str:
    query = select(table.c.identity).where(table.c.url == f"https://outlet.test/{number}")
    return str(database.read(lambda c: c.scalars(query).one()))


def fill(database: Database) -> None:
    """Stores what makes leads, relations and numbers hard to find again."""
    database.write(
        lambda c: c.execute(outlet.insert(), [{"name": "agency", "rank": 0, "added_at": NOON}])
    )
    same_time: dict[str, Any] = {
        "text": text_of(1),
        "published_at": NOON,
        "published_precision": TimePrecision.DAY,
    }
    database.save([article(number, **same_time) for number in (9, 3, 6)])
    database.save([fetched(number, 1, text=text_of(2, number)) for number in (12, 11, 10)])
    database.save([article(20, text="", page_class=PageClass.STUB, lead="Only a lead")])
    database.save(
        [
            fetched(30, 2, outlet="agency", text=text_of(30)),
            article(31, text=f"{text_of(30)} {text_of(31)}", authors=("A. Writer", "B. Other")),
            fetched(32, 3, key="k-32", dateline=Dateline("Pyongyang", "July 19", "KCNA")),
            article(
                33, url="https://outlet.test/33?page=2", canonical_url="https://outlet.test/33"
            ),
        ]
    )
    database.save([fetched(11, 30, text=text_of(2, 40))])
    database.save([fetched(32, 40, key="k-32", url="https://outlet.test/moved/32")])
    database.save([replace(article(3), **same_time, title="Another headline")])
    database.record_capture("outlet 3", identity_of(database, 11), gone(50), GONE)
    database.decisions.add(4, 8, DecisionVerb.MUST_LINK, "one event")
    database.decisions.add(9, 10, DecisionVerb.MUST_LINK, "=another, a note; with signs")
    database.decisions.split(1, [2, 3], "not this one")
    assert check_invariants(database) == []


def save_files(
    database: Database, files: Sequence[Path], stop_after: int | None = None
) -> ImportNumbers | None:
    """Imports files as `nkwire import` does; stops without finishing after some articles."""
    numbers = ImportNumbers.open(database, files)
    articles = (each for file in files for each in read_articles(file))
    for batch in batched(list(articles)[:stop_after], 3):
        kept = [each for each in batch if isinstance(each, Article)]
        receipts = database.save(kept, highest=numbers.highest if numbers else None)
        if numbers:
            numbers.record(kept, receipts)
    if numbers and stop_after is None:
        numbers.finish(database, files)
    return numbers


def rows_of(folder: Path) -> dict[str, list[Any]]:
    return {
        path.name: [row for _, row in read_companion_rows(path)]
        for path in sorted(folder.iterdir())
    }


def export_to(database: Database, folder: Path, ending: str) -> Path:
    folder.mkdir()
    options = ExportOptions(with_reports=False)
    export(database, folder / f"c.{ending}", format=ending, options=options)  # type: ignore[arg-type]
    return folder / f"c.{ending}"


@pytest.fixture
def open_new(new_corpus: Callable[[str], str], corpus_url: str) -> Iterator[Open]:
    """Opens new databases of one kind and with one seed."""
    opened: list[Database] = []
    kind = "sqlite" if corpus_url.startswith("sqlite") else "postgresql"

    def open_() -> Database:
        opened.append(open_database(new_corpus(kind), seed=SEED, patience=30))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def filled(open_new: Open) -> Database:
    database = open_new()
    fill(database)
    return database


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_second_export_says_the_same_and_its_files_are_the_same_bytes(
    filled: Database, open_new: Open, tmp_path: Path, ending: str
) -> None:
    file = export_to(filled, tmp_path / "first", ending)
    copy = open_new()
    save_files(copy, [file])
    export_to(copy, tmp_path / "second", ending)
    first, second = rows_of(tmp_path / "first"), rows_of(tmp_path / "second")
    assert {"c.decisions." + ending, "c.moves." + ending, "c.versions." + ending} <= first.keys()
    assert second == first
    for path in (tmp_path / "first").iterdir():
        assert (tmp_path / "second" / path.name).read_bytes() == path.read_bytes(), path.name
    assert list(copy.stories.relations()) == list(filled.stories.relations())
    assert copy.stories.redirects() == filled.stories.redirects()
    assert copy.decisions.all() == filled.decisions.all()
    assert check_invariants(copy) == []


def pairs_of(database: Database) -> list[tuple[int, int, str]]:
    """All relations without their sources, which may hang on microseconds: Excel has none."""
    return [(each.a, each.b, each.reason) for each in database.stories.relations()]


def test_a_workbook_gives_the_same_numbers_decisions_and_versions(
    filled: Database, open_new: Open, tmp_path: Path
) -> None:
    file = export_to(filled, tmp_path / "first", "xlsx")
    copy = open_new()
    save_files(copy, [file])
    export_to(copy, tmp_path / "second", "xlsx")
    first, second = rows_of(tmp_path / "first"), rows_of(tmp_path / "second")
    assert {"c.decisions.xlsx", "c.moves.xlsx", "c.versions.xlsx"} <= first.keys()
    assert second == first
    assert not any(row.get("external_id") for row in second["c.xlsx"])
    assert pairs_of(copy) == pairs_of(filled)
    assert copy.stories.redirects() == filled.stories.redirects()
    assert len(copy.decisions.all()) == len(filled.decisions.all()) > 0
    assert check_invariants(copy) == []


def test_what_comes_after_gets_numbers_that_the_export_never_had(
    filled: Database, open_new: Open, tmp_path: Path
) -> None:
    file = export_to(filled, tmp_path / "first", "jsonl")
    copy = open_new()
    save_files(copy, [file])
    known = {*filled.stories.redirects(), *(each.id for each in filled.stories.iter())}
    [receipt] = copy.save([article(77)])
    assert receipt.story_id > max(known)
    assert receipt.article_id > max(each.id for each in filled.articles.iter())
    copy.decisions.add(receipt.article_id, 1, DecisionVerb.MUST_LINK)
    assert copy.stories.current_id(receipt.story_id) == copy.articles.get(1).story_id
    assert check_invariants(copy) == []


@pytest.mark.parametrize("stop_after", [1, 5, 9])
def test_an_import_that_was_killed_goes_on_with_the_same_numbers(
    filled: Database, open_new: Open, tmp_path: Path, stop_after: int
) -> None:
    file = export_to(filled, tmp_path / "first", "jsonl")
    copy = open_new()
    assert save_files(copy, [file], stop_after) is not None
    assert save_files(copy, [file]) is not None
    export_to(copy, tmp_path / "second", "jsonl")
    assert rows_of(tmp_path / "second") == rows_of(tmp_path / "first")


def test_a_database_that_has_stories_keeps_its_numbers(
    filled: Database, open_new: Open, tmp_path: Path
) -> None:
    file = export_to(filled, tmp_path / "first", "jsonl")
    other = open_new()
    other.save([article(n) for n in (51, 52, 53)])
    other.decisions.add(1, 3, DecisionVerb.MUST_LINK)
    before = {each.id: each.story_id for each in other.articles.iter()}
    assert save_files(other, [file]) is None
    after = {each.id: each.story_id for each in other.articles.iter()}
    assert before.items() <= after.items()
    assert len(after) == len(before) + len(list(filled.articles.iter()))
    assert len(other.decisions.all()) == 1
    assert check_invariants(other) == []


def test_an_article_that_was_crawled_during_the_import_keeps_its_number(
    filled: Database, open_new: Open, tmp_path: Path
) -> None:
    file = export_to(filled, tmp_path / "first", "jsonl")
    copy = open_new()
    save_files(copy, [file], 4)
    [crawled] = copy.save([article(88, text=text_of(30, 3))])
    save_files(copy, [file])
    assert (
        copy.stories.current_id(crawled.story_id) == copy.articles.get(crawled.article_id).story_id
    )
    known = {*filled.stories.redirects(), *(each.id for each in filled.stories.iter())}
    assert crawled.story_id not in known
    assert check_invariants(copy) == []


def test_with_another_seed_every_number_still_leads_somewhere(
    filled: Database, new_corpus: Callable[[str], str], tmp_path: Path
) -> None:
    file = export_to(filled, tmp_path / "first", "jsonl")
    with open_database(new_corpus("sqlite"), seed=SEED + 1) as copy:
        save_files(copy, [file])
        for each in filled.stories.iter():
            members = {copy.articles.get(member.id).story_id for member in each.members}
            assert copy.stories.current_id(each.id) in members
        for former in filled.stories.redirects():
            assert copy.stories.current_id(former)


def test_rows_of_two_exports_keep_no_numbers(
    filled: Database, open_new: Open, tmp_path: Path
) -> None:
    first = export_to(filled, tmp_path / "first", "jsonl")
    second = export_to(filled, tmp_path / "second", "csv")
    assert ImportNumbers.open(open_new(), [first, second]) is None


def test_who_left_a_story_is_told_after_the_import_too(
    filled: Database, open_new: Open, tmp_path: Path
) -> None:
    file = export_to(filled, tmp_path / "first", "jsonl")
    copy = open_new()
    save_files(copy, [file])
    left = filled.read(lambda c: c.execute(departure.select()).all())
    assert left
    for row in left:
        assert copy.stories.number(row.story_id) == filled.stories.number(row.story_id)


def test_a_former_number_follows_its_lead_document_after_the_import_too(
    open_new: Open, tmp_path: Path
) -> None:
    first = open_new()
    first.save([article(number, text=text_of(1)) for number in (1, 2, 3)])
    first.save([article(4)])
    joined = first.decisions.add(4, 1, DecisionVerb.MUST_LINK)
    ((former, kept),) = joined.redirects.items()
    copy = open_new()
    save_files(copy, [export_to(first, tmp_path / "first", "jsonl")])
    assert copy.stories.current_id(former) == kept
    copy.decisions.split(4, [1, 2, 3])
    assert copy.stories.current_id(former) == copy.articles.get(4).story_id != kept


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_database(f"sqlite:///{path}", seed=SEED).close()
    return path


ARTICLES = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.integers(0, 2),
        st.sampled_from([0, 5, 30, 60]),
        st.booleans(),
        st.none() | st.integers(-3, 3),
    ),
    min_size=1,
    max_size=14,
)
DECISIONS = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 8), st.booleans()).filter(lambda d: d[0] != d[1]),
    max_size=4,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(given_articles=ARTICLES, decisions=DECISIONS)
def test_any_corpus_is_the_same_after_export_and_import(
    empty: Path,
    tmp_path_factory: pytest.TempPathFactory,
    given_articles: list[tuple[int, int, int, bool, int | None]],
    decisions: list[tuple[int, int, bool]],
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in ("one", "two"):
        shutil.copy(empty, folder / f"{name}.db")
    with (
        open_database(f"sqlite:///{folder}/one.db", seed=SEED) as one,
        open_database(f"sqlite:///{folder}/two.db", seed=SEED) as two,
    ):
        for hour, (number, base, changes, is_fetched, day) in enumerate(given_articles):
            fields: dict[str, Any] = {"text": text_of(base, changes)}
            if day is not None:
                fields |= {
                    "published_at": NOON + timedelta(days=day),
                    "published_precision": TimePrecision.DAY,
                }
            made = fetched(number, hour, **fields) if is_fetched else article(number, **fields)
            one.save([made])
        count = len({number for number, *_ in given_articles})
        for a, b, is_one in decisions:
            if max(a, b) <= count:
                verb = DecisionVerb.MUST_LINK if is_one else DecisionVerb.CANNOT_LINK
                one.decisions.add(a, b, verb)
        file = export_to(one, folder / "first", "jsonl")
        save_files(two, [file])
        export_to(two, folder / "second", "jsonl")
        first, second = rows_of(folder / "first"), rows_of(folder / "second")
        # Changes lie between fetches, of which an export holds the first and the last.
        for name in ("c.jsonl", "c.moves.jsonl", "c.decisions.jsonl"):
            assert second.get(name) == first.get(name)
        assert check_invariants(two) == []
