"""What the command says when something is wrong, and the codes it exits with."""

import errno
from enum import IntEnum


class ExitCode(IntEnum):
    """The codes that every command exits with (docs/running.md)."""

    OK = 0  # everything was done, nothing was lost
    FAILED = 1  # a run failed or was killed, or data was lost
    USER_ERROR = 2  # wrong arguments, configuration or files; nothing was changed
    PARTIAL = 3  # done, but some input was refused, or an outlet could not be read in full
    STORAGE_FAILURE = (
        4  # the disk is full or the database went away; what was reported stored is stored
    )
    INTERRUPTED = 130  # interrupted


class UserError(Exception):
    """Something the user can mend. The message is one line and says what to do."""


def error_message_and_code(error: Exception) -> tuple[str, ExitCode]:
    """The line and the code for an error that the user can do something about; "" for our faults."""
    from storage.errors import DiskFull, StorageError, Unavailable

    if isinstance(error, DiskFull | Unavailable):
        return str(error), ExitCode.STORAGE_FAILURE
    if isinstance(error, UserError | StorageError):
        return str(error), ExitCode.USER_ERROR
    if isinstance(error, OSError) and error.strerror:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        where = f"{error.filename}: " if error.filename is not None else ""
        return where + error.strerror, ExitCode.STORAGE_FAILURE if full else ExitCode.USER_ERROR
    return "", ExitCode.FAILED
