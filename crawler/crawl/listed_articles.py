"""Collects what the sources of one run list: each article once, with all that they say of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.sources import Link
from storage.identity import compute_identity


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
        listed = self._identities_by_source.setdefault(source, {})
        if not is_complete:
            self._sources_with_problems.add(source)
        for link in links:
            who = compute_identity(link.key, "", link.url)
            listed[who] = None
            held = self._entries.get(who)
            known = merge_links(held.link, link) if held else link
            self._entries[who] = ListedArticle(
                known, held.source if held else source, held.listed_at if held else seen_at
            )

    def set_declared_total(self, source: str, total: int) -> None:
        """Records how many articles a source says it lists, after all its pages are read."""
        self._declared_totals[source] = total

    def find(self, key: str, url: str) -> ListedArticle | None:
        """Returns the listed article with this key or URL; None if there is none."""
        return self._entries.get(compute_identity(key, "", url))

    def links(self) -> dict[str, Link]:
        """Returns all links by article identity."""
        return {who: entry.link for who, entry in self._entries.items()}

    def complete_listings(self) -> dict[str, list[str]]:
        """Returns the identities that each source listed, in its order.

        Sources with unreadable parts are left out.
        """
        return {
            s: list(each)
            for s, each in self._identities_by_source.items()
            if s not in self._sources_with_problems
        }

    def count_recent(self, now: datetime, within: timedelta) -> int:
        """Returns how many articles are at most `within` old; those without a date count too."""
        dates = (entry.link.published_at for entry in self._entries.values())
        return sum(at is None or now - at <= within for at in dates)

    def format_incomplete(self) -> list[str]:
        """Returns one line for each source that listed fewer articles than it declares."""
        found = (
            (s, len(self._identities_by_source.get(s, ())), total)
            for s, total in self._declared_totals.items()
        )
        return [
            f"{s} declares {total} articles, {n} were listed" for s, n, total in found if n < total
        ]

    def declared_listings(self) -> dict[str, tuple[int, list[str]]]:
        """Returns, by source, how many articles it declares and the identities it listed.

        Sources that declare no number are left out.
        """
        return {
            s: (total, list(self._identities_by_source.get(s, ())))
            for s, total in self._declared_totals.items()
        }

    def __len__(self) -> int:
        return len(self._entries)


def merge_links(a: Link, b: Link) -> Link:
    """Merges two links to one article: `a` wins, `b` fills its gaps.

    The longer title and the later `modified_at` are kept.
    """
    times = [at for at in (a.modified_at, b.modified_at) if at]
    dated = a if a.published_at else b
    return replace(
        a,
        title=a.title if len(a.title) >= len(b.title) else b.title,
        published_at=dated.published_at,
        published_precision=dated.published_precision,
        modified_at=max(times) if times else None,
        lead=a.lead or b.lead,
        tags=a.tags or b.tags,
    )
