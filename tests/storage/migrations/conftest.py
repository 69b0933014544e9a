"""Makes databases as earlier revisions left them."""

from collections.abc import Callable

import pytest
from alembic import command
from sqlalchemy import Connection

from storage.dialects import is_sqlite
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.schema import alembic_config

MAX_ID = 99

MakeOld = Callable[[str, str], None]


@pytest.fixture
def make_old(database_url: str) -> MakeOld:
    """Returns a function that makes the database at a revision and runs statements in it.

    The statements are one text, separated by semicolons. Their times are UTC, and
    their ids at most MAX_ID.
    """

    def make(revision: str, statements: str) -> None:
        def work(connection: Connection) -> None:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            if not is_sqlite(connection):
                connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
            # psycopg takes a percent sign for the mark of a parameter.
            percent = "%" if is_sqlite(connection) else "%%"
            for statement in statements.split(";"):
                connection.exec_driver_sql(statement.replace("%", percent))
            if not is_sqlite(connection):
                for table in ("article", "run", "story", "version"):
                    next_id = f"setval(pg_get_serial_sequence('{table}', 'id'), {MAX_ID})"
                    connection.exec_driver_sql(f"SELECT {next_id}")

        old = TransactionalEngine(make_engine(parse_url(database_url), create=True), patience=20)
        old.write(work)
        old.close()

    return make
