"""What a run counts, by cause. Safe from any thread."""

import threading
from collections import Counter

from storage.counts import Count


class RunCounts:
    """The counts of one run. They begin before Scrapy makes its statistics, and outlive them."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, cause: Count, number: int = 1) -> None:
        """Adds to one of the counts."""
        with self._lock:
            self._counts[cause] += number

    def __getitem__(self, cause: str) -> int:
        """Returns a count; 0 if nothing was counted."""
        return self._counts[cause]

    def by_name(self) -> dict[str, int]:
        """Returns all counts above 0 by the names that storage and reports use, sorted."""
        with self._lock:
            return {str(cause): number for cause, number in sorted(self._counts.items()) if number}
