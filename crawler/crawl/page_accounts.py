"""Accounts for each listed page that a run asks for: it gets one answer, or it is missing."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from storage.counts import Count

if TYPE_CHECKING:
    from datetime import datetime

MAX_REASONS = 3
"""Reasons of one count that are told; the others are summed up."""
MAX_EXAMPLE_CHARS = 160

_PARTICULARS = re.compile(r": https?://.*|\?\S+", re.DOTALL)
"""What differs from page to page in one reason: a chain of addresses, a query."""


class PageAccounts:
    """What was asked for and not answered yet, and why answers gave no article."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._asked = 0
        self._reasons: defaultdict[Count, Counter[str]] = defaultdict(Counter)
        self._examples: dict[Count, str] = {}
        self.unread: dict[str, datetime] = {}  # identity of the listed article -> when asked

    def ask(self, url: str) -> None:
        """Opens an account for a listed address."""
        self._asked += 1
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

    def close(self, *, finished: bool) -> Mapping[Count, int]:
        """Returns how many pages were asked for, and how many of them are missing.

        `finished`: whether the crawl came to its end; else the open pages were never asked for.
        """
        missing = self._open.total()
        if not finished:
            return {Count.PAGE_ASKED: self._asked - missing}
        for url in self._open:
            self._examples.setdefault(Count.PAGE_LOST, url[:MAX_EXAMPLE_CHARS])
        return {Count.PAGE_ASKED: self._asked, Count.PAGE_LOST: missing}

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
