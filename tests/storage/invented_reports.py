"""Invented articles that carry reports."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from string import ascii_lowercase
from typing import Protocol

import pytest

from storage.records import Article

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAPERS = ("times", "herald", "copier", "mirror")
EVENTS = (
    "North Korea launched a ballistic missile from Sinpo toward the sea near the vessel",
    "Kim Jong Un inspected a munitions factory in Kanggye and praised the engineers of",
    "A flood destroyed homes in Sinuiju, and soldiers rescued farmers by the river",
    "The Supreme People's Assembly in Pyongyang adopted a law on the budget of the ministry",
    "Choe Son Hui met a Russian envoy and signed a treaty on trade with the company",
    "A concert for children opened at the theatre of Wonsan with songs of the choir",
    "Miners in Musan dug more iron than planned, said the committee of the union",
    "Kim Yo Jong warned Washington against sanctions and military drills with the fleet",
)
HOURS_LATER = 20


class MakeCarrier(Protocol):
    """Makes article `number` on a subject; see `make_carrier`."""

    def __call__(
        self,
        number: int,
        subject: int | None,
        wording: int = 0,
        *,
        later: timedelta | None = timedelta(0),
        at: float | None = None,
    ) -> Article: ...


def invent(seed: int, words: int) -> str:
    """Words that no other text has."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(ascii_lowercase, k=7)) for _ in range(words))


def tell_news(subject: int) -> str:
    """Invented news, of another event for each subject."""
    event = EVENTS[subject % len(EVENTS)]
    return f"{event} {invent(subject, 2)}, {100 + 37 * subject} {invent(200 + subject, 25)}"


@pytest.fixture
def make_carrier(make: Callable[..., Article]) -> MakeCarrier:
    """Makes an article of the paper that `number` names, on the day that its subject names.

    `subject`: None for an article that cites nobody. `wording`: another one is another text. `later`:
    None for an article without a date. `at`: hours after noon at which its page was fetched.
    """

    def maker(
        number: int,
        subject: int | None,
        wording: int = 0,
        *,
        later: timedelta | None = timedelta(0),
        at: float | None = None,
    ) -> Article:
        paper = number % len(PAPERS)
        is_copy = paper in (0, 2)
        news = tell_news(subject or 0)
        own = invent(1000 * wording + (number // 4 if is_copy else 70 + number), 90)
        text = f"{news}, KCNA said. {own}" if is_copy else f"KCNA reported on Monday: {news}. {own}"
        day = 0 if subject is None else subject
        day_at = None if later is None else NOON + timedelta(days=day, hours=HOURS_LATER * paper)
        return make(
            number,
            outlet=PAPERS[paper],
            title="Weather" if subject is None else f"{news[:60]}: KCNA",
            text=own if subject is None else text,
            published_at=(day_at and later is not None and day_at + later) or None,
            at=at,
        )

    return maker


@pytest.fixture
def carriers(make: Callable[..., Article], make_carrier: MakeCarrier) -> list[Article]:
    """Eight reports, the last undated: each told by two papers, copied by two; other articles."""
    told = [
        make_carrier(4 * n + paper, n, later=None if n == 7 else timedelta(0))
        for n in range(8)
        for paper in range(4)
    ]
    return told + [make(100 + n) for n in range(4)]
