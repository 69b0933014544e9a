"""The exit codes of the command, and the message and code for each error."""

import errno
from enum import IntEnum

from dedup.errors import NkwireError


class ExitCode(IntEnum):
    """The exit codes of all commands (docs/running.md)."""

    OK = 0  # everything was done, nothing was lost
    FAILED = 1  # a run failed or was killed, or data was lost
    USER_ERROR = 2  # wrong arguments, configuration or files; nothing was changed
    PARTIAL = 3  # done, but some input was rejected, or an outlet could not be read in full
    STORAGE_FAILURE = (
        4  # the disk is full or the database is unreachable; what was reported stored is stored
    )
    INTERRUPTED = 130  # stopped by Ctrl-C or a signal


class UserError(NkwireError):
    """An error that the user can fix. The message is one line and says what to do."""


def error_message_and_code(error: Exception) -> tuple[str, ExitCode]:
    """Returns the message and exit code for an error that the user can fix.

    The message is "" for all other errors, which are faults of nkwire.
    """
    if isinstance(error, NkwireError):
        return str(error), ExitCode(error.exit_code)
    if isinstance(error, OSError) and error.strerror:
        is_disk_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        prefix = f"{error.filename}: " if error.filename is not None else ""
        return (
            prefix + error.strerror,
            ExitCode.STORAGE_FAILURE if is_disk_full else ExitCode.USER_ERROR,
        )
    return "", ExitCode.FAILED
