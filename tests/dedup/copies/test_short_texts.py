"""Flashes, teasers, photo captions, columns: texts that are alike although they are not copies."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from dedup.bulk.cluster import cluster_documents
from dedup.copies.compare import compare_documents, measure_pair
from dedup.copies.memory_index import MemoryIndex
from dedup.copies.pair_classifier import reasons_not_merged
from dedup.records import Document, RelationKind
from dedup.signature.scheme import Scheme

Make = Callable[..., Document]
Prose = Callable[[int, int], str]
Placed = Callable[[Iterable[Document]], MemoryIndex]
Partition = Callable[[MemoryIndex], frozenset[frozenset[str]]]

FLASH = (
    "The harbour office of Lantern Bay said that a light was seen over the northern cliff"
    " at dawn and that all boats must stay in port until noon."
)
TEASER = "등불만 항만사무소는 화요일 새벽 북쪽 절벽 위로 불빛이 보였다며 모든 배는 정오까지 항구에 머물러야"
HEADLINE = "Light seen over the northern cliff"


def merges(a: Document, b: Document) -> bool:
    relation = compare_documents(a, b)
    assert compare_documents(b, a) == relation
    return relation is not None and relation.merges


@pytest.mark.parametrize("title", ["", HEADLINE])
def test_equal_flashes_of_one_day_are_one_story(title: str, make: Make) -> None:
    one, two = make(FLASH, title=title), make(f"{FLASH} (END)", title=title, days=0.2)
    relation = compare_documents(one, two)
    assert relation is not None
    assert relation.kind is RelationKind.COPY
    assert "one day" in relation.reason


def test_a_teaser_and_the_beginning_it_was_cut_from_are_one_story(make: Make) -> None:
    title = "북쪽 절벽 위로 불빛… 배는 항구에"
    cut = make(f"{TEASER[:44]}...", title=f"{title}(종합)")
    longer = make(f"{TEASER} 한다고 밝혔다. 소장은 어부들이 모두 무사하다고 덧붙였다.", title=title)
    assert merges(cut, longer)


def test_equal_flashes_of_other_days_are_not_one_story(make: Make) -> None:
    assert not merges(make(FLASH, title=HEADLINE), make(FLASH, title=HEADLINE, days=9))


def test_a_notice_under_other_headlines_joins_nothing(make: Make) -> None:
    notice = (
        "You have read all free articles of this month. Subscribe now to go on reading this one."
    )
    titles = ("Light seen over the northern cliff", "Cannery raises wages of its weavers")
    for outlet in ("paper", ""):
        one, two = (make(notice, title=title, outlet=outlet) for title in titles)
        assert not merges(one, two)
        assert "notice" in reasons_not_merged(measure_pair(one, two))[0]


def test_two_flashes_of_one_outlet_and_minute_are_one_story(make: Make) -> None:
    first = make(FLASH, title="URGENT Light over cliff", outlet="agency", days=0.003)
    words = FLASH.replace("at dawn and that all boats must stay in port", "and boats stay in port")
    second = make(words, title="Boats in Lantern Bay stay in port", outlet="agency", days=0.0035)
    assert first.published_at is not None
    assert merges(first, second)
    later = replace(second, published_at=first.published_at + timedelta(hours=3))
    assert not merges(first, later)


CAPTION = (
    "(등불만=한빛통신) 소장이 지난 28일 북쪽 절벽의 새 신호탑을 찾아 {}고 있다. 2031.1.6"
    " [국내에서만 사용가능. 재배포 금지. For Use Only in the Republic of Korea. No Redistribution]"
)


def test_captions_of_a_series_of_photos_stay_apart_and_equal_ones_do_not(make: Make) -> None:
    lamp = make(CAPTION.format("등불을 살펴보"), title="등불 살펴보는 소장", outlet="한빛통신")
    stairs = make(CAPTION.format("계단을 올라가"), title="계단 오르는 소장", outlet="한빛통신")
    assert not merges(lamp, stairs)
    assert merges(lamp, replace(lamp, id=9, uid="again", outlet="다른신문"))
    article = make(
        CAPTION.split(" [")[0].format("등불을 살펴보"), title=lamp.title, outlet="한빛통신"
    )
    assert not merges(lamp, article)


def korean_prose(seed: int, sentences: tuple[str, ...]) -> list[str]:
    """Twelve sentences of the same words in a drawn order."""
    words = " ".join(sentences).replace(".", "").split()
    chosen = Random(seed)
    return [f"{' '.join(chosen.sample(words, 9))}다." for _ in range(12)]


@pytest.mark.parametrize(
    "marks", [("[앵커]", "[기자]"), ("◀ 앵커 ▶", "◀ 리포트 ▶"), ("<앵커>", "<기자>")]
)
def test_a_reporter_s_package_is_no_update_of_the_brief(
    marks: tuple[str, str], make: Make, korean: tuple[str, ...]
) -> None:
    shared, own, more = (korean_prose(seed, korean) for seed in range(3))
    brief = make([*shared, *own[:6]], title="등불만에 새 신호탑", outlet="방송")
    update = make([*more[:6], *shared], title="등불만에 새 신호탑(종합)", outlet="방송")
    assert merges(brief, update)
    package = replace(update, text=f"{marks[0]} {more[0]} {marks[1]} {update.text}")
    assert not merges(brief, package)
    assert merges(package, replace(package, id=9, text=f"{package.text} 다시 전해드립니다."))


def weather(day: int) -> str:
    chosen = Random(day)
    towns = ("Lantern Bay", "Gull Point", "Mason Hill", "Chapel Rock", "Weaver Ford", "North Cliff")
    lines = [
        f"In {town} the morning will be at {chosen.randint(-9, 9)} degrees and the afternoon at"
        f" {chosen.randint(10, 29)} degrees, with a wind of {chosen.randint(3, 40)} knots from the sea."
        for town in towns
    ]
    frame = (
        "The harbour office gives the weather of the bay for the coming day. Sailors should ask at"
        " the office before they leave port, and listen for the bell of the chapel in fog."
    )
    return " ".join([frame, *lines, "The next forecast comes tomorrow at the same hour."])


@pytest.mark.parametrize("seed", range(3))
def test_a_daily_column_is_one_story_a_day(
    seed: int, make: Make, placed: Placed, partition: Partition, scheme: Scheme
) -> None:
    issues = [
        make(weather(day), title="Weather of the bay", outlet=outlet, days=day)
        for day in range(8)
        for outlet in ("harbour news", "bay herald")
    ]
    shuffled = Random(seed).sample(issues, len(issues))
    renumbered = [replace(each, id=number) for number, each in enumerate(shuffled, start=1)]
    found = partition(placed(renumbered))
    assert found == {
        frozenset({a.uid, b.uid}) for a, b in zip(issues[::2], issues[1::2], strict=True)
    }
    stories = cluster_documents(renumbered, scheme).stories
    uids = {each.id: each.uid for each in renumbered}
    assert {frozenset(uids[i] for i in story.members) for story in stories} == found


def test_a_report_printed_again_the_next_day_with_its_numbers_is_a_copy(make: Make) -> None:
    assert merges(make(weather(1), days=0), make(f"{weather(1)} It was corrected.", days=1))


@pytest.mark.parametrize("seed", range(4))
def test_short_texts_tell_the_same_stories_in_any_order(
    seed: int, make: Make, placed: Placed, partition: Partition, scheme: Scheme
) -> None:
    texts = [
        FLASH,
        f"{FLASH} (END)",
        FLASH[:110],
        f"{FLASH} Fishermen waited.",
        TEASER,
        TEASER[:40],
    ]
    corpus = [
        make(
            text,
            title=HEADLINE if text.isascii() else "북쪽 절벽 위로 불빛",
            outlet=f"paper {n % 4}",
        )
        for n, text in enumerate([*texts, *texts])
    ]
    shuffled = Random(seed).sample(corpus, len(corpus))
    renumbered = [replace(each, id=number) for number, each in enumerate(shuffled, start=1)]
    index = placed(renumbered)
    assert partition(index) == partition(placed(corpus))
    assert len(index.stories) == 2
    assert cluster_documents(renumbered, scheme).stories == index.stories
