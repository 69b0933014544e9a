"""One suite over the index in memory and in the tables of both databases."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import pytest
from sqlalchemy import Connection, insert, update

from dedup.copies.index import Index
from dedup.copies.memory_index import MemoryIndex
from dedup.copies.placement import place_document, recompute_stories, remove_document
from dedup.records import Decision, DecisionVerb, Document, Features, Relation, RelationKind, Story
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme, SchemeMismatch
from storage import open_database
from storage.identity import compute_identity, make_uid
from storage.index import index_flush as settling
from storage.index import pending_keys as fresh
from storage.index.pending_keys import PendingKeys
from storage.index.sql_index import SqlIndex
from storage.tables.articles import article, decision, outlet, story, version

SCHEME = Scheme(seed=1, hot_key=5, hot_sample=2, max_candidates=6)
NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)


class Bench(Protocol):
    """An index under test, and the way to put a document where the index looks for it."""

    @property
    def index(self) -> Index: ...

    def add(self, number: int, text: str) -> Document: ...

    def decide(self, a: int, b: int, verb: DecisionVerb) -> None: ...

    def story_of(self, document_id: int) -> tuple[set[int], int]: ...


def document(number: int, text: str) -> Document:
    name = compute_identity("", "", f"https://outlet.test/{number}")
    return Document(
        id=number,
        uid=make_uid("herald", name),
        title=f"Headline {number}",
        text=text,
        language="en",
        outlet="herald",
        first_seen_at=NOON,
    )


class MemoryBench:
    def __init__(self) -> None:
        self.index = MemoryIndex(scheme=SCHEME)

    def add(self, number: int, text: str) -> Document:
        return document(number, text)

    def decide(self, a: int, b: int, verb: DecisionVerb) -> None:
        self.index.all_decisions.append(Decision(a, b, verb))

    def story_of(self, document_id: int) -> tuple[set[int], int]:
        held = next(story for story in self.index.stories if document_id in story.members)
        return set(held.members), held.lead


class SqlBench:
    """`often`: each call is of a new index, as in a transaction of its own."""

    def __init__(self, connection: Connection, *, often: bool) -> None:
        self.connection = connection
        self._fresh, self._often = PendingKeys(), often
        self._index = SqlIndex(connection, SCHEME, self._fresh)
        row = {"name": "herald", "rank": 9, "added_at": NOON}
        connection.execute(insert(outlet), row)

    @property
    def index(self) -> SqlIndex:
        if self._often:
            self._index.flush()
            self._index = SqlIndex(self.connection, SCHEME, self._fresh)
        return self._index

    def add(self, number: int, text: str) -> Document:
        given = document(number, text)
        held = self.connection.execute(article.select().where(article.c.id == number)).first()
        if held is None:
            self._insert_article(given)
        new = {
            **dict.fromkeys(("rules_version", "lead", "section", "rights"), ""),
            **dict.fromkeys(("published_source", "published_raw", "content_sha256"), ""),
            "article_id": number,
            "page_class": "article",
            "stored_at": NOON,
            "title": given.title,
            "text": text,
            "language": "en",
        }
        statement = insert(version).returning(version.c.id)
        version_id = self.connection.scalars(statement, new).one()
        point = update(article).where(article.c.id == number)
        self.connection.execute(point, {"version_id": version_id})
        return given

    def decide(self, a: int, b: int, verb: DecisionVerb) -> None:
        row = {"a": a, "b": b, "verb": verb, "note": "", "decided_at": NOON}
        self.connection.execute(insert(decision), row)
        self._index.flush()
        self._index = SqlIndex(self.connection, SCHEME, self._fresh)

    def story_of(self, document_id: int) -> tuple[set[int], int]:
        self._index.flush()
        rows = self.connection.execute(article.select()).all()
        mine = next(row.story_id for row in rows if row.id == document_id)
        [held] = self.connection.execute(story.select().where(story.c.id == mine)).all()
        assert held.merged_into is None
        return {row.id for row in rows if row.story_id == mine}, held.lead_id

    def _insert_article(self, given: Document) -> None:
        row = {
            **dict.fromkeys(("key", "url", "canonical_url", "external_id"), ""),
            "id": given.id,
            "outlet": given.outlet,
            "identity": given.uid.rpartition("/")[2],
            "page_class": "article",
            "language": "en",
            "first_seen_at": NOON,
            "seen_at": NOON,
        }
        self.connection.execute(insert(article), row)


@contextmanager
def benched(kind: str, request: pytest.FixtureRequest) -> Iterator[Bench]:
    if kind == "memory":
        yield MemoryBench()
        return
    backend, _, often = kind.partition(" ")
    if often:
        patched = request.getfixturevalue("monkeypatch")
        patched.setattr(settling, "ARTICLES_PER_ROUND", 2)
        patched.setattr(settling, "SLICE_COUNT", 2)
        patched.setattr(fresh, "_MAX_RECENT_ARTICLES", 1)
    database = open_database(request.getfixturevalue("new_corpus")(backend))
    with database.engine.begin() as connection:
        yield SqlBench(connection, often=bool(often))
    database.close()


POSTGRES = pytest.mark.postgres
TABLES = [
    "sqlite",
    "sqlite settled",
    pytest.param("postgresql", marks=POSTGRES),
    pytest.param("postgresql settled", marks=POSTGRES),
]


@pytest.fixture(params=["memory", *TABLES])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with benched(request.param, request) as made:
        yield made


def keyed(
    bands: Sequence[int], fingerprints: Sequence[int] = (), text_hash: bytes = b""
) -> Features:
    """Features with these keys; the text hash is one of its own unless given."""
    own = text_hash or f"{bands}{fingerprints}".encode()[:16].ljust(16, b"-")
    return Features(
        scheme=SCHEME.name,
        text_hash=own,
        shingles=100,
        signature=np.arange(128, dtype=np.uint32),
        bands=np.array(bands, np.int64),
        fingerprints=np.array(fingerprints, np.int64),
    )


def test_a_shared_band_or_enough_fingerprints_make_a_candidate(bench: Bench) -> None:
    bench.index.put(bench.add(1, "one"), keyed([11, 12], [101, 102, 103]))
    bench.index.put(bench.add(2, "two"), keyed([21], [101, 102]))
    bench.index.put(bench.add(3, "three"), keyed([31], [103]))
    asked = keyed([11, 99], [101, 102, 103, 104])
    assert list(bench.index.candidates(9, asked)) == [1, 2]
    assert list(bench.index.candidates(1, asked)) == [2]


def test_the_most_alike_candidate_comes_first_and_ties_go_to_the_lower_id(bench: Bench) -> None:
    bench.index.put(bench.add(3, "three"), keyed([1, 2, 3]))
    bench.index.put(bench.add(1, "one"), keyed([1, 12, 13]))
    bench.index.put(bench.add(2, "two"), keyed([1, 2, 4, 5]))
    assert list(bench.index.candidates(9, keyed([1, 2, 3]))) == [3, 2, 1]


def test_keys_may_be_any_64_bit_number(bench: Bench) -> None:
    extremes = [-(2**63), 2**63 - 1, 0, -1]
    bench.index.put(bench.add(1, "one"), keyed(extremes, extremes))
    for key in extremes:
        assert list(bench.index.candidates(9, keyed([key], []))) == [1]


def test_of_a_hot_key_only_the_first_holders_are_candidates(bench: Bench) -> None:
    for number in range(1, 7):
        bench.index.put(bench.add(number, f"{number}"), keyed([7, 100 + number]))
    # Each holder has five others, which is not yet too many; a newcomer has six.
    assert list(bench.index.candidates(1, keyed([7]))) == [2, 3, 4, 5, 6]
    assert list(bench.index.candidates(9, keyed([7]))) == [1, 2]


def test_prints_of_one_text_come_together_and_ones_own_text_comes_first(bench: Bench) -> None:
    for number in (4, 5, 6):
        bench.index.put(bench.add(number, "same"), keyed([1], [1, 2], b"s" * 16))
    for number in (1, 2):
        bench.index.put(bench.add(number, "other"), keyed([1], [1, 2, 3], b"o" * 16))
    assert list(bench.index.candidates(9, keyed([1], [1, 2, 3], b"s" * 16))) == [4, 5, 6, 1, 2]


def test_of_many_prints_of_one_text_the_first_are_candidates(bench: Bench) -> None:
    for number in range(1, SCHEME.prints + 3):
        bench.index.put(bench.add(number, "same"), keyed([number], text_hash=b"s" * 16))
    found = bench.index.candidates(99, keyed([1], text_hash=b"s" * 16))
    assert list(found) == list(range(1, SCHEME.prints + 1))


def test_the_same_text_is_found_however_hot_its_keys_are(bench: Bench) -> None:
    for number in range(1, 8):
        bench.index.put(bench.add(number, f"{number}"), keyed([7], text_hash=bytes([number] * 16)))
    found = bench.index.candidates(9, keyed([7], text_hash=bytes([6] * 16)))
    assert found[0] == 6


def test_there_are_never_more_candidates_than_allowed(bench: Bench) -> None:
    for number in range(1, 10):
        bench.index.put(bench.add(number, f"{number}"), keyed([number]))
    assert list(bench.index.candidates(99, keyed(list(range(1, 10))))) == [1, 2, 3, 4, 5, 6]


def test_features_put_again_replace_what_was_put(bench: Bench) -> None:
    bench.index.put(bench.add(1, "one"), keyed([1, 2], [5, 6]))
    bench.index.put(bench.add(1, "other"), keyed([2, 3], [6, 7]))
    assert list(bench.index.candidates(9, keyed([1], [5]))) == []
    assert list(bench.index.candidates(9, keyed([2]))) == [1]
    assert list(bench.index.candidates(9, keyed([], [6, 7]))) == [1]
    assert bench.index.documents([1])[1].text == "other"


def test_features_without_keys_never_match(bench: Bench) -> None:
    nothing = replace(keyed([]), text_hash=b"")
    bench.index.put(bench.add(1, "a"), nothing)
    bench.index.put(bench.add(2, "b"), nothing)
    assert list(bench.index.candidates(2, nothing)) == []
    assert bench.index.members([1])[1].text_hash == b""


def test_features_of_another_scheme_are_refused(bench: Bench) -> None:
    foreign = replace(keyed([1]), scheme="other")
    with pytest.raises(SchemeMismatch, match="recluster"):
        bench.index.put(bench.add(1, "a"), foreign)
    with pytest.raises(SchemeMismatch, match="recluster"):
        bench.index.candidates(1, foreign)


def test_documents_and_members_come_as_they_were_put(bench: Bench) -> None:
    given = bench.add(1, "one")
    bench.index.put(given, keyed([1], text_hash=b"h" * 16))
    assert bench.index.documents([1, 77]) == {1: given}
    member = bench.index.members([1, 77])[1]
    assert (member.uid, member.text_hash, member.rank) == (given.uid, b"h" * 16, 9)
    assert member.first_seen_at == NOON
    assert not bench.index.members([])
    assert not bench.index.documents([])


def edge(a: int, b: int, jaccard: float = 0.5) -> Relation:
    return Relation(a, b, RelationKind.COPY, True, jaccard, 0.6, 0.7, "for a reason", source=a)


def test_relations_are_replaced_by_either_end(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.index.put(bench.add(number, f"{number}"), keyed([number]))
    bench.index.replace_relations(1, [edge(1, 2), edge(1, 3)])
    bench.index.replace_relations(3, [edge(2, 3, 0.9)])
    assert sorted(bench.index.relations([2]), key=lambda r: r.b) == [edge(1, 2), edge(2, 3, 0.9)]
    assert list(bench.index.relations([1, 2])).count(edge(1, 2)) == 1
    bench.index.replace_relations(2, [])
    assert list(bench.index.relations([1, 2, 3])) == []


def test_a_removed_document_is_found_no_more_and_leaves_its_story(bench: Bench) -> None:
    for number in (1, 2):
        bench.index.put(bench.add(number, f"{number}"), keyed([1]))
    bench.index.replace_relations(2, [edge(1, 2)])
    bench.index.assign_stories([Story((1, 2), 1)])
    remove_document(bench.index, 1)
    assert list(bench.index.candidates(9, keyed([1]))) == [2]
    assert list(bench.index.relations([1, 2])) == []
    assert bench.index.members([1, 2]).keys() == {2}
    assert bench.story_of(2) == ({2}, 2)


def test_a_document_joins_the_story_of_another(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.index.put(bench.add(number, f"{number}"), keyed([number]))
    bench.index.assign_stories([Story((1, 2), 1)])
    bench.index.join_story(3, 2, 3)
    assert bench.story_of(1) == ({1, 2, 3}, 3)
    assert bench.index.lead_of(2) == 3


def test_a_document_in_no_story_has_no_lead(bench: Bench) -> None:
    bench.index.put(bench.add(1, "one"), keyed([1]))
    assert bench.index.lead_of(1) is None


def test_decisions_are_found_by_either_end(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.add(number, f"{number}")
    bench.decide(1, 2, DecisionVerb.MUST_LINK)
    bench.decide(2, 3, DecisionVerb.CANNOT_LINK)
    assert list(bench.index.decisions([1])) == [Decision(1, 2, DecisionVerb.MUST_LINK)]
    assert len(bench.index.decisions([2])) == 2


def shuffled_corpus(write: Callable[[int], str]) -> list[str]:
    """Texts with copies, edits, excerpts and strangers among them."""
    chosen = random.Random(5)
    texts = []
    for number in range(14):
        words = write(number).split()
        texts.append(" ".join(words))
        for copy in range(number % 4):
            edited = [w if chosen.random() > 0.03 * copy else f"w{copy}" for w in words]
            texts.append(" ".join(edited[: len(edited) - 12 * copy]))
    return texts


@pytest.mark.parametrize("kind", TABLES)
def test_placing_and_replacing_articles_gives_the_stories_of_the_index_in_memory(
    kind: str, request: pytest.FixtureRequest, write: Callable[[int], str]
) -> None:
    texts = shuffled_corpus(write)
    changes = random.Random(9)
    steps = [(number, text) for number, text in enumerate(texts, 1)]
    changes.shuffle(steps)
    steps += [(number, changes.choice(texts)) for number in range(3, 20, 3)]
    memory = MemoryBench()
    with benched(kind, request) as bench:
        for each in (memory, bench):
            for number, text in steps:
                given = each.add(number, text)
                place_document(each.index, given, compute_features(given, SCHEME))
        for number in range(1, len(texts) + 1):
            assert bench.story_of(number) == memory.story_of(number)
            mine = {(r.a, r.b): replace(r, spans=()) for r in memory.index.relations([number])}
            assert {(r.a, r.b): r for r in bench.index.relations([number])} == mine
        for each in (memory, bench):
            a, b = sorted(each.story_of(1)[0] | each.story_of(2)[0] | {5})[:2]
            each.decide(a, b, DecisionVerb.CANNOT_LINK)
            each.decide(1, 20, DecisionVerb.MUST_LINK)
            recompute_stories(each.index, [a, b, 1, 20])
        assert all(
            bench.story_of(number) == memory.story_of(number) for number in range(1, len(texts) + 1)
        )
