from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.copies.stories import compute_stories
from dedup.lead import choose_lead
from dedup.records import Decision, DecisionVerb, Member, Relation, RelationKind, Story

Edge = tuple[int, int, float]


def member(number: int, text_hash: bytes = b"", rank: int = 9, day: int | None = None) -> Member:
    at = None if day is None else datetime(2031, 5, 1, tzinfo=UTC) + timedelta(days=day)
    text = text_hash or number.to_bytes(16)
    return Member(number, f"uid{number:03}", text, f"outlet{number}", rank, at)


def edge(a: int, b: int, alike: float, merges: bool = True) -> Relation:
    kind = RelationKind.EDITED if merges else RelationKind.EXCERPT
    return Relation(min(a, b), max(a, b), kind, merges, alike, alike, alike, "")


def parts(found: list[Story]) -> list[list[int]]:
    return sorted(list(story.members) for story in found)


def tell(
    count: int, edges: list[Relation], decisions: list[Decision] | None = None
) -> list[list[int]]:
    members = {number: member(number) for number in range(1, count + 1)}
    return parts(compute_stories(members.keys(), edges, decisions or [], members))


def test_everyone_is_in_one_story() -> None:
    assert tell(4, [edge(1, 2, 0.9)]) == [[1, 2], [3], [4]]


def test_copies_of_copies_are_one_story_if_like_its_middle() -> None:
    edges = [edge(1, 2, 0.9), edge(2, 3, 0.8), edge(1, 3, 0.5, merges=False)]
    assert tell(3, edges) == [[1, 2, 3]]


def test_a_chain_of_likeness_does_not_join_its_ends() -> None:
    edges = [edge(number, number + 1, 0.8) for number in range(1, 81)]
    found = tell(81, edges)
    assert not any(1 in part and 81 in part for part in found)
    assert max(map(len, found)) <= 9


def test_likeness_through_a_third_is_proof_enough() -> None:
    edges = [edge(1, 2, 0.9), edge(2, 3, 0.9), edge(3, 4, 0.9), edge(2, 4, 0.9)]
    assert tell(4, edges) == [[1, 2, 3, 4]]


def test_a_round_up_joins_nothing_that_it_holds() -> None:
    def holds(whole: int, part: int) -> Relation:
        low, high = sorted((whole, part))
        inside = (1.0, 0.4) if low == part else (0.4, 1.0)
        return Relation(low, high, RelationKind.EDITED, True, 0.4, *inside, "")

    assert tell(3, [holds(1, 2), holds(1, 3)]) == [[1], [2], [3]]
    related = [holds(1, 2), holds(1, 3), edge(2, 3, 0.5, merges=False)]
    assert tell(3, related) == [[1, 2, 3]]


@given(st.data())
def test_stories_are_a_function_of_the_set(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 12))
    pairs = [(a, b) for a in range(1, count + 1) for b in range(a + 1, count + 1)]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    alike = st.sampled_from([0.2, 0.4, 0.6, 0.75, 0.8, 1.0])
    edges = [edge(a, b, data.draw(alike), data.draw(st.booleans())) for a, b in chosen]
    verbs = st.sampled_from(list(DecisionVerb))
    decisions = [
        Decision(a, b, data.draw(verbs))
        for a, b in data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3))
    ]
    found = tell(count, edges, decisions)
    assert sorted(number for part in found for number in part) == list(range(1, count + 1))
    again = tell(count, data.draw(st.permutations(edges)), data.draw(st.permutations(decisions)))
    assert again == found


@given(st.permutations(range(1, 9)))
def test_ids_do_not_matter_where_uids_decide(order: list[int]) -> None:
    edges: list[Edge] = [
        (1, 2, 0.8),
        (2, 3, 0.8),
        (3, 4, 0.8),
        (4, 5, 0.8),
        (6, 7, 0.9),
        (7, 8, 0.8),
    ]

    def named(numbers: dict[int, int]) -> set[frozenset[str]]:
        members = {numbers[n]: Member(numbers[n], f"uid{n}", n.to_bytes(16)) for n in range(1, 9)}
        relations = [edge(numbers[a], numbers[b], alike) for a, b, alike in edges]
        found = compute_stories(members.keys(), relations, [], members)
        return {frozenset(members[i].uid for i in story.members) for story in found}

    straight = {n: n for n in range(1, 9)}
    assert named(dict(zip(range(1, 9), order, strict=True))) == named(straight)


def test_one_more_print_of_a_text_moves_no_one_else() -> None:
    members = {number: member(number) for number in range(1, 6)}
    edges = [edge(1, 2, 0.8), edge(2, 3, 0.8), edge(3, 4, 0.8), edge(4, 5, 0.8)]
    before = parts(compute_stories(members.keys(), edges, [], members))
    members |= {6: member(6, text_hash=members[3].text_hash)}
    after = parts(compute_stories(members.keys(), [*edges, edge(3, 6, 1.0)], [], members))
    assert [[i for i in part if i != 6] for part in after] == before
    assert any({3, 6} <= set(part) for part in after)


def test_what_a_person_linked_stays_together() -> None:
    assert tell(3, [], [Decision(1, 3, DecisionVerb.MUST_LINK)]) == [[1, 3], [2]]


def test_what_a_person_put_apart_stays_apart() -> None:
    edges = [edge(1, 2, 0.9), edge(2, 3, 0.8), edge(1, 3, 0.85)]
    found = tell(3, edges, [Decision(1, 3, DecisionVerb.CANNOT_LINK)])
    assert found == [[1, 2], [3]]


def test_two_prints_of_one_text_can_be_put_apart() -> None:
    members = {1: member(1, b"same" * 4), 2: member(2, b"same" * 4)}
    decisions = [Decision(1, 2, DecisionVerb.CANNOT_LINK)]
    assert parts(compute_stories([1, 2], [edge(1, 2, 1.0)], decisions, members)) == [[1], [2]]


def test_a_link_outweighs_a_cut_that_contradicts_it() -> None:
    decisions = [
        Decision(1, 2, DecisionVerb.MUST_LINK),
        Decision(2, 3, DecisionVerb.MUST_LINK),
        Decision(1, 3, DecisionVerb.CANNOT_LINK),
    ]
    assert tell(3, [], decisions) == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("members", "leading"),
    [
        ([member(1, day=0), member(2, rank=0, day=5)], 2),
        ([member(1, day=0), member(2, rank=1, day=5)], 2),
        ([member(1, day=3), member(2, day=2)], 2),
        ([member(1), member(2, day=2)], 2),
        ([member(2, day=2), member(1, day=2)], 1),
        ([member(1, rank=5, day=3), member(2, rank=9, day=2)], 2),
    ],
    ids=["agency", "wire", "first", "dated", "uid", "other ranks are alike"],
)
def test_the_lead_is_the_agency_s_else_the_first(members: list[Member], leading: int) -> None:
    assert choose_lead(members).id == leading
