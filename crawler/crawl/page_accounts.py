"""Accounts for each listed page that a run asks for: it gets one answer, or it is missing."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from storage.counts import MIN_UNREAD_PAGES, Count

if TYPE_CHECKING:
    from datetime import datetime

MAX_REASONS = 3
"""Reasons of one count that are told; the others are summed up."""
MAX_EXAMPLE_CHARS = 160

_WALLS = (Count.PAGE_BLOCKED,)
_PARTICULARS = re.compile(r": https?://.*|\?\S+", re.DOTALL)
"""What differs from page to page in one reason: a chain of addresses, a query."""


class PageAccounts:
    """What was asked for and not answered yet, and why answers gave no article."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._asked = 0
        self._reasons: defaultdict[Count, Counter[str]] = defaultdict(Counter)
        self._examples: dict[Count, str] = {}
        self._second_looks: list[tuple[Count, str, str]] = []
        self._asked_again = 0
        # identity of the listed article -> when asked
        self.unread: dict[str, datetime] = {}
        self.unanswered: dict[str, datetime] = {}

    def ask(self, url: str, *, again: bool = False) -> None:
        """Opens an account for a listed address. `again`: an earlier run asked for it."""
        self._asked += 1
        self._asked_again += again
        self._open[url] += 1

    def settle(self, url: str) -> None:
        """Closes the account of an address: it was answered, or its request failed."""
        self._open[url] -= 1
        if self._open[url] <= 0:
            del self._open[url]

    def explain(self, count: Count, url: str, reason: str) -> None:
        """Keeps why a page gave no article, and the first address of each count."""
        self._reasons[count][_PARTICULARS.sub("", reason)] += 1
        self._examples.setdefault(count, url[:MAX_EXAMPLE_CHARS])

    def fail_second_look(self, count: Count, url: str, reason: str) -> None:
        """Keeps why a known article could not be read again."""
        self._second_looks.append((count, url, reason))

    @property
    def failed_second_looks(self) -> int:
        """How many known articles could not be read again."""
        return len(self._second_looks)

    def close(self, *, finished: bool, any_read: bool) -> Mapping[Count, int]:
        """Returns how many pages were asked for, how many are missing, and failed second looks.

        `finished`: whether the crawl came to its end; else the open pages were never asked for.
        `any_read`: whether any page gave an article. If none did, the second looks are all that the
        run knows of the outlet's pages, and count as pages where they are evidence.
        """
        missing = self._open.total()
        if not finished:
            return {Count.PAGE_ASKED: self._asked - missing}
        for url in self._open:
            self._examples.setdefault(Count.PAGE_LOST, url[:MAX_EXAMPLE_CHARS])
        counts = Counter({Count.PAGE_ASKED: self._asked, Count.PAGE_LOST: missing})
        counts[Count.PAGE_ASKED_AGAIN] = self._asked_again
        if not any_read and self._are_second_looks_evidence():
            counts[Count.PAGE_ASKED] += len(self._second_looks)
            for count, url, reason in self._second_looks:
                counts[count] += 1
                self.explain(count, url, reason)
        return counts

    def _are_second_looks_evidence(self) -> bool:
        """A wall says what it is. Anything else may have become of a single article."""
        counts = {count for count, _, _ in self._second_looks}
        return not counts.isdisjoint(_WALLS) or len(self._second_looks) >= MIN_UNREAD_PAGES

    def details(self) -> dict[str, str]:
        """Returns, by count, the reasons and an example: `in a circle, such as https://...`."""
        counts = dict.fromkeys([*self._reasons, *self._examples])
        return {str(count): self._detail(count) for count in counts}

    def _detail(self, count: Count) -> str:
        reasons = self._reasons[count]
        told = [
            reason if len(reasons) == 1 else f"{number} {reason}"
            for reason, number in reasons.most_common(MAX_REASONS)
        ]
        if (rest := reasons.total() - sum(n for _, n in reasons.most_common(MAX_REASONS))) > 0:
            told.append(f"{rest} other")
        return ", ".join([*told, f"such as {self._examples[count]}"])
