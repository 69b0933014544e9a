"""What the command says when something is wrong, and the code it exits with.

UserError        the user can mend it: one line, exit code 2
Exit codes       OK, LOST, USER_ERROR, PARTLY, STOPPED
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The codes that every command exits with (docs/running.md)."""

    OK = 0  # everything was done, nothing was lost
    LOST = 1  # a run failed or was killed, or data was lost
    USER_ERROR = 2  # wrong arguments, configuration or files; nothing was changed
    PARTLY = 3  # done, but some input was refused or some outlet could not be read in full
    STOPPED = 130  # interrupted from the keyboard


class UserError(Exception):
    """Something the user can mend. The message is one line and says what to do."""
