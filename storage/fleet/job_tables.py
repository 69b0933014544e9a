"""Makes procrastinate's tables beside nkwire's, and tells whether they fit."""

import re
from typing import Any

from sqlalchemy import Connection, text

from storage.dialects import is_sqlite, lock_until_commit
from storage.errors import SchemaError

_JOB_TABLES_LOCK_KEY = 0x6E6B6A6F6273  # "nkjobs"
_FUNCTION = re.compile(r"^CREATE (?:OR REPLACE )?FUNCTION (procrastinate_\w+)", re.MULTILINE)
_FUNCTIONS_SQL = r"SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate\_%'"


def have_jobs(connection: Connection) -> bool:
    """Whether the database has procrastinate's tables."""
    if is_sqlite(connection):
        return False
    query = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
    return bool(connection.scalar(query))


def make_job_tables(connection: Connection, schema_sql: str, version: str) -> bool:
    """Makes the tables unless they are there; of two processes that begin at once, one does.

    Returns whether it made them. Raises SchemaError if the tables that are there lack a function
    of `schema_sql`, which is that of `version`.
    """
    lock_until_commit(connection, _JOB_TABLES_LOCK_KEY)
    if not have_jobs(connection):
        driver_connection: Any = connection.connection.driver_connection
        driver_connection.execute(schema_sql)  # many statements: without parameters, or it refuses
        return True
    present = set(connection.scalars(text(_FUNCTIONS_SQL)))
    if missing := sorted(set(_FUNCTION.findall(schema_sql)) - present):
        raise SchemaError(
            f"the job tables of this database are of another procrastinate than {version}"
            f" ({missing[0]} is missing): apply the migrations of its release notes, or install the"
            " procrastinate that made them"
        )
    return False
