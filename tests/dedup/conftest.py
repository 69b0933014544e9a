"""Invented reports and the means to make copies, updates and floods of them."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dedup.copies.memory_index import MemoryIndex
from dedup.copies.placement import place_document
from dedup.records import Document
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme

ENGLISH = (
    "The harbour office of Lantern Bay opened a new signal tower on Tuesday, its director said.",
    "Workers had carried stones up the northern cliff for three summers before the lamp was lit.",
    "Fishermen from nine villages came in painted boats to see the light turn for the first time.",
    "The tower replaces a wooden mast that a winter storm tore down eleven years ago.",
    "Its lamp burns rapeseed oil and can be seen from twenty kilometres out at sea.",
    "A brass band from the cannery played while schoolchildren released paper swallows.",
    "The director thanked the masons and promised that a second tower would follow at Gull Point.",
    "Old sailors recalled nights when only the bell of the chapel had told them where the rocks lay.",
    "Insurance companies have already lowered the rates for vessels that call at the bay.",
    "Engineers will test the rotating lens every morning until the autumn fogs set in.",
    "The cost of the building was borne by the villages, each giving a tenth of its catch.",
    "Officials added that visitors may climb the stairs on the first Sunday of every month.",
)
KOREAN = (
    "등불만 항만사무소는 화요일 새로운 신호탑의 문을 열었다고 소장이 밝혔다.",
    "일꾼들은 등불이 켜지기까지 세 해 여름 동안 북쪽 절벽으로 돌을 날랐다.",
    "아홉 마을의 어부들이 색칠한 배를 타고 와서 처음 돌아가는 불빛을 지켜보았다.",
    "이 탑은 열한 해 전 겨울 폭풍에 쓰러진 나무 기둥을 대신한다.",
    "등불은 유채 기름으로 타며 바다 이십 킬로미터 밖에서도 보인다.",
    "통조림 공장의 악대가 연주하는 동안 학생들이 종이 제비를 날려 보냈다.",
    "소장은 석공들에게 고마움을 전하고 갈매기곶에도 두 번째 탑을 세우겠다고 약속했다.",
    "늙은 뱃사람들은 예배당 종소리만이 바위의 자리를 알려 주던 밤들을 떠올렸다.",
    "보험회사들은 이 만에 드나드는 배들의 요금을 이미 낮추었다.",
    "기사들은 가을 안개가 내릴 때까지 아침마다 회전 렌즈를 시험한다.",
)
WORDS = [
    "amber",
    "anchor",
    "apple",
    "arrow",
    "autumn",
    "badge",
    "basket",
    "beacon",
    "berry",
    "bishop",
    "blanket",
    "bottle",
    "branch",
    "bridge",
    "bronze",
    "butter",
    "button",
    "cabin",
    "candle",
    "canyon",
    "carpet",
    "castle",
    "cavern",
    "cedar",
    "chapel",
    "cherry",
    "circle",
    "clover",
    "cobalt",
    "copper",
    "coral",
    "cotton",
    "crater",
    "cricket",
    "crystal",
    "dancer",
    "desert",
    "diamond",
    "dragon",
    "drawer",
    "eagle",
    "ember",
    "engine",
    "falcon",
    "farmer",
    "feather",
    "fiddle",
    "finger",
    "forest",
    "fossil",
    "fountain",
    "garden",
    "garnet",
    "ginger",
    "glacier",
    "goblet",
    "granite",
    "hammer",
    "harbor",
    "harvest",
    "hazel",
    "helmet",
    "honey",
    "island",
    "ivory",
    "jacket",
    "jasmine",
    "kettle",
    "ladder",
    "lantern",
    "lemon",
    "lizard",
    "magnet",
    "maple",
    "marble",
    "meadow",
    "mirror",
    "monkey",
    "mortar",
    "needle",
    "nickel",
    "oasis",
    "olive",
    "orchid",
    "oyster",
    "paddle",
    "palace",
    "pepper",
    "pigeon",
    "pillar",
    "pocket",
    "quarry",
    "rabbit",
    "raven",
    "ribbon",
    "river",
    "saddle",
    "salmon",
    "sandal",
    "shadow",
    "silver",
    "spider",
    "spring",
    "stable",
    "summit",
    "sunset",
    "tailor",
    "temple",
    "thistle",
    "timber",
    "tunnel",
    "turtle",
    "valley",
    "velvet",
    "violet",
    "walnut",
    "weaver",
    "willow",
    "window",
    "winter",
]
DAY = datetime(2021, 5, 6, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Maker:
    """Makes documents with ids in order; days count from one fixed day."""

    made: list[Document]

    def __call__(
        self,
        text: str | Iterable[str],
        *,
        title: str = "",
        days: float | None = 0.0,
        outlet: str = "",
        rank: int = 9,
        language: str = "",
    ) -> Document:
        number = len(self.made) + 1
        document = Document(
            id=number,
            uid=f"uid{number:05}",
            title=title,
            text=text if isinstance(text, str) else " ".join(text),
            language=language,
            outlet=outlet or f"outlet{number}",
            published_at=None if days is None else DAY + timedelta(days=days),
            rank=rank,
        )
        self.made.append(document)
        return document


@pytest.fixture
def make() -> Maker:
    return Maker([])


@pytest.fixture
def scheme() -> Scheme:
    return Scheme(seed=20310506)


@pytest.fixture
def english() -> tuple[str, ...]:
    """Twelve sentences of an invented report, some 190 words."""
    return ENGLISH


@pytest.fixture
def korean() -> tuple[str, ...]:
    """Ten sentences of an invented report in the agency's style."""
    return KOREAN


@pytest.fixture
def prose() -> Callable[[int, int], str]:
    """Text of so many words drawn with a seed: two seeds give unrelated texts."""

    def draw(seed: int, words: int) -> str:
        chosen = random.Random(seed)
        drawn = [
            chosen.choice(WORDS) + chosen.choice(("", "s", "y", "ed", "ing")) for _ in range(words)
        ]
        sentences = [drawn[at : at + 12] for at in range(0, words, 12)]
        return ". ".join(" ".join(sentence).capitalize() for sentence in sentences) + "."

    return draw


@pytest.fixture
def placed(scheme: Scheme) -> Callable[[Iterable[Document]], MemoryIndex]:
    """An index into which these documents were placed one at a time."""

    def place_all(documents: Iterable[Document]) -> MemoryIndex:
        index = MemoryIndex(scheme=scheme)
        for document in documents:
            place_document(index, document, compute_features(document, scheme))
        return index

    return place_all


@pytest.fixture
def partition() -> Callable[[MemoryIndex], frozenset[frozenset[str]]]:
    """The stories of an index as sets of uids, which are the same in every order of arrival."""

    def stories(index: MemoryIndex) -> frozenset[frozenset[str]]:
        def uids(ids: Sequence[int]) -> frozenset[str]:
            return frozenset(member.uid for member in index.members(ids).values())

        return frozenset(uids(story.members) for story in index.stories)

    return stories
