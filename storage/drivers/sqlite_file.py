"""Opens the file of an SQLite database, for writing or so that it stays as it is.

A reader must not change the file, and must leave no file beside it. How it reads depends on what
lies there (https://www.sqlite.org/wal.html#read_only_databases, https://www.sqlite.org/uri.html):

    FILE-wal  FILE-shm  file and folder   opened with               because
    none      none      can be written    mode=rw, query_only       SQLite removes its two files
    none      none      cannot            immutable=1               no files can be made
    there     there     either            mode=ro                   a writer is or was here
    content   none      either            mode=ro, unix-none VFS    the log's index is in memory

The second and the last take no locks. So they check after each transaction whether somebody has
written meanwhile, and then the reading does not count.
"""

import os
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from storage.errors import NoDatabase, NotADatabase, ReadOnly
from storage.files.making import make_folders
from storage.wording.numbers import format_count

_WAL, _SHM, _JOURNAL = "-wal", "-shm", "-journal"
_MIN_BYTES = 512  # of the smallest page
_MISSING = "`nkwire run`, `nkwire crawl` or `nkwire import` makes one"


@dataclass(frozen=True)
class FileState:
    """What tells one state of the file and of the files beside it from another."""

    file: tuple[int, ...] | None
    log: tuple[int, ...] | None
    journal: tuple[int, ...] | None
    has_index: bool

    @classmethod
    def of(cls, path: Path) -> "FileState":
        """Returns the state of the file at this moment."""
        return cls(
            _identity(path),
            _identity(_beside(path, _WAL)),
            _identity(_beside(path, _JOURNAL)),
            _identity(_beside(path, _SHM)) is not None,
        )

    @property
    def log_content(self) -> tuple[int, ...] | None:
        """The state of the write-ahead log; None if it is missing or empty."""
        return self.log if self.log is not None and self.log[-1] > 0 else None

    @property
    def has_journal_content(self) -> bool:
        """Whether a rollback journal is there and not empty."""
        return self.journal is not None and self.journal[-1] > 0


class LookingConnection(sqlite3.Connection):
    """A connection that only reads. `unlocked_since`: the state of the file if it takes no locks."""

    path: Path
    unlocked_since: FileState | None = None

    @property
    def is_outdated(self) -> bool:
        """Whether the file should be opened anew before the next transaction."""
        return self.unlocked_since not in (None, FileState.of(self.path))

    @property
    def was_misled(self) -> bool:
        """Whether somebody wrote what this connection read, and it could not notice."""
        before = self.unlocked_since
        if before is None:
            return False
        now = FileState.of(self.path)
        return now.file != before.file or (
            before.log_content is not None and now.log_content != before.log_content
        )


def check_for_reading(path: Path) -> None:
    """Raises NoDatabase or NotADatabase, with what is wrong, unless the file may be a database."""
    found = _stat(path)
    if found is None:
        raise NoDatabase(_missing_line(path))
    _check_kind(path, found)
    if not found.st_size:
        raise NoDatabase(
            f"{path} is empty: {_MISSING}, or `nkwire restore BACKUP --replace` puts a backup there"
        )
    if not os.access(path, os.R_OK):
        raise NotADatabase(f"{path} cannot be read: no permission")


def check_for_writing(path: Path, *, create: bool) -> None:
    """Raises StorageError, with what is wrong, unless the file can be written.

    Makes the folder of a missing file if `create` is set. Raises OSError if that fails.
    """
    found = _stat(path)
    if not create:
        check_for_reading(path)
    elif found is None and not path.is_symlink():
        make_folders(path.parent)
    elif found is None:
        raise NoDatabase(_missing_line(path))
    if found is not None:
        _check_kind(path, found)
        if not os.access(path, os.W_OK):
            raise ReadOnly(f"{path} may only be read: no permission to write it")
    folder = _real(path).parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ReadOnly(f"{folder} may only be read: SQLite must make files beside {path.name}")


def connect_for_reading(path: Path, timeout: float) -> LookingConnection:
    """Opens the file so that it stays as it is. `timeout`: seconds to wait for who holds it."""
    path = _real(path)
    state = FileState.of(path)
    query, is_locking = _reading_mode(path, state)
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?{query}",
        uri=True,
        timeout=timeout,
        check_same_thread=False,
        factory=LookingConnection,
    )
    connection.path = path
    if not is_locking:
        connection.unlocked_since = state
        connection.execute("PRAGMA locking_mode=EXCLUSIVE").close()  # the log's index in memory
    return connection


def _reading_mode(path: Path, state: FileState) -> tuple[str, bool]:
    """Returns the parameters of the URI, and whether the connection takes locks."""
    if state.has_journal_content or (state.log is not None and state.has_index):
        return "mode=ro", True
    if state.log_content:
        return "mode=ro&vfs=unix-none", False
    is_alone = state.log is None and not state.has_index
    if is_alone and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK):
        return "mode=rw", True
    return "mode=ro&immutable=1", False


def _check_kind(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise NotADatabase(f"{path} is a folder, no database: name a file")
    if not stat.S_ISREG(found.st_mode):
        raise NotADatabase(f"{path} is no regular file: a database must be one")
    if 0 < found.st_size < _MIN_BYTES:  # SQLite would overwrite it as if it were empty
        raise NotADatabase(
            f"{path} is no database: it has only {format_count(found.st_size, 'byte')}"
        )


def _stat(path: Path) -> os.stat_result | None:
    """Returns the state of a file; None if there is none. Raises NotADatabase."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotADatabase(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise NotADatabase(f"{str(path)!r} is no name of a file: {error}") from None


def _missing_line(path: Path) -> str:
    if path.is_symlink():
        return f"no database at {path}: it is a link to {path.readlink()}, which is not there"
    return f"no database at {path}: {_MISSING}"


def _real(path: Path) -> Path:
    # SQLite follows symbolic links, and makes its files beside what they lead to.
    return Path(os.path.realpath(path))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        found: Any = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
