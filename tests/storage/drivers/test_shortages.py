"""What there is too little of is told from what is wrong, whichever library says it."""

import errno
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import xlsxwriter.exceptions
from sqlalchemy.exc import OperationalError

from cli.errors import ExitCode, UserError, error_message_and_code
from storage import open_database
from storage.drivers.driver_errors import to_storage_error
from storage.drivers.shortages import Shortage, find_shortage, shortage_line
from storage.errors import CannotWrite, DiskFull, Overloaded, StorageError
from tests.small_disk import empty, fill, small_disk

FULL = OSError(errno.ENOSPC, "No space left on device", "/data/x.jsonl")


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


def raised_from(cause: Exception) -> Exception:
    try:
        raise UserError("cannot write the file") from cause
    except UserError as error:
        return error


def raised_while_handling(cause: Exception) -> Exception:
    try:
        try:
            raise cause
        finally:
            int("no number")
    except ValueError as error:
        return error


@pytest.mark.threats("R12")
@pytest.mark.parametrize(
    "error",
    [
        FULL,
        OSError(errno.EDQUOT, "Disk quota exceeded", "/data/x"),
        OSError(errno.EFBIG, "File too large"),
        sqlite_error(sqlite3.SQLITE_FULL),
        sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE),
        OperationalError("SELECT 1", {}, sqlite_error(sqlite3.SQLITE_FULL)),
        psycopg.errors.DiskFull("could not extend file"),
        OperationalError("SELECT 1", {}, psycopg.errors.DiskFull("no")),
        xlsxwriter.exceptions.FileCreateError(FULL),
        raised_from(FULL),
        raised_while_handling(FULL),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_room_has_one_exit_code_and_begins_alike(error: Exception) -> None:
    line, code = error_message_and_code(error)
    assert line.startswith("no room")
    assert "\n" not in line
    assert code is ExitCode.STORAGE_FAILURE


@pytest.mark.threats("R12")
@pytest.mark.parametrize(
    ("error", "shortage"),
    [
        (OSError(errno.EMFILE, "Too many open files", "/x"), Shortage.FILES),
        (OSError(errno.ENFILE, "File table overflow"), Shortage.FILES),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), Shortage.MEMORY),
        (MemoryError(), Shortage.MEMORY),
        (sqlite_error(sqlite3.SQLITE_NOMEM), Shortage.MEMORY),
        (psycopg.errors.OutOfMemory(), Shortage.MEMORY),
        (RuntimeError("can't start new thread"), Shortage.PROCESSES),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), Shortage.PROCESSES),
    ],
    ids=str,
)
def test_other_shortages_are_told_too(error: Exception, shortage: Shortage) -> None:
    line, code = error_message_and_code(error)
    assert line.startswith(str(shortage))
    assert code is ExitCode.STORAGE_FAILURE


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EACCES, "Permission denied", "/x"),
        sqlite_error(sqlite3.SQLITE_IOERR_READ),
        BlockingIOError(errno.EAGAIN, "pipe", 3),
        ValueError("28"),
        RuntimeError("no"),
    ],
    ids=repr,
)
def test_what_is_no_shortage_is_none(error: Exception) -> None:
    assert find_shortage(error) is None
    assert shortage_line(error) == ""


def test_a_suppressed_cause_does_not_count() -> None:
    error = UserError("another matter")
    error.__context__ = FULL
    assert find_shortage(error) is Shortage.ROOM
    error.__suppress_context__ = True
    assert find_shortage(error) is None


def test_an_error_that_is_its_own_cause_ends() -> None:
    error = ValueError("round")
    error.__context__ = error
    assert find_shortage(error) is None


@pytest.mark.threats("R12")
def test_the_file_is_named() -> None:
    assert shortage_line(FULL) == "no room: /data/x.jsonl"
    assert error_message_and_code(CannotWrite("no room: cannot write /x"))[0].count("no room") == 1
    assert shortage_line(sqlite_error(sqlite3.SQLITE_FULL), Path("/d/n.db")) == "no room: /d/n.db"


@pytest.mark.threats("R12")
@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_CANTOPEN,
    ],
)
def test_an_error_without_a_reason_is_explained_by_a_trial(tmp_path: Path, code: int) -> None:
    error = OperationalError("INSERT", {}, sqlite_error(code))
    with small_disk(tmp_path / "disk", 1000) as disk:
        file = disk / "nkwire.db"
        assert not isinstance(to_storage_error(error, file), DiskFull)
        fill(disk)
        found = to_storage_error(error, file)
        assert isinstance(found, DiskFull)
        assert str(file) in str(found)
        empty(disk)
        assert not isinstance(to_storage_error(error, file), DiskFull)
        assert list(disk.iterdir()) == []  # the trial leaves nothing


def test_too_little_memory_is_not_a_full_disk() -> None:
    error = OperationalError("SELECT", {}, sqlite_error(sqlite3.SQLITE_NOMEM))
    assert isinstance(to_storage_error(error), Overloaded)


@pytest.mark.threats("R12")
@pytest.mark.parametrize("free", [0, 4096, 20_000, 200_000])
def test_a_new_database_without_room_is_told_and_grows_afterwards(
    tmp_path: Path, free: int
) -> None:
    with small_disk(tmp_path / "disk", 4000) as disk:
        fill(disk, but=free)
        url = f"sqlite:///{disk}/nkwire.db"
        with pytest.raises(StorageError) as failed:
            open_database(url, patience=1)
        line, code = error_message_and_code(failed.value)
        assert line.startswith("no room")
        assert str(disk / "nkwire.db") in line
        assert code is ExitCode.STORAGE_FAILURE
        empty(disk)
        open_database(url).close()


@pytest.mark.threats("R12")
def test_a_limit_on_the_size_of_files_is_no_room(tmp_path: Path) -> None:
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "from cli.errors import error_message_and_code\n"
        "from storage import open_database\n"
        "try:\n"
        f"    open_database('sqlite:///{tmp_path}/nkwire.db', patience=1)\n"
        "except Exception as error:\n"
        "    print(*error_message_and_code(error), sep='|')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.startswith("no room: a file may not grow further")
    assert done.stdout.strip().endswith("|4")
