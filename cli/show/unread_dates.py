"""Counts and names the dates of imported articles that are not stored."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.show.printing import print_warning
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from pathlib import Path

    from storage.records import Article


@dataclass(slots=True)
class UnreadDates:
    """Dates that nobody can read, and dates that lie ahead, over all files of a command."""

    total: int = 0
    _unread: int = 0
    _ahead: int = 0
    _example: str = ""
    _example_ahead: str = ""

    def add(self, article: "Article") -> None:
        """Counts the dates of an article that its file states and that are not stored."""
        from storage.clean import MAX_TIME_AHEAD
        from storage.importers.stated_dates import NOT_UNDERSTOOD

        for value in article.evidence.values():
            if value.startswith(NOT_UNDERSTOOD):
                self._unread += 1
                self._example = self._example or value.removeprefix(NOT_UNDERSTOOD)
        at = article.published_at
        if at and article.capture is None and at > datetime.now(UTC) + MAX_TIME_AHEAD:
            self._ahead += 1
            self._example_ahead = self._example_ahead or at.date().isoformat()

    def report(self, file: "Path") -> None:
        """Prints a line for each kind of dates of a file that are not stored."""
        kinds = (
            (self._unread, "not understood", repr(self._example)),
            (self._ahead, "in the future", self._example_ahead),
        )
        for number, kind, example in kinds:
            if number:
                dates = format_count(number, "date")
                print_warning(f"{file}: {dates} {kind}, for example {example}")
        self.total += self._unread + self._ahead
        self._unread = self._ahead = 0
        self._example = self._example_ahead = ""
