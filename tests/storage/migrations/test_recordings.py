"""A database of the revision before is brought up to date with all that it holds."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, inspect

from storage import Database, open_database
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.records import RunOutcome
from storage.schema import alembic_config

BEFORE = "0008"


def downgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.downgrade(config, BEFORE)


def columns(connection: Connection) -> set[str]:
    return {str(column["name"]) for column in inspect(connection).get_columns("run")}


def test_runs_of_the_revision_before_are_kept_and_have_not_expired(
    database: Database, corpus_url: str
) -> None:
    run = database.runs.begin("kcna")
    run.outcome, run.counts = RunOutcome.OK, {"stored.new": 2}
    database.runs.finish(run)
    database.close()
    old = TransactionalEngine(make_engine(parse_url(corpus_url), create=False), patience=20)
    old.write(downgrade)
    assert "expired_at" not in old.read(columns)
    old.close()
    with open_database(corpus_url) as upgraded:
        (kept,) = upgraded.runs.latest()
        assert (kept.id, kept.outcome, kept.counts) == (run.id, RunOutcome.OK, {"stored.new": 2})
        assert upgraded.recordings.expired_at(run.id) is None
        upgraded.recordings.mark_expired([run.id])
        at = upgraded.recordings.expired_at(run.id)
        assert at is not None
        assert (datetime.now(UTC) - at).total_seconds() < 600
