"""What an article costs must not grow with the database: no statement may read a table as a whole."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from storage import Database, open_database
from storage.records import Article, SaveOutcome

Make = Callable[..., Article]


def plan(database: Database, statement: str, values: Any) -> list[str]:
    """How SQLite would go about a statement."""
    with database.reading() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return [step.detail for step in steps]


@pytest.mark.parametrize("number", [1, 2, 50], ids=["alone", "two", "fifty"])
def test_saving_reads_no_table_as_a_whole(
    number: int, tmp_path_factory: pytest.TempPathFactory, make: Make
) -> None:
    asked: list[tuple[str, Any]] = []
    path = tmp_path_factory.mktemp("plans") / "corpus.db"
    with open_database(f"sqlite:///{path}") as database:
        database.save([make(n, at=n, outlet=f"outlet{n % 7}") for n in range(60)])

        @event.listens_for(database.engine, "before_cursor_execute")
        def note(_: Any, __: Any, statement: str, values: Any, ___: Any, many: bool) -> None:
            if statement.startswith(("SELECT", "WITH")) and not many:
                asked.append((statement, values))

        database.save([make(n, at=n, outlet=f"outlet{n % 7}") for n in range(100, 100 + number)])
        event.remove(database.engine, "before_cursor_execute", note)
        steps = {step for statement, values in asked for step in plan(database, statement, values)}
    large = {"article", "version", "capture", "signature", "relation", "band", "fingerprint"}
    assert any(step.startswith("SEARCH article") for step in steps)
    assert not [step for step in steps if step.split()[0] == "SCAN" and step.split()[1] in large]


def test_an_identity_of_another_outlet_is_another_article(database: Database, make: Make) -> None:
    """Both are asked for at once, and each may hold the other's."""
    both = [make(n, outlet=o, key=f"k{n}") for o in ("one", "two") for n in (1, 2)]
    first = database.save([both[0], both[3]])
    again = database.save(both)
    assert [receipt.outcome for receipt in again] == [
        SaveOutcome.UNCHANGED,
        SaveOutcome.NEW,
        SaveOutcome.NEW,
        SaveOutcome.UNCHANGED,
    ]
    assert [again[0].article_id, again[3].article_id] == [each.article_id for each in first]
