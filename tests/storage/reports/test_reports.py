"""Reports read from a database are those of its articles, whatever the order of their arrival."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from string import ascii_lowercase

import pytest

from dedup.records import Document, Story
from dedup.reports.reports import find_reports
from storage import Database
from storage.index.sql_index import load_documents
from storage.records import Article
from storage.reports.reports import ReportMembership, load_reports

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def carriers(make: Callable[..., Article]) -> list[Article]:
    """Six reports, each told by two papers and copied by a third, some undated; other articles."""
    made: list[Article] = []
    for n in range(6):
        subject = invent(200 + n, 30)
        told, said = f"{subject}, KCNA said.", f"KCNA reported on Monday: {subject}."
        for paper, text in (("times", told), ("herald", said), ("copier", told)):
            at = None if n == 5 else NOON + timedelta(days=n % 3, minutes=len(made))
            own = invent(n if paper != "herald" else 70 + n, 90)
            title = f"{subject[:60]}: KCNA"
            number = len(made)
            made.append(
                make(number, outlet=paper, title=title, text=f"{text} {own}", published_at=at)
            )
    return made + [make(100 + n) for n in range(4)]


def invent(seed: int, words: int) -> str:
    """Words that no other text has."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(ascii_lowercase, k=7)) for _ in range(words))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_articles_carry_the_same_reports_in_any_order(
    seed: int, database: Database, carriers: list[Article]
) -> None:
    database.outlets.declare_ranks({"times": 1})
    arriving = random.Random(seed).sample(carriers, len(carriers))
    receipts = database.save(arriving)
    number = {
        receipt.article_id: carriers.index(each)
        for receipt, each in zip(receipts, arriving, strict=True)
    }
    found = database.read(load_reports)
    told = {frozenset(number[i] for i in members) for members in found.members_by_report.values()}
    dated = {frozenset(range(3 * n, 3 * n + 3)) for n in range(5)}
    assert told == dated | {frozenset({15, 17}), frozenset({16})}
    assert told == expected(database, number)
    leads = {number[each] for each in found.lead_by_report.values()}
    assert leads == {0, 3, 6, 9, 12, 15, 16}
    assert found.relations == ()


def expected(database: Database, number: dict[int, int]) -> set[frozenset[int]]:
    """What `dedup.reports.reports` says of all texts at once."""
    documents: dict[int, Document] = database.read(lambda c: load_documents(c, list(number)))
    stories = [
        Story(tuple(member.id for member in each.members), each.lead.id)
        for each in database.stories.iter()
    ]
    made = find_reports(documents.values(), stories).reports
    return {frozenset(number[i] for i in each.members) for each in made}


def test_a_time_holds_the_reports_of_its_days_with_their_links(
    database: Database, carriers: list[Article]
) -> None:
    receipts = database.save(carriers)
    ids = [receipt.article_id for receipt in receipts]

    def read(since: datetime, until: datetime) -> ReportMembership:
        return database.read(lambda c: load_reports(c, since, until, with_relations=True))

    first_day = read(NOON - timedelta(hours=1), NOON + timedelta(hours=20))
    held = {i for members in first_day.members_by_report.values() for i in members}
    assert held == {ids[number] for number in (0, 1, 2, 9, 10, 11)}
    assert {frozenset((link.a, link.b)) for link in first_day.relations} == {
        frozenset((min(ids[n], ids[n + 2]), ids[n + 1])) for n in (0, 9)
    }
    assert read(NOON + timedelta(days=300), NOON + timedelta(days=301)) == ReportMembership()
