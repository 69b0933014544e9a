"""A database of the revision before is brought up to date with all that it holds."""

from datetime import UTC, datetime, timedelta

from alembic import command
from sqlalchemy import text

from storage import open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.records import Article, Capture
from storage.schema import alembic_config

NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
BEFORE = "0003"


def migrate(url: str, revision: str) -> None:
    connected = TransactionalEngine(make_engine(parse_url(url), create=True), patience=20)

    def work(connection: object) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    connected.write(work)
    connected.close()


def article(number: int, hours: float, words: str) -> Article:
    url = f"https://herald.test/{number}"
    at = NOON + timedelta(hours=hours)
    return Article(
        outlet="herald", url=url, title=f"T {number}", text=words, capture=Capture(url, at, 200)
    )


def test_a_filled_database_of_the_revision_before_is_brought_up_to_date(database_url: str) -> None:
    database = open_database(database_url, seed=1)
    database.save([article(n, 0, f"The farm has {n} cows and a dog.") for n in range(30)])
    database.save([article(7, 48, "The farm has 70 cows and a dog.")])
    database.save(
        [Article(outlet="herald", url="https://herald.test/imported", title="T", text="x")]
    )
    database.close()
    migrate(database_url, BEFORE)
    database = open_database(database_url)
    held = database.read(
        lambda c: c.execute(
            text("SELECT state, count(next_check_at) FROM article GROUP BY 1")
        ).all()
    )
    assert [tuple(row) for row in held] == [("live", 30)]
    assert database.revisits.due("herald", NOON + timedelta(hours=23), 99) == []
    assert len(database.revisits.due("herald", NOON + timedelta(days=4), 99)) == 30
    assert not database.changes.are_current()
    assert database.changes.rebuild() == 1
    (found,) = database.changes.iter()
    assert (found.kinds, found.before_at) == (
        ("lead", "body", "numbers"),
        NOON + timedelta(hours=48),
    )
    database.save([article(7, 72, "The farm has 71 cows and a dog.")])
    assert len(list(database.changes.iter())) == 2
    database.close()
