"""Migrates the tables to this version; several processes may do so at the same time."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.dialects import lock_until_commit, use_write_ahead_log
from storage.engine import TransactionalEngine
from storage.errors import SchemaError
from storage.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATION_LOCK_KEY = 0x6E6B6D696772  # "nkmigr"
_NEWER_MESSAGE = "the database is of a newer nkwire (revision {}): upgrade nkwire"
_MIGRATIONS_FOLDER = Path(__file__).with_name("migrations")


def alembic_config() -> "Config":
    """Returns Alembic's configuration; the migration scripts are part of this package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def load_revision(connection: Connection) -> str | None:
    """Returns the Alembic revision of the tables; None for a database without tables.

    Raises SchemaError if the tables are not those of nkwire.
    """
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables or not {"article", "meta"} & set(tables):
        if set(tables) - {"alembic_version"}:
            raise SchemaError(
                f"the database contains other tables ({tables[0]} ...): name another one"
            )
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)


def upgrade(database: TransactionalEngine) -> bool:
    """Creates or migrates the tables. Returns whether there were none.

    Raises SchemaError if a newer nkwire or another program made them.
    """
    current = database.read(load_revision)  # before anything of another program is changed
    database.outside(use_write_ahead_log)
    if current != HEAD:
        database.write(_run_migrations)
    return current is None


def check_revision(database: TransactionalEngine) -> None:
    """Changes nothing. Raises SchemaError unless the tables are those of this version."""
    current = database.read(load_revision)
    if current == HEAD:
        return
    if current is None:
        raise SchemaError("the database has no tables yet: `nkwire upgrade` makes them")
    if current in _known_revisions():
        raise SchemaError(
            f"the database is of an older nkwire (revision {current}):"
            " `nkwire upgrade` brings it up to date"
        )
    raise SchemaError(_NEWER_MESSAGE.format(current))


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return {script.revision for script in scripts}


def _run_migrations(connection: Connection) -> None:
    from alembic import command

    lock_until_commit(connection, _MIGRATION_LOCK_KEY)
    config = alembic_config()
    current = load_revision(connection)
    if current is not None and current not in _known_revisions():
        raise SchemaError(_NEWER_MESSAGE.format(current))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
