"""A whole corpus at once against one document at a time, where caps, floods and decisions meet."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from dedup.bulk import bulk_clustering as bulk
from dedup.bulk import postings, spill
from dedup.bulk.bulk_clustering import BulkClustering
from dedup.bulk.cluster import cluster_documents
from dedup.bulk.flat_rows import RowCodec
from dedup.bulk.postings import Postings
from dedup.bulk.spill import DiskStore, ObjectSpill, Spill
from dedup.copies.memory_index import MemoryIndex
from dedup.copies.placement import MAX_RECOMPUTED_MEMBERS, place_document
from dedup.records import Decision, DecisionVerb, Document
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme

Make = Callable[..., Document]
Prose = Callable[[int, int], str]

NARROW = Scheme(seed=5, hot_key=4, hot_sample=2, max_candidates=3, prints=3)

WORDS: RowCodec[str] = RowCodec(lambda word: (word,), lambda row: str(row[0]))


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever can go to disk, or be done in several steps, does and is."""
    monkeypatch.setattr(spill, "_MAX_HELD_RECORDS", 50)
    monkeypatch.setattr(spill, "_MAX_HELD_OBJECTS", 2)
    monkeypatch.setattr(spill, "_RECORDS_PER_READ", 7)
    monkeypatch.setattr(postings, "_DOCUMENTS_PER_FLUSH", 4)
    monkeypatch.setattr(postings, "_MAX_PAIRS", 9)
    monkeypatch.setattr(postings, "_DOCUMENTS_PER_BLOCK", 8)
    monkeypatch.setattr(bulk, "_MAX_HELD_TEXTS", 5)
    monkeypatch.setattr(bulk, "_MAX_HELD_MEMBERS", 6)


@pytest.fixture
def crowd(
    make: Make, english: tuple[str, ...], korean: tuple[str, ...], prose: Prose
) -> list[Document]:
    """Prints, cuts and updates of three texts in one jumble, quotations, strangers, empty texts."""
    third = prose(1, 300)
    made = [make(english) for _ in range(8)] + [make(korean) for _ in range(6)]
    made += [make(english[:cut]) for cut in range(6, 12)] + [make(korean[:7]), make(korean[2:])]
    made += [make(f"{third} {prose(50 + n, 20)}") for n in range(9)]
    made += [make([prose(2, 150), *english[3:6]]), make([*korean[3:6], *english[5:8]])]
    made += [make([*english, third]), make(""), make("Too short."), make("")]
    return made + [make(prose(seed, 200)) for seed in range(10, 14)]


def placed(documents: list[Document], scheme: Scheme, decided: list[Decision]) -> MemoryIndex:
    index = MemoryIndex(scheme=scheme, all_decisions=decided)
    for document in documents:
        place_document(index, document, compute_features(document, scheme))
    return index


def agree(documents: list[Document], scheme: Scheme, decided: list[Decision]) -> None:
    found, expected = (
        cluster_documents(documents, scheme, decided),
        placed(documents, scheme, decided),
    )
    assert found.stories == expected.stories
    edges = expected.relations([document.id for document in documents])
    told = [edge for edge in found.relations if edge.kind not in ("derived", "translation")]
    assert sorted(told, key=lambda e: (e.a, e.b)) == sorted(edges, key=lambda e: (e.a, e.b))


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("scheme", [Scheme(seed=5), NARROW], ids=["usual caps", "narrow caps"])
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]
)
def test_a_batch_is_what_placing_in_order_tells(
    seed: int, scheme: Scheme, crowd: list[Document]
) -> None:
    chance = Random(seed)
    shuffled = chance.sample(crowd, len(crowd))
    numbered = [replace(each, id=3 * number) for number, each in enumerate(shuffled, start=1)]
    decided = [
        Decision(min(one.id, two.id), max(one.id, two.id), chance.choice(list(DecisionVerb)))
        for one, two in (chance.sample(numbered, 2) for _ in range(6 * (seed % 2)))
    ]
    agree(numbered, scheme, decided)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_flood_is_placed_as_if_it_came_page_by_page(
    seed: int, make: Make, prose: Prose, scheme: Scheme
) -> None:
    body = prose(4, 150)
    flood = [
        make(f"{body} {prose(1000 + number, 30)}") for number in range(MAX_RECOMPUTED_MEMBERS + 20)
    ]
    flood += [make(flood[3].text) for _ in range(12)] + [make(prose(5, 200)) for _ in range(2)]
    shuffled = Random(seed).sample(flood, len(flood))
    numbered = [replace(each, id=number) for number, each in enumerate(shuffled, start=1)]
    agree(
        numbered,
        scheme,
        [Decision(1, 2, DecisionVerb.CANNOT_LINK), Decision(3, 4, DecisionVerb.MUST_LINK)],
    )


def test_documents_are_added_in_order(scheme: Scheme, tmp_path: Path, make: Make) -> None:
    found = compute_features(make("word " * 100), scheme)
    whole = BulkClustering(_Nowhere(), scheme, tmp_path)
    whole.add(4, found)
    with pytest.raises(ValueError, match="document 4 came after 4"):
        whole.add(4, found)


def test_a_document_that_went_away_is_left_out(
    scheme: Scheme, tmp_path: Path, make: Make, english: tuple[str, ...]
) -> None:
    whole = BulkClustering(_Nowhere(), scheme, tmp_path)
    for each in (make(english), make(english), make(english[:8])):
        whole.add(each.id, compute_features(each, scheme))
    assert not any(part.relations for part in whole.iter_parts())


class _Nowhere:
    def documents(self, ids: object) -> dict[int, Document]:
        return {}

    documents_without_text = documents

    def reference(self, ids: object) -> Callable[[], dict[int, Document]]:
        return dict


def test_an_empty_corpus_has_no_stories(scheme: Scheme, tmp_path: Path) -> None:
    assert cluster_documents([], scheme).stories == []
    assert list(Postings(scheme, tmp_path).iter_candidates()) == []


@pytest.mark.usefixtures("little")
def test_what_is_set_aside_comes_back_in_order(tmp_path: Path) -> None:
    numbers = Spill(tmp_path, "numbers", np.dtype(np.int64))
    words = ObjectSpill(tmp_path, "words", WORDS)
    for number in range(40):
        numbers.add(number % 2, np.arange(number, number + 5))
        words.add(number % 2, [str(number)])
    assert numbers.buckets == [0, 1]
    assert numbers.read_all(1).tolist() == [n + i for n in range(1, 40, 2) for i in range(5)]
    assert list(words.read(1)) == [str(number) for number in range(1, 40, 2)]
    assert list(tmp_path.iterdir())
    for bucket in (0, 1):
        numbers.drop(bucket)
        words.drop(bucket)
    assert not list(tmp_path.iterdir())
    assert numbers.size(0) == len(list(words.read(1))) == 0


def test_what_is_shelved_is_found_by_its_number(tmp_path: Path) -> None:
    with DiskStore(tmp_path / "words", WORDS) as shelf:
        for number in (5, 3, 9):
            shelf.put(number, f"word {number}")
        assert shelf.get([9, 4, 3]) == {9: "word 9", 3: "word 3"}
        shelf.put(4, "late")
        assert shelf.get([4]) == {4: "late"}
        assert (shelf.numbers, len(shelf)) == ([3, 4, 5, 9], 4)
        with pytest.raises(ValueError, match="number 3 was given before"):
            shelf.put(3, "again")
