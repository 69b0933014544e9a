"""The exit codes of the command, and the message and code for each error."""

from enum import IntEnum

from dedup.errors import NkwireError
from storage.drivers.shortages import find_shortage, shortage_line


class ExitCode(IntEnum):
    """The exit codes of all commands (docs/commands.md)."""

    OK = 0  # everything was done, nothing was lost
    FAILED = 1  # a run failed or was killed, or data was lost
    USER_ERROR = 2  # wrong arguments, configuration or files; nothing was changed
    PARTIAL = 3  # done, but some input was rejected, or an outlet could not be read in full
    STORAGE_FAILURE = (
        4  # no room, files or memory, or no reachable database; what was reported stored is stored
    )
    INTERRUPTED = 130  # stopped by Ctrl-C or a signal


class UserError(NkwireError):
    """An error that the user can fix. The message is one line and says what to do."""


def error_message_and_code(error: Exception) -> tuple[str, ExitCode]:
    """Returns the message and exit code for an error that the user can fix.

    The message is "" for all other errors, which are faults of nkwire. What the machine lacks, such
    as room on a disk, has the code STORAGE_FAILURE whatever was raised because of it
    (`storage.drivers.shortages`).
    """
    if shortage := find_shortage(error):
        detail = str(error) if isinstance(error, NkwireError) else ""
        if detail.startswith(str(shortage)):
            return detail, ExitCode.STORAGE_FAILURE
        line = f"{shortage}: {detail}" if detail else shortage_line(error)
        return line, ExitCode.STORAGE_FAILURE
    if isinstance(error, NkwireError):
        return str(error), ExitCode(error.exit_code)
    if isinstance(error, OSError) and error.strerror:
        prefix = f"{error.filename}: " if error.filename is not None else ""
        return prefix + error.strerror, ExitCode.USER_ERROR
    return "", ExitCode.FAILED
