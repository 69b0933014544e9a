"""Backs up the whole database while other processes write to it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from dedup.temporary_folder import temporary_folder
from storage.dialects import is_sqlite
from storage.drivers.driver_errors import damage_line
from storage.drivers.shortages import find_shortage
from storage.engine import TransactionalEngine
from storage.errors import Damaged, DiskFull, StorageError, Unavailable
from storage.export.formats.output_files import new_file
from storage.files.making import PRIVATE_MODE, create_file
from storage.guard.secrets import conceal

_PAGES_PER_STEP = 1000
_SERVICE = "nkwire"


def back_up(database: TransactionalEngine, file: Path) -> None:
    """Writes a consistent copy of the database to a new file, which its owner alone may read.

    The copy is an SQLite database (made by SQLite's online backup) or, for PostgreSQL, an archive
    in the custom format of pg_dump. Writers are not blocked. The file appears only when it is
    complete. Raises FileExistsError if anything has the name (a link that leads nowhere, too),
    OSError, or StorageError with a message that says what to do.
    """
    with new_file(file, PRIVATE_MODE) as draft:
        if is_sqlite(database.engine):
            copy_sqlite(database, draft)
            _check_copy(draft, database.file)
        else:
            _dump_postgresql(database.engine, draft)


def copy_sqlite(database: TransactionalEngine, draft: Path) -> None:
    """Copies the database as it is at one moment. Raises DiskFull, Unavailable and StorageError."""
    try:
        # The reading transaction keeps the steps at one moment of the database.
        with database.reading() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar()
            target = sqlite3.connect(draft)
            try:
                source = connection.connection.driver_connection
                assert isinstance(source, sqlite3.Connection)
                # In steps, so that a signal is heard between two of them.
                source.backup(target, pages=_PAGES_PER_STEP, progress=lambda *_: None)
            finally:
                target.close()
    except (sqlite3.Error, DBAPIError) as error:
        if shortage := find_shortage(error, draft):
            raise DiskFull(f"{shortage}: {draft.parent}") from error
        raise Unavailable(f"the backup failed: {error}") from error


def _check_copy(draft: Path, source: Path | None) -> None:
    """Raises Damaged if the copy is damaged, as then its source is, and Unavailable."""
    with closing(sqlite3.connect(draft)) as copy:
        try:
            found = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.OperationalError as error:
            raise Unavailable(f"the backup cannot be read: {error}") from error
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise Damaged(damage_line(" ".join(found.split()), source))


def _dump_postgresql(engine: Engine, draft: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StorageError("pg_dump is not there: install PostgreSQL's client programs")
    _, parameters = engine.dialect.create_connect_args(engine.url)
    parameters = {name: str(value) for name, value in parameters.items() if _is_of_libpq(name)}
    # The environment keeps its spaces, and no other user can read it.
    password = parameters.pop("password", "")
    secret = {"PGPASSWORD": password} if password else {}
    with temporary_folder() as folder:
        service_file = folder / "service"
        _write_service_file(service_file, parameters)
        process = subprocess.run(
            [
                program,
                "--format=custom",
                "--no-owner",
                f"--file={draft}",
                f"--dbname=service={_SERVICE}",
            ],
            env={**os.environ, **secret, "PGSERVICEFILE": str(service_file)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if process.returncode:
        lines = process.stderr.strip().splitlines() or ["no reason given"]
        raise StorageError(conceal(f"pg_dump failed: {lines[0]}"))


def _is_of_libpq(name: str) -> bool:
    """Whether a parameter is one of a connection, and not of psycopg alone."""
    return name not in (
        "autocommit",
        "context",
        "cursor_factory",
        "prepare_threshold",
        "row_factory",
    )


def _write_service_file(path: Path, parameters: Mapping[str, Any]) -> None:
    """Writes the parameters for libpq (PostgreSQL manual, 34.17): arguments are seen by all users.

    Raises StorageError for a value that such a file cannot hold.
    """
    if any(character in value for value in parameters.values() for character in "\r\n"):
        raise StorageError(
            "the database URL has a line break in a parameter: pg_dump cannot use it"
        )
    lines = (f"{name}={value}\n" for name, value in parameters.items())
    with create_file(path, PRIVATE_MODE) as file:
        file.write("".join((f"[{_SERVICE}]\n", *lines)).encode())
