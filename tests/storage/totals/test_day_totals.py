"""Whatever is done to articles, in whatever statement, the kept totals are those of a new count."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from dedup.statements.statement_level import StatementLevel
from storage import Database, open_database
from storage.invariants import check_invariants
from storage.records import Article, PageClass
from storage.tables.articles import article, outlet, story, version
from storage.tables.totals import day_total
from storage.totals.recount import find_wrong_totals
from tests.storage.conftest import Make

START = datetime(2026, 3, 1, 22, tzinfo=UTC)
OUTLETS = ("agency", "daily", "herald")
STORIES = tuple(range(1, 6))


def _article_values(chance: random.Random) -> dict[str, Any]:
    hours = chance.choice([0, 1, 1, 3, 30, 50])
    return {
        "page_class": chance.choice([PageClass.ARTICLE.value, PageClass.STUB.value]),
        "published_at": chance.choice([None, START + timedelta(hours=hours)]),
        "first_seen_at": START + timedelta(hours=chance.choice([0, 2, 26])),
        "gone_at": chance.choice([None, START]),
        "statement_level": chance.choice([StatementLevel.UNKNOWN, StatementLevel.OFFICIAL]),
        "story_id": chance.choice([None, *STORIES]),
    }


def _article_row(chance: random.Random, number: int) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(
        ("key", "url", "canonical_url", "external_id", "language"), ""
    )
    row |= {"id": number, "outlet": chance.choice(OUTLETS), "identity": str(number)}
    return row | _article_values(chance)


def _version_row(article_id: int) -> dict[str, Any]:
    names = ["content_sha256", "page_class", "rules_version", "title", "text", "lead"]
    names += ["section", "language", "published_source", "published_raw", "rights"]
    return dict.fromkeys(names, "") | {"article_id": article_id, "stored_at": START}


class _Writer:
    """Does random things to articles and versions, several rows in one statement."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection = connection
        self.chance = random.Random(seed)
        self.count = 0

    def some_ids(self) -> list[int]:
        ids = list(self.connection.scalars(select(article.c.id).order_by("id")))
        return self.chance.sample(ids, min(len(ids), self.chance.randint(1, 8)))

    def add(self) -> None:
        numbers = range(self.count, self.count + self.chance.randint(1, 6))
        self.count = numbers.stop
        rows = [_article_row(self.chance, number) for number in numbers]
        self.connection.execute(insert(article).values(rows))

    def change_each(self) -> None:
        values = [_article_values(self.chance) | {"me": number} for number in self.some_ids()]
        if values:
            statement = update(article).where(article.c.id == bindparam("me"))
            self.connection.execute(statement, values)

    def change_together(self) -> None:
        values = _article_values(self.chance)
        chosen = self.chance.sample(sorted(values), 2)
        statement = update(article).where(article.c.id.in_(self.some_ids()))
        self.connection.execute(statement.values({name: values[name] for name in chosen}))

    def merge(self) -> None:
        old, new = self.chance.sample(STORIES, 2)
        is_member = article.c.story_id == old
        self.connection.execute(update(article).where(is_member).values(story_id=new))

    def add_versions(self) -> None:
        ids = self.some_ids()
        ids += self.chance.choices(ids, k=len(ids))
        if ids:
            self.connection.execute(insert(version).values([_version_row(each) for each in ids]))

    def remove(self) -> None:
        ids = self.some_ids()
        if self.chance.random() < 0.5:
            versions = select(version.c.id).where(version.c.article_id.in_(ids)).limit(2)
            self.connection.execute(delete(version).where(version.c.id.in_(versions)))
            return
        self.connection.execute(delete(version).where(version.c.article_id.in_(ids)))
        self.connection.execute(delete(article).where(article.c.id.in_(ids)))


STEPS = (
    _Writer.add,
    _Writer.add,
    _Writer.change_each,
    _Writer.change_together,
    _Writer.merge,
    _Writer.add_versions,
    _Writer.remove,
)


@pytest.mark.parametrize("seed", range(12))
def test_the_totals_follow_every_statement(database: Database, seed: int) -> None:
    def work(connection: Connection) -> None:
        rows = [{"name": name, "rank": 9, "added_at": START} for name in OUTLETS]
        connection.execute(insert(outlet), rows)
        connection.execute(insert(story), [{"id": n, "created_at": START} for n in STORIES])
        writer = _Writer(connection, seed)
        for _ in range(40):
            step = writer.chance.choice(STEPS)
            step(writer)
            assert find_wrong_totals(connection) == [], step.__name__
        assert connection.execute(select(day_total)).first()

    database.write(work)


def _totals(database: Database) -> list[tuple[str, date, int, int, int, int]]:
    c = day_total.c
    query = select(c.outlet, c.day, c.articles, c.stubs, c.edited, c.stories)
    ordered = query.where(c.articles > 0).order_by(c.outlet, c.day)
    return [tuple(row) for row in database.read(lambda each: each.execute(ordered).all())]  # type: ignore[misc]


def test_saved_articles_are_counted_on_the_day_of_their_publication(
    database: Database, make: Make
) -> None:
    early, late = START, START + timedelta(hours=2)
    same = make(1).text
    articles: list[Article] = [
        make(1, at=0, published_at=late),
        make(2, at=0, published_at=early, text=same),
        make(3, at=0, published_at=late, outlet="mirror", text=same),
        make(4, at=0, published_at=late, page_class=PageClass.STUB, text=""),
    ]
    database.save(articles)
    assert _totals(database) == [
        ("herald", date(2026, 3, 1), 1, 0, 0, 1),
        ("herald", date(2026, 3, 2), 2, 1, 0, 1),
        ("mirror", date(2026, 3, 2), 1, 0, 0, 1),
    ]
    database.save([make(1, at=1, published_at=early, text=make(9).text)])
    assert _totals(database) == [
        ("herald", date(2026, 3, 1), 2, 0, 1, 2),
        ("herald", date(2026, 3, 2), 1, 1, 0, 1),
        ("mirror", date(2026, 3, 2), 1, 0, 0, 1),
    ]
    (herald, mirror) = database.outlets.status()
    assert (herald.articles, herald.stubs, herald.edited, herald.stories) == (3, 1, 1, 3)
    assert (mirror.articles, mirror.stories, mirror.last_published_at) == (1, 1, late)
    assert check_invariants(database) == []


def test_a_batch_that_is_rolled_back_leaves_no_totals(database: Database, make: Make) -> None:
    class Stop(Exception):
        pass

    def work(connection: Connection) -> None:
        connection.execute(update(article).values(gone_at=START, published_at=START))
        raise Stop

    database.save([make(1, at=0)])
    before = _totals(database)
    with pytest.raises(Stop):
        database.write(work)
    assert _totals(database) == before


def test_a_wrong_total_breaks_a_rule(database: Database, make: Make) -> None:
    database.save([make(1, at=0, published_at=START)])
    database.write(lambda connection: connection.execute(update(day_total).values(stories=7)))
    assert check_invariants(database) == ["wrong totals of herald 2026-03-01"]


def test_another_process_may_delete_an_article_while_a_batch_is_saved(
    database: Database, make: Make
) -> None:
    """Both change the same total; the database makes one wait for the other."""
    database.save([make(number, at=0, published_at=START) for number in range(3)])
    with open_database(str(database.engine.url.render_as_string(hide_password=False))) as other:
        gone = update(article).where(article.c.identity.like("%1")).values(gone_at=START)
        other.write(lambda connection: connection.execute(gone))
        database.save([make(7, at=1, published_at=START)])
    assert check_invariants(database) == []
