"""Invents the articles of forty outlets in five languages. The same seed gives the same articles."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from storage.records import Article, Capture, PageClass, TimePrecision

START = datetime(2025, 1, 1, tzinfo=UTC)
BASE_DAYS = 265
AGENCY = "agency"
RARE_OUTLET = "rare-paper"
_LANGUAGES = ("ko", "en", "zh", "ja", "ru")
OUTLETS = (AGENCY, *(f"{_LANGUAGES[n % 5]}-paper-{n:02}" for n in range(1, 40)))
_ALPHABETS = {
    "ko": "가나다라마바사아자차카타파하거너더러머버서어저처",
    "en": "aeioubcdfghklmnprstvw",
    "zh": "山水火木金土日月星天地人大小上下左右东西南北中外",
    "ja": "さしすせそたちつてとなにぬねのはひふへほまみむめも",
    "ru": "аеиоубвгдзклмнпрстфх",
}
_COMMON = {
    "ko": [
        "북한",
        "김정은",
        "미사일",
        "대통령",
        "회담",
        "발표",
        "정부",
        "평양",
        "경제",
        "훈련",
        "의",
        "것",
        "수",
        "등",
    ],
    "en": [
        "the",
        "of",
        "and",
        "North",
        "Korea",
        "missile",
        "president",
        "talks",
        "border",
        "market",
        "said",
        "to",
        "in",
    ],
    "zh": ["朝鲜", "导弹", "总统", "会谈", "平壤", "经济", "边境", "的", "和", "在"],
    "ja": ["北朝鮮", "ミサイル", "大統領", "会談", "平壌", "経済", "国境", "の", "に", "は"],
    "ru": [
        "КНДР",
        "ракета",
        "президент",
        "переговоры",
        "Пхеньян",
        "и",
        "в",
        "на",
        "сообщил",
        "рынок",
    ],
}
_COMMON_SHARE = 0.3
_TEXT_WORDS = 70
_NEWS_SHARE = 0.2
_VERBS = ("inspected", "opened", "visited", "praised", "tested", "launched", "criticised", "built")
_PLACES = ("Hamhung", "Wonsan", "Sinuiju", "Kaesong", "Chongjin", "Nampho", "Haeju", "Kanggye")


@dataclass(frozen=True, slots=True)
class _Report:
    """News of the agency: when it appeared, and in which words."""

    number: int
    at: datetime
    news: str


def iter_articles(count: int, seed: int = 1) -> Iterator[Article]:
    """Yields `count` articles of BASE_DAYS days, in order of time; one in five carries a report."""
    chance = random.Random(seed)
    report = _invent_report(0, START, chance)
    for number in range(count):
        at = START + timedelta(days=BASE_DAYS * number / count)
        if chance.random() >= _NEWS_SHARE:
            yield _invent_article(number, at, chance)
            continue
        is_agency = chance.random() < 1 / 6
        if is_agency:
            report = _invent_report(number, at, chance)
        yield _invent_carrier(number, at, report, is_agency, chance)


def iter_rare_articles(count: int, days: int) -> Iterator[Article]:
    """Yields `count` articles of RARE_OUTLET, spread over the days; half have a common word."""
    chance = random.Random(4)
    for number in range(count):
        at = START + timedelta(days=days * number / count)
        text = " ".join(invent_words("en", _TEXT_WORDS, chance)) + " missile" * (number % 2)
        article = _make(number, at, RARE_OUTLET, f"Rare {number}", text, chance)
        yield replace(article, language="en")


def invent_words(language: str, count: int, chance: random.Random) -> list[str]:
    """Returns words of which 30 % are common ones of the language."""
    alphabet = _ALPHABETS[language]
    return [
        chance.choice(_COMMON[language])
        if chance.random() < _COMMON_SHARE
        else "".join(chance.choices(alphabet, k=2 if language in ("ko", "zh", "ja") else 5))
        for _ in range(count)
    ]


def _invent_report(number: int, at: datetime, chance: random.Random) -> _Report:
    names = " ".join(invent_words("en", 20, chance))
    news = (
        f"Kim Jong Un {chance.choice(_VERBS)} the {names[:12]} works of {chance.choice(_PLACES)}"
        f" and named {100 + number} {names}"
    )
    return _Report(number, at, news)


def _invent_article(number: int, at: datetime, chance: random.Random) -> Article:
    outlet = chance.choice(OUTLETS[1:])
    language = outlet[:2]
    text = " ".join(invent_words(language, _TEXT_WORDS, chance)) + "."
    return _make(number, at, outlet, " ".join(invent_words(language, 7, chance)), text, chance)


def _invent_carrier(
    number: int, at: datetime, report: _Report, is_agency: bool, chance: random.Random
) -> Article:
    title = f"North Korea: {report.news[:60]}"
    if is_agency:
        text = f"{report.news}. " + " ".join(invent_words("en", 40, random.Random(report.number)))
        return _make(number, at, AGENCY, title, text + ".", chance)
    outlet = chance.choice([name for name in OUTLETS if name.startswith("en")])
    own = " ".join(invent_words("en", 40, random.Random(report.number + chance.randrange(3))))
    text = f"{report.news}, North Korea's KCNA news agency said on Monday. {own}."
    return _make(number, at, outlet, title, text, chance)


def _make(
    number: int, at: datetime, outlet: str, title: str, text: str, chance: random.Random
) -> Article:
    """Makes an article that is fetched up to an hour later; a few have no time, or only a day."""
    url = f"https://{outlet}.test/{number}"
    fetched_at = at + timedelta(minutes=chance.uniform(2, 60))
    kind = chance.random()
    is_day = kind < 0.1
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return Article(
        outlet=outlet,
        url=url,
        title=title,
        text=text,
        language="en" if outlet == AGENCY else outlet[:2],
        page_class=PageClass.STUB if 0.1 < kind < 0.13 else PageClass.ARTICLE,
        published_at=None if kind > 0.97 else midnight if is_day else at,
        published_precision=TimePrecision.DAY if is_day else TimePrecision.MINUTE,
        last_poll_without_at=fetched_at - timedelta(hours=1),
        capture=Capture(url, fetched_at, 200),
    )
