"""Tells whether an error means that the machine has too little of something, such as disk space.

One table for the operating system, one for SQLite and one for PostgreSQL. Libraries that write files
(Parquet, Excel, compression) wrap the error of the operating system, so its causes are searched too.
"""

import errno
import os
import resource
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile


class Shortage(StrEnum):
    """What there is too little of, with what to do. No shortage loses what is stored."""

    ROOM = "no room"
    QUOTA = "no room: the quota of this user is used up"
    FILE_SIZE = "no room: a file may not grow further (ulimit -f)"
    FILES = "too many open files: raise the limit (ulimit -n)"
    MEMORY = "not enough memory"
    PROCESSES = "no further process or thread can be started (ulimit -u)"

    @property
    def is_room(self) -> bool:
        """Whether a disk, and not the process, is at its limit."""
        return self in (Shortage.ROOM, Shortage.QUOTA, Shortage.FILE_SIZE)


_OF_ERRNO = {
    errno.ENOSPC: Shortage.ROOM,
    errno.EDQUOT: Shortage.QUOTA,
    errno.EFBIG: Shortage.FILE_SIZE,
    errno.EMFILE: Shortage.FILES,
    errno.ENFILE: Shortage.FILES,
    errno.ENOMEM: Shortage.MEMORY,
    errno.EAGAIN: Shortage.PROCESSES,
}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: Shortage.ROOM,
    sqlite3.SQLITE_IOERR_SHMSIZE: Shortage.ROOM,
    sqlite3.SQLITE_NOMEM: Shortage.MEMORY,
    sqlite3.SQLITE_IOERR_NOMEM: Shortage.MEMORY,
}
_UNEXPLAINED = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_GETTEMPPATH,
    sqlite3.SQLITE_IOERR_COMMIT_ATOMIC,
    sqlite3.SQLITE_IOERR_CLOSE,
}
"""SQLite's codes for a "disk I/O error" of a writer. They do not say why: a trial file tells."""
_OF_SQLSTATE = {
    "53100": Shortage.ROOM,
    "53200": Shortage.MEMORY,
}
_TRIAL_BYTES = 1 << 17  # more than SQLite asks for at once


def find_shortage(error: BaseException, file: Path | None = None) -> Shortage | None:
    """Returns what an error, or one of its causes, says that there is too little of.

    `file`: the SQLite file. If SQLite only says "disk I/O error", a trial beside this file tells
    whether there is room.
    """
    return next(filter(None, (_of_one(each, file) for each in _causes(error))), None)


def shortage_line(error: BaseException, file: Path | None = None) -> str:
    """Returns the shortage as one line that names the file or folder; "" if there is none."""
    shortage = find_shortage(error, file)
    if shortage is None:
        return ""
    named = next(filter(None, map(_file_name, _causes(error))), file)
    first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"{shortage}: {named or getattr(error, 'strerror', None) or first_line}"


def find_lack_of_room(folder: Path, files: tuple[Path, ...] = ()) -> Shortage | None:
    """Returns why nothing more can be written in a folder or to these files; None if it can."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if limit != resource.RLIM_INFINITY and any(
        each.is_file() and each.stat().st_size + _TRIAL_BYTES > limit for each in files
    ):
        return Shortage.FILE_SIZE
    try:
        with TemporaryFile(dir=folder) as trial:
            trial.write(bytes(_TRIAL_BYTES))
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return _OF_ERRNO.get(error.errno or 0)
    return None


def _of_one(error: BaseException, file: Path | None) -> Shortage | None:
    if isinstance(error, MemoryError):
        return Shortage.MEMORY
    if isinstance(error, OSError):
        is_slow_pipe = hasattr(error, "characters_written")  # EAGAIN of a pipe, not of fork
        return None if is_slow_pipe else _OF_ERRNO.get(error.errno or 0)
    if isinstance(error, ImportError) and "failed to map segment" in str(error):
        return Shortage.MEMORY  # the dynamic loader's words
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return Shortage.PROCESSES
    if (sqlstate := getattr(error, "sqlstate", None)) is not None:
        return _OF_SQLSTATE.get(sqlstate)
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return None
    if file is not None and (code in _UNEXPLAINED or code & 0xFF == sqlite3.SQLITE_CANTOPEN):
        return find_lack_of_room(file.parent, _sqlite_files(file))
    return _OF_SQLITE.get(code, _OF_SQLITE.get(code & 0xFF))


def _sqlite_files(file: Path) -> tuple[Path, ...]:
    return tuple(file.with_name(file.name + suffix) for suffix in ("", "-wal", "-journal"))


def _file_name(error: BaseException) -> str:
    name = error.filename if isinstance(error, OSError) else None
    return os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an error, what a driver or library wrapped in it, and what it was raised from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        wrapped = getattr(error, "orig", None)  # SQLAlchemy
        for each in (wrapped, *error.args):
            if isinstance(each, BaseException) and id(each) not in seen:
                seen.add(id(each))
                yield each
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
