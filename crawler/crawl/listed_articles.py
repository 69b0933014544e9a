"""Collects what the sources of one run list: each article once, with all that they say of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.sources import Link
from storage.identity import compute_identity
from storage.wording.numbers import format_count


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """A listed article, the source that listed it first, and when that source was read."""

    link: Link
    source: str
    listed_at: datetime


class ListedArticles:
    """Links by article identity, in the order in which they were first listed."""

    def __init__(self) -> None:
        self._entries: dict[str, ListedArticle] = {}
        self._identities_by_source: dict[str, dict[str, None]] = {}
        self._sources_with_problems: set[str] = set()
        self._declared_totals: dict[str, int] = {}

    def add(
        self, links: Iterable[Link], source: str, seen_at: datetime, *, is_complete: bool = True
    ) -> None:
        """Adds the links of one page of a source.

        `seen_at`: when the page was read. `is_complete`: False if a part of it was unreadable.
        """
        identities = self._identities_by_source.setdefault(source, {})
        if not is_complete:
            self._sources_with_problems.add(source)
        for link in links:
            identity = compute_identity(link.key, "", link.url)
            identities[identity] = None
            entry = self._entries.get(identity)
            merged = merge_links(entry.link, link) if entry else link
            self._entries[identity] = ListedArticle(
                merged, entry.source if entry else source, entry.listed_at if entry else seen_at
            )

    def set_declared_total(self, source: str, total: int) -> None:
        """Records how many articles a source says it lists, after all its pages are read."""
        self._declared_totals[source] = total

    def find(self, key: str, url: str) -> ListedArticle | None:
        """Returns the listed article with this key or URL; None if there is none."""
        return self._entries.get(compute_identity(key, "", url))

    def links(self) -> dict[str, Link]:
        """Returns all links by article identity."""
        return {identity: entry.link for identity, entry in self._entries.items()}

    def complete_listings(self) -> dict[str, list[str]]:
        """Returns the identities that each source listed, in its order.

        Sources with unreadable parts are left out.
        """
        return {
            source: list(identities)
            for source, identities in self._identities_by_source.items()
            if source not in self._sources_with_problems
        }

    def count_recent(self, now: datetime, within: timedelta) -> int:
        """Returns how many articles are at most `within` old; those without a date count too."""
        dates = (entry.link.published_at for entry in self._entries.values())
        return sum(published_at is None or now - published_at <= within for published_at in dates)

    def format_incomplete(self) -> list[str]:
        """Returns one line for each source that listed fewer articles than it declares."""
        counts = (
            (source, len(self._identities_by_source.get(source, ())), total)
            for source, total in self._declared_totals.items()
        )
        return [
            f"{source} declares {format_count(total, 'article')}, {listed_count:,} listed"
            for source, listed_count, total in counts
            if listed_count < total
        ]

    def declared_listings(self) -> dict[str, tuple[int, list[str]]]:
        """Returns, by source, how many articles it declares and the identities it listed.

        Sources that declare no number are left out.
        """
        return {
            source: (total, list(self._identities_by_source.get(source, ())))
            for source, total in self._declared_totals.items()
        }

    def __len__(self) -> int:
        return len(self._entries)


def merge_links(first: Link, second: Link) -> Link:
    """Merges two links to one article: `first` wins, `second` fills its gaps.

    The longer title and the later `modified_at` are kept.
    """
    times = [time for time in (first.modified_at, second.modified_at) if time]
    dated_link = first if first.published_at else second
    return replace(
        first,
        title=first.title if len(first.title) >= len(second.title) else second.title,
        published_at=dated_link.published_at,
        published_precision=dated_link.published_precision,
        modified_at=max(times) if times else None,
        lead=first.lead or second.lead,
        tags=first.tags or second.tags,
    )
