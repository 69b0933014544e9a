"""The parts of an input or an output that a command has to leave out, and the exit code for them."""

from dataclasses import dataclass

from cli.errors import ExitCode
from cli.show.printing import print_warning

_MAX_LINES = 100


@dataclass(slots=True)
class Problems:
    """Prints one warning for each problem, the first 100 of them, and counts them all.

    `is_silent`: only counts them, because one line of the command has their common cause.
    """

    is_silent: bool = False
    count: int = 0

    def add(self, line: str) -> None:
        """Counts a problem and prints its line."""
        self.count += 1
        if self.count <= _MAX_LINES and not self.is_silent:
            print_warning(line)

    def tell(self, noun: str, verb: str) -> ExitCode:
        """Prints how many problems were not printed. Returns PARTIAL if there was any, else OK.

        `noun`, `verb`: "page" and "is not in the file", of one.
        """
        left = 0 if self.is_silent else self.count - _MAX_LINES
        if left > 0:
            print_warning(f"{left:,} more: each {noun} {verb}")
        return ExitCode.PARTIAL if self.count else ExitCode.OK
