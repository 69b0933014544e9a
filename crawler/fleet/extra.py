"""Prepares a database for workers."""

from importlib.metadata import version
from importlib.util import find_spec

from storage import Database
from storage.engine import parse_url
from storage.errors import InvalidRequest, MissingLibrary


def require_fleet(url: str) -> None:
    """Raises InvalidRequest unless `url` names PostgreSQL, and MissingLibrary without procrastinate.

    It connects to nothing.
    """
    if parse_url(url).get_backend_name() != "postgresql":
        raise InvalidRequest(
            "workers on other hosts need PostgreSQL, and an SQLite file cannot be shared by hosts:"
            " set NKWIRE_DATABASE_URL=postgresql://HOST/NAME"
        )
    if find_spec("procrastinate") is None:
        raise MissingLibrary("workers on other hosts need pip install 'nkwire[fleet]'")


def prepare_jobs(database: Database) -> None:
    """Makes procrastinate's tables unless they are there; several processes may do so at once.

    Raises SchemaError if the tables are those of an older procrastinate.
    """
    from procrastinate.schema import SchemaManager

    database.jobs.make_tables(SchemaManager.get_schema(), version("procrastinate"))
