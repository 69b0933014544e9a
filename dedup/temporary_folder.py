"""Makes the temporary folders of all commands, and sweeps those that killed processes left behind.

A folder is in use as long as its maker holds the lock of the file in it (flock(2)). The system
frees the lock when the process ends, however it ends.
"""

import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

_PREFIX = "nkwire-"
_NAME = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")
"""A prefix and what mkdtemp adds to it."""
_LOCK, _FILES = ".in-use", "files"
_MAX_TRIES = 100


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Makes an empty folder in `TMPDIR` that only this user can enter, and deletes it at the end.

    First deletes what processes of this user left there when they were killed. Raises OSError if
    the folder cannot be made.
    """
    sweep_temporary_folders()
    with ExitStack() as stack:
        yield _make_locked(stack)


def _make_locked(stack: ExitStack) -> Path:
    """Makes the folder. Another process may sweep it before it is locked: then makes another one."""
    for _ in range(_MAX_TRIES):
        parent = Path(mkdtemp(prefix=_PREFIX))
        stack.callback(_remove, parent)
        with suppress(FileNotFoundError, BlockingIOError):
            lock = stack.enter_context((parent / _LOCK).open("xb"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder = parent / _FILES
            folder.mkdir(0o700)
            return folder
    raise BlockingIOError(f"other processes remove the temporary folders in {gettempdir()}")


def sweep_temporary_folders() -> None:
    """Deletes the folders of `temporary_folder` whose processes have ended; never raises OSError.

    A folder is deleted only if it is a real folder of this user that nobody else can enter, and if
    its lock is free or nothing is in it.
    """
    with suppress(OSError), os.scandir(gettempdir()) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name):
                with suppress(OSError):
                    _sweep(entry.path)


def _sweep(path: str) -> None:
    with ExitStack() as stack:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        stack.callback(os.close, folder)
        owned = os.fstat(folder)
        if owned.st_uid != os.geteuid() or stat.S_IMODE(owned.st_mode) & 0o077:
            return
        try:
            lock = os.open(_LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except FileNotFoundError:
            Path(path).rmdir()  # fails if anything is in it
            return
        stack.callback(os.close, lock)
        if not stat.S_ISREG(os.fstat(lock).st_mode):
            return
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(Path(path))


def _remove(parent: Path) -> None:
    """Removes a folder, its lock last: what is left if this is killed is swept as well."""
    shutil.rmtree(parent / _FILES, ignore_errors=True)
    shutil.rmtree(parent, ignore_errors=True)
    with suppress(OSError):  # where no further file may be opened, which `rmtree` must
        (parent / _FILES).rmdir()
    with suppress(OSError):
        (parent / _LOCK).unlink()
    with suppress(OSError):
        parent.rmdir()
