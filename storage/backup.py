"""Backs up the whole database while other processes write to it."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from storage.dialects import is_sqlite
from storage.engine import TransactionalEngine
from storage.errors import DiskFull, StorageError, Unavailable


def back_up(database: TransactionalEngine, file: Path) -> None:
    """Writes a consistent copy of the database to a new file.

    The copy is an SQLite database (made by SQLite's online backup) or, for PostgreSQL, an archive
    in the custom format of pg_dump. Writers are not blocked. The file appears only when it is
    complete. Raises FileExistsError, OSError, or StorageError with a message that says what to do.
    """
    if file.exists():
        raise FileExistsError(f"{file} exists already")
    draft = file.with_name(file.name + ".part")
    draft.write_bytes(b"")  # fails here where nothing can be written
    try:
        if is_sqlite(database.engine):
            _copy_sqlite(database, draft)
        else:
            _dump_postgresql(database.engine.url, draft)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def _copy_sqlite(database: TransactionalEngine, draft: Path) -> None:
    try:
        with database.engine.connect() as connection:
            target = sqlite3.connect(draft)
            try:
                source = connection.connection.driver_connection
                assert isinstance(source, sqlite3.Connection)
                source.backup(target)
                check_result = target.execute("PRAGMA quick_check(1)").fetchone()[0]
            finally:
                target.close()
    except (sqlite3.Error, DBAPIError) as error:
        if "full" in str(error):
            raise DiskFull(f"no room for the backup: {error}") from error
        raise Unavailable(f"the backup failed: {error}") from error
    if check_result != "ok":
        raise StorageError(f"the database is damaged: {check_result}")


def _dump_postgresql(url: URL, draft: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StorageError("pg_dump is not there: install PostgreSQL's client programs")
    address = url.set(drivername="postgresql", password=None).render_as_string()
    # A password on the command line could be read by all users of the machine.
    secret = {"PGPASSWORD": url.password} if url.password else {}
    process = subprocess.run(
        [program, "--format=custom", "--no-owner", f"--file={draft}", f"--dbname={address}"],
        env={**os.environ, **secret},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        lines = process.stderr.strip().splitlines() or ["no reason given"]
        raise StorageError(f"pg_dump failed: {lines[0]}")
