import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations, pairwise
from random import Random

import pytest

from dedup.copies.chain import StoryContext, read_story_context
from dedup.copies.memory_index import MemoryIndex
from dedup.copies.placement import recompute_stories
from dedup.explain import Explanation, explain_pair
from dedup.records import Decision, DecisionVerb, Document
from dedup.signature.scheme import Scheme

Make = Callable[..., Document]


def test_a_copy_is_explained_with_what_is_shared(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    found = explain_pair(make(english, title="Tower"), make(english[:6], title="A tower"), scheme)
    assert found.together
    lines = found.format_lines()
    assert lines[0] == "1 and 2 are one story"
    assert any("shared passage" in line and english[0][:30] in line for line in lines)
    assert any("MinHash bands" in line for line in lines)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("strangers", "share nothing"),
        ("short", "shingles"),
        ("script", "scripts"),
        ("late", "days apart"),
        ("excerpt", "75% is needed"),
    ],
)
def test_it_says_why_two_are_not_one_story(
    change: str,
    word: str,
    make: Make,
    scheme: Scheme,
    english: tuple[str, ...],
    korean: tuple[str, ...],
    prose: Callable[[int, int], str],
) -> None:
    one = make(english)
    two = {
        "strangers": lambda: make(prose(1, 200)),
        "short": lambda: make("The tower opened."),
        "script": lambda: make(korean),
        "late": lambda: make(english[:6], days=400),
        "excerpt": lambda: make([*english[:3], prose(2, 200)]),
    }[change]()
    found = explain_pair(one, two, scheme)
    assert not found.together
    assert "not one story" in found.format_lines()[0]
    assert any(word in line for line in found.format_lines())


def test_the_same_words_need_no_further_reason(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    found = explain_pair(make(english), make(english), scheme)
    assert found.together
    assert any("text hash" in line for line in found.format_lines())


def test_a_decision_has_the_last_word(make: Make, scheme: Scheme, english: tuple[str, ...]) -> None:
    one, two = make(english), make(english[:8])
    apart = explain_pair(one, two, scheme, [Decision(2, 1, DecisionVerb.CANNOT_LINK)])
    assert not apart.together
    assert "stay apart" in apart.format_lines()[-1]
    stranger = replace(two, text="Nothing in common.")
    assert explain_pair(one, stranger, scheme, [Decision(1, 2, DecisionVerb.MUST_LINK)]).together


def test_the_explanation_is_plain_data(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    found = explain_pair(make(english), make(english[:8]), scheme).to_dict()
    assert json.loads(json.dumps(found))["together"] is True
    assert found["relation"]["kind"] == "edited"


@pytest.fixture
def explain(scheme: Scheme) -> Callable[[MemoryIndex, Document, Document], Explanation]:
    """Explains two documents of an index with what the index says of them."""

    def explained(index: MemoryIndex, a: Document, b: Document) -> Explanation:
        context = context_of(index, a, b)
        decisions = [each for each in index.all_decisions if {each.a, each.b} == {a.id, b.id}]
        return explain_pair(a, b, scheme, decisions, context)

    return explained


def context_of(index: MemoryIndex, a: Document, b: Document) -> StoryContext:
    members = next(story.members for story in index.stories if a.id in story.members)
    return read_story_context(
        a.id,
        b.id,
        members,
        lambda article: index.relations([article]),
        lambda article: index.decisions([article]),
    )


def test_the_chain_that_joined_two_members_is_shown(
    make: Make,
    english: tuple[str, ...],
    placed: Callable[[Iterable[Document]], MemoryIndex],
    explain: Callable[[MemoryIndex, Document, Document], Explanation],
) -> None:
    first, whole, last = make(english[:7]), make(english), make(english[5:])
    index = placed([first, whole, last])
    assert [story.members for story in index.stories] == [(1, 2, 3)]
    found = explain(index, first, last)
    assert found.together
    assert [(link.a, link.b) for link in found.chain] == [(1, 2), (2, 3)]
    lines = found.format_lines()
    assert lines[0] == "1 and 3 are one story"
    assert [line for line in lines if "link:" in line and "1 - 2, edited" in line]
    assert not [line for line in lines if line.startswith("-") or "not one story" in line]
    assert found.to_dict()["chain"][1]["b"] == 3


def test_a_decision_is_a_link(
    make: Make,
    english: tuple[str, ...],
    prose: Callable[[int, int], str],
    placed: Callable[[Iterable[Document]], MemoryIndex],
) -> None:
    one, copy, other = make(english), make(english[:8]), make(prose(1, 200))
    index = placed([one, copy, other])
    index.all_decisions = [Decision(other.id, one.id, DecisionVerb.MUST_LINK)]
    recompute_stories(index, {one.id, other.id})
    chain = context_of(index, other, copy).chain
    assert [(link.a, link.b, link.kind) for link in chain] == [
        (3, 1, "must-link"),
        (1, 2, "edited"),
    ]


def test_it_says_what_parts_two_copies_in_the_corpus(
    make: Make,
    prose: Callable[[int, int], str],
    placed: Callable[[Iterable[Document]], MemoryIndex],
    explain: Callable[[MemoryIndex, Document, Document], Explanation],
) -> None:
    frame = prose(6, 600)
    pages = [
        make(f"{frame} {prose(100 + n, 100)}", title=prose(500 + n, 6), outlet="framed")
        for n in range(6)
    ]
    found = explain(placed(pages), pages[0], pages[1])
    assert not found.together
    lines = found.format_lines()
    assert lines[0] == "1 and 2 are not one story"
    assert "share the same frame" in lines[-1]


@pytest.mark.parametrize("seed", range(5))
def test_an_explanation_never_contradicts_the_story(
    seed: int,
    make: Make,
    english: tuple[str, ...],
    prose: Callable[[int, int], str],
    placed: Callable[[Iterable[Document]], MemoryIndex],
    explain: Callable[[MemoryIndex, Document, Document], Explanation],
) -> None:
    chosen = Random(seed)
    corpus = [
        make([*english[start : start + 6], prose(seed * 100 + number, chosen.randrange(60))])
        for number, start in enumerate(chosen.choices(range(7), k=14))
    ]
    index = placed(corpus)
    story_of = {i: story.lead for story in index.stories for i in story.members}
    for a, b in combinations(corpus, 2):
        found = explain(index, a, b)
        assert found.together == (story_of[a.id] == story_of[b.id])
        if found.together:
            assert found.chain[0].a == a.id
            assert found.chain[-1].b == b.id
            assert all(one.b == two.a for one, two in pairwise(found.chain))


def test_the_first_line_follows_the_kept_reports(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    lead = "Kim Jong Un opened the Ryongsan Tile Factory, KCNA said on Monday. "
    one = make(lead + english[0], title="Kim opens tile factory")
    two = make(lead + english[1], title="N. Korea opens tile plant")
    alone = explain_pair(one, two, scheme)
    assert alone.same_report is alone.same_report_alone is True
    parted = explain_pair(one, two, scheme, is_one_report=False)
    assert (parted.same_report, parted.same_report_alone) == (False, True)
    assert "carry one report" not in parted.format_lines()[0]
