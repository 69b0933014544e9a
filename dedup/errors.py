"""The base class of all errors that nkwire raises on purpose.

It lies in the lowest package, so that all packages can derive from it.
"""

from typing import ClassVar


class NkwireError(Exception):
    """An error that the user can do something about. The message is one line and says what.

    `exit_code`: of the command that ends with it (`cli.errors.ExitCode`, docs/commands.md).
    """

    exit_code: ClassVar[int] = 2


class DedupError(NkwireError, ValueError):
    """Base class of the errors of `dedup`."""
