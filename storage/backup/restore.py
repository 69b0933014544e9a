"""Puts a backup of an SQLite database back in place of the database, in one step."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.backup.backup import copy_sqlite
from storage.backup.replaced_database import refuse_in_use, set_aside, sqlite_file_url, sync
from storage.batches import ProgressCallback
from storage.database import Database, open_database
from storage.dialects import iter_file_problems
from storage.drivers.driver_errors import driver_message
from storage.drivers.sqlite_file import check_for_reading, check_for_writing
from storage.engine import TransactionalEngine, make_engine
from storage.errors import (
    Damaged,
    InvalidRequest,
    NoDatabase,
    NotADatabase,
    SchemaError,
    StorageError,
)
from storage.export.formats.output_files import name_new_file
from storage.files.making import PRIVATE_MODE, create_file, draft_of, make_folders
from storage.migrations import HEAD
from storage.schema import load_revision

_SQLITE_MAGIC = b"SQLite format 3\x00"  # https://www.sqlite.org/fileformat.html, 1.3
_OTHER_FORMATS = {
    b"PGDMP": "is an archive of PostgreSQL: `pg_restore --no-owner --dbname=NAME {}` restores it",
    b"\x1f\x8b": "is compressed: unpack it first (`gunzip --keep {}`)",
    b"\x28\xb5\x2f\xfd": "is compressed: unpack it first (`unzstd {}`)",
    b"\xfd7zXZ\x00": "is compressed: unpack it first (`unxz --keep {}`)",
}


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    `kept`: the new name of the database that was there, None if there was none. `revision`: of the
    backup, before it was brought up to date.
    """

    file: Path
    kept: Path | None
    revision: str
    articles: int
    outlets: int
    last_captured_at: datetime | None

    def to_dict(self) -> dict[str, Any]:
        """Returns the values for JSON."""
        return {
            "file": str(self.file),
            "kept": str(self.kept) if self.kept else None,
            "revision": self.revision,
            "was_outdated": self.was_outdated,
            "articles": self.articles,
            "outlets": self.outlets,
            "last_captured_at": self.last_captured_at,
        }

    @property
    def was_outdated(self) -> bool:
        """Whether the backup was brought up to date."""
        return self.revision != HEAD


def restore(
    backup: Path,
    target: Path,
    *,
    lease: str,
    replace: bool = False,
    progress: ProgressCallback | None = None,
) -> Restored:
    """Puts a backup in place of a database. A kill at any instant leaves the old or the new one.

    The backup is copied beside the target, checked and brought up to date there, and then renamed.
    It stays as it is. `lease`: the name of the lease of a running service, which is refused.
    `replace`: sets a database that is there aside under a dated name. `progress`: of
    `Changes.rebuild`. Raises InvalidRequest, StorageError and OSError; then nothing has changed.
    """
    revision = check_backup(backup)
    # SQLite follows links, so the link stays and what it leads to is replaced.
    target = Path(os.path.realpath(target))
    if os.path.lexists(target) and backup.samefile(target):
        raise InvalidRequest(f"{backup} is the database itself: name a backup")
    _check_target(target, lease, replace=replace)
    make_folders(target.parent)
    with draft_of(target) as draft:
        create_file(draft, PRIVATE_MODE).close()
        engine = make_engine(sqlite_file_url(backup), create=False, reading_only=True)
        with TransactionalEngine(engine, patience=20) as source:
            copy_sqlite(source, draft)
        _check_pages(draft, backup)
        with open_database(f"sqlite:///{draft}", create=False) as opened:
            if not opened.changes.are_current():
                opened.changes.rebuild(progress)
            counts = _count(opened)
        _finish(draft, target)
        _check_target(target, lease, replace=replace)  # again, as the copy took its time
        with set_aside(target) as kept:
            if kept:
                draft.replace(target)
            else:
                _name_first(draft, target)
            sync(target.parent)
    return Restored(target, kept, revision, *counts)


def check_backup(file: Path) -> str:
    """Returns the revision of the tables in a backup; changes nothing.

    Raises NoDatabase, NotADatabase, which say what the file is instead, and SchemaError.
    """
    if not file.exists():
        raise NoDatabase(f"no backup at {file}: name a file that `nkwire backup` made")
    if file.is_file() and not file.stat().st_size:
        raise NotADatabase(f"{file} is empty: name a file that `nkwire backup` made")
    check_for_reading(file)
    with file.open("rb") as opened:
        beginning = opened.read(len(_SQLITE_MAGIC))
    for magic, line in _OTHER_FORMATS.items():
        if beginning.startswith(magic):
            raise NotADatabase(f"{file} {line.format(file)}")
    if beginning != _SQLITE_MAGIC:
        raise NotADatabase(
            f"{file} is not a SQLite database: name a file that `nkwire backup` made"
        )
    engine = make_engine(sqlite_file_url(file), create=False, reading_only=True)
    with TransactionalEngine(engine, patience=20) as database, _naming_damaged(file):
        revision = database.read(load_revision)
    if revision is None:
        raise SchemaError(f"{file} has no tables of nkwire: name a file that `nkwire backup` made")
    return revision


def _check_target(target: Path, lease: str, *, replace: bool) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_file():
        raise NotADatabase(f"{target} is no regular file: a database must be one")
    if not replace:
        raise _exists(target)
    check_for_writing(target, create=True)
    refuse_in_use(target, lease)


def _name_first(draft: Path, target: Path) -> None:
    """Gives the copy its name. Raises InvalidRequest if a process made a database meanwhile."""
    try:
        name_new_file(draft, target)
    except FileExistsError:
        raise _exists(target) from None


def _exists(target: Path) -> InvalidRequest:
    return InvalidRequest(
        f"{target} exists already: with --replace the backup takes its place, and it is kept"
        " under another name"
    )


def _check_pages(draft: Path, backup: Path) -> None:
    engine = make_engine(sqlite_file_url(draft), create=False, reading_only=True)
    with TransactionalEngine(engine, patience=20) as database, _naming_damaged(backup):
        problems = database.read(lambda connection: list(iter_file_problems(connection)))
    if problems:
        raise _damaged(backup, problems[0])


@contextmanager
def _naming_damaged(backup: Path) -> Iterator[None]:
    """Says of damage that the backup has it, and what to do then."""
    try:
        yield
    except Damaged as error:
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise _damaged(backup, driver_message(cause)) from error


def _damaged(backup: Path, reason: str) -> Damaged:
    return Damaged(f"{backup} is damaged ({reason}): restore an earlier backup")


def _count(database: Database) -> tuple[int, int, datetime | None]:
    statuses = database.outlets.status()
    times = [each.last_captured_at for each in statuses if each.last_captured_at]
    return database.articles.count(), len(statuses), max(times, default=None)


def _finish(draft: Path, target: Path) -> None:
    """Makes the copy last on the disk, for the owner of the old database if root restores it."""
    if draft.with_name(f"{draft.name}-wal").exists():
        raise StorageError(f"{draft} was opened by another process: try again")
    if os.geteuid() == 0:
        owner = (target if target.exists() else target.parent).stat()
        os.chown(draft, owner.st_uid, owner.st_gid)
    sync(draft)
