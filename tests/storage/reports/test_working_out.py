"""What is kept of reports equals what is worked out from nothing, whatever came in between."""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from string import ascii_lowercase

import pytest

from storage import Database
from storage.invariants import check_invariants
from storage.records import Article
from storage.reports.carriage import load_carriage
from storage.reports.working_out import rebuild_reports, work_out

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Make = Callable[..., Article]


def invent(seed: int, words: int) -> str:
    """Words that no other text has."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(ascii_lowercase, k=7)) for _ in range(words))


@pytest.fixture
def carriers(make: Make) -> list[Article]:
    """Eight reports over nine days, each told by two papers and copied by a third; other articles."""
    made: list[Article] = []
    for n in range(8):
        subject = invent(200 + n, 80)
        told, said = f"{subject}, KCNA said.", f"KCNA reported on Monday: {subject}."
        for late, (paper, text) in enumerate(
            (("times", told), ("herald", said), ("copier", told), ("mirror", said))
        ):
            at = None if n == 7 else NOON + timedelta(days=n, hours=20 * late)
            own = invent(n if paper in ("times", "copier") else 70 + 10 * late + n, 90)
            title = f"{subject[:60]}: KCNA"
            number = len(made)
            made.append(
                make(number, outlet=paper, title=title, text=f"{text} {own}", published_at=at)
            )
    return made + [make(100 + n) for n in range(4)]


def groups(database: Database) -> set[frozenset[str]]:
    """The kept reports by the addresses of their articles."""
    return {frozenset(each.url for each in kept.articles) for kept in load_carriage(database)}


def rows(database: Database) -> dict[str, tuple[object, ...]]:
    """What is kept of each article, without numbers that differ from database to database."""
    return {
        each.url: (each.manner, each.at, kept.lead.url, len(kept.articles))
        for kept in load_carriage(database)
        for each in kept.articles
    }


def save_in_parts(database: Database, articles: Iterable[Article], chance: random.Random) -> None:
    """Saves in batches of any size, and works out after some of them."""
    waiting = list(articles)
    while waiting:
        size = chance.randint(1, 9)
        database.save(waiting[:size])
        del waiting[:size]
        if chance.random() < 0.5:
            work_out(database)
    work_out(database)


@pytest.mark.parametrize("seed", range(3))
def test_reports_do_not_depend_on_the_order_of_arrival(
    seed: int, database: Database, carriers: list[Article], make: Make
) -> None:
    chance = random.Random(seed)
    database.outlets.declare_ranks({"times": 1})
    save_in_parts(database, chance.sample(carriers, len(carriers)), chance)
    assert check_invariants(database) == []
    url = "https://outlet.test/{}".format
    assert {frozenset(map(url, range(4 * n, 4 * n + 4))) for n in range(5)} <= groups(database)
    kept = rows(database)
    rebuild_reports(database)
    assert rows(database) == kept
    assert len(kept) == 32
