"""What the command says when something is wrong, and the codes it exits with."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The codes that every command exits with (docs/running.md)."""

    OK = 0  # everything was done, nothing was lost
    LOST = 1  # a run failed or was killed, or data was lost
    USER_ERROR = 2  # wrong arguments, configuration or files; nothing was changed
    PARTLY = 3  # done, but some input was refused, or an outlet could not be read in full
    STOPPED = 130  # interrupted from the keyboard


class UserError(Exception):
    """Something the user can mend. The message is one line and says what to do."""


def one_line(error: Exception) -> str:
    """The line for an error that the user can do something about; "" for a fault of ours."""
    from storage.errors import StorageError

    if isinstance(error, UserError | StorageError):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return ""
