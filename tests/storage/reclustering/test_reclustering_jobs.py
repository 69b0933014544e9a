"""`recluster` with several processes writes what one process writes, of one moment of the database."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, update

from dedup.bulk.task_pool import TaskProcessEnded, open_task_pool
from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.invariants import check_invariants
from storage.reclustering import recluster_job
from storage.records import Article
from storage.tables.articles import article, attribution, relation, signature
from storage.tables.meta import meta
from tests.dedup.bulk import tasks

Make = Callable[..., Article]
Write = Callable[[int], str]


def fill(database: Database, make: Make, write: Write) -> None:
    """Prints, cuts and edited copies, strangers, decisions; as if an older version had stored them."""
    made = [make(n, outlet=f"print{n}", text=write(1)) for n in range(1, 13)]
    made += [make(n, outlet="times", text=f"{write(2)} {n} more.") for n in range(13, 18)]
    made += [make(n, outlet=f"late{n}", text=write(3)[: 900 - n]) for n in range(18, 22)]
    made += [make(n, text=f"State media KCNA reported on Monday. {write(n)}") for n in (22, 23)]
    made += [make(n) for n in range(24, 31)]
    ids = [receipt.article_id for receipt in database.save(made)]
    database.decisions.add(ids[12], ids[13], DecisionVerb.CANNOT_LINK)
    database.decisions.add(ids[28], ids[29], DecisionVerb.MUST_LINK)
    database.write(age)


def age(connection: Connection) -> None:
    name = update(meta).where(meta.c.key == "dedup.scheme.name")
    connection.execute(name.values(value="n0.old"))
    connection.execute(update(signature).values(scheme="n0.old", bands=b"", shingles=0))
    for table in (relation, attribution):
        connection.execute(delete(table))


def told(database: Database) -> list[list[tuple[object, ...]]]:
    """All that a reclustering writes."""
    queries = (
        select(article.c.id, article.c.story_id).order_by(article.c.id),
        select(relation).order_by(relation.c.a, relation.c.b),
        select(*(each for each in attribution.c if each.name != "id")).order_by(
            attribution.c.article_id, attribution.c.start
        ),
        select(signature).order_by(signature.c.article_id),
    )
    return database.read(
        lambda connection: [[tuple(row) for row in connection.execute(each)] for each in queries]
    )


def test_two_processes_write_what_one_does(
    database: Database, make: Make, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recluster_job, "_ARTICLES_PER_BATCH", 4)
    fill(database, make, write)
    database.recluster()
    expected = told(database)
    assert all(expected)
    database.write(age)
    with open_task_pool(2) as pool:
        database.recluster(pool=pool)
        assert told(database) == expected
        assert database.recluster(pool=pool, dry_run=True).moved == ()
    assert check_invariants(database) == []


def test_a_killed_process_changes_nothing(
    sqlite_template: Path, tmp_path: Path, make: Make, write: Write
) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'corpus.db')}"
    with open_database(url) as database:
        fill(database, make, write)
        before = told(database)
        with pytest.raises(TaskProcessEnded), open_task_pool(2, tasks.die_soon) as pool:
            database.recluster(pool=pool)
        assert told(database) == before
