"""Makes files and folders that only their owner can change, and that others cannot put in the way.

What nkwire makes is at most `FILE_MODE` or `FOLDER_MODE`, whatever the umask; a stricter umask
counts. A new file is never opened through a link (O_EXCL and O_NOFOLLOW, open(2)).
"""

import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from storage.errors import CannotWrite
from storage.files.processes import is_process_alive

FILE_MODE, FOLDER_MODE = 0o640, 0o750
PRIVATE_MODE = 0o600
"""The database and its backups hold the private seed."""
UMASK = 0o777 & ~FOLDER_MODE
_TEMPORARY_VARIABLES = ("TMPDIR", "TEMP", "TMP")


def create_file(path: Path, mode: int = FILE_MODE) -> BinaryIO:
    """Creates a file and returns it, open for writing. Raises FileExistsError and OSError.

    A symbolic link of the name counts as a file, wherever it leads.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, mode), "wb")


def append_file(path: Path, mode: int = FILE_MODE) -> FileIO:
    """Opens a file of ours to append to, unbuffered. Refuses a link of its name. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    return FileIO(os.open(path, flags, mode), "ab")


def append_whole(file: FileIO, data: bytes) -> None:
    """Appends all of it or nothing. Raises OSError. Only for a file that no other process writes.

    A disk that fills up takes a part of what it is given, without an error (write(2)).
    """
    start = file.seek(0, os.SEEK_END)
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError:
        file.truncate(start)
        raise


def make_folders(folder: Path, mode: int = FOLDER_MODE) -> None:
    """Makes a folder and those above it, as far as they are missing. Raises OSError."""
    missing = []
    for each in (folder, *folder.parents):
        if each.exists():
            break
        missing.append(each)
    for each in reversed(missing):
        each.mkdir(mode, exist_ok=True)
    folder.mkdir(mode, exist_ok=True)  # raises FileExistsError for a file of the name


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Gives a name beside the target that nobody can guess: `.NAME.PID.RANDOM.part`.

    First removes the drafts of the target that killed processes left. At the end no file and no
    folder has the name, and none a name that begins with it (SQLite's journals). Raises
    IsADirectoryError for a target without a name, such as `.` and `/`.
    """
    if not target.name:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    _remove_drafts(target, lambda pid, _: not is_process_alive(pid))
    own = secrets.token_hex(8)
    try:
        yield target.with_name(f"{_draft_beginning(target)}{os.getpid()}.{own}.part")
    finally:
        _remove_drafts(target, lambda _, random: random == own)


def _draft_beginning(target: Path) -> str:
    room = 255 - 48
    name = target.name.encode(errors="surrogateescape")[:room].decode(errors="ignore")
    return f".{name}."


def _remove_drafts(target: Path, is_unwanted: Callable[[int, str], bool]) -> None:
    """Removes the drafts of a target, and what lies beside them, by pid and random part."""
    beginning = re.escape(_draft_beginning(target))
    draft = re.compile(rf"{beginning}([0-9]+)\.([0-9a-f]{{16}})\.part.*")
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            found = draft.fullmatch(entry.name)
            if found and is_unwanted(int(found[1]), found[2]):
                _remove(Path(entry.path))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


@contextmanager
def replaced_file(target: Path, mode: int = FILE_MODE) -> Iterator[BinaryIO]:
    """Gives a draft to write to. If the block succeeds, it replaces the target in one step.

    So a reader never sees half of the file. It is not forced to the disk. Raises OSError.
    """
    with draft_of(target) as draft, create_file(draft, mode) as file:
        yield file
        file.flush()
        draft.replace(target)


def is_inside(path: Path, folder: Path) -> bool:
    """Whether no `..` and no absolute name in a path leads out of a folder. Links may."""
    return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(folder))


def describe_wide_mode(file: Path) -> str:
    """Returns one line if others than the owner may use a private file; "" if not."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return ""
    if not mode & 0o077:
        return ""
    return (
        f"{file} holds the private seed, and others than its owner may open it (mode {mode:04o}):"
        f" chmod {PRIVATE_MODE:o} {file}"
    )


def check_temporary_folder() -> None:
    """Raises CannotWrite if others can exchange the files in the folder that TMPDIR names.

    It must belong to this user or to root; if all may write to it, it must have the sticky bit.
    """
    for variable in _TEMPORARY_VARIABLES:
        if folder := os.environ.get(variable):
            _check_owner(variable, Path(folder))
            return


def _check_owner(variable: str, folder: Path) -> None:
    try:
        status = folder.stat()
    except OSError:
        return  # Python's tempfile takes another
    is_shared = bool(status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    if status.st_uid not in (0, os.geteuid()):
        raise CannotWrite(f"{variable}={folder} belongs to another user: name a folder of your own")
    if is_shared and not status.st_mode & stat.S_ISVTX:
        raise CannotWrite(
            f"{variable}={folder}: others may exchange files there; set its sticky bit, or name a"
            " folder of your own"
        )
