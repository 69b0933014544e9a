"""Says in words what a run did, from its counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.counts import Count


@dataclass(frozen=True, slots=True)
class _Words:
    """Counts that are summed and said with these words: of one, and of several."""

    counts: tuple[Count, ...]
    one: str
    several: str = ""


_WORDS = (
    _Words((Count.STORED_NEW,), "new"),
    _Words((Count.STORED_EDITED,), "edited"),
    _Words((Count.STORED_UNCHANGED,), "unchanged"),
    _Words((Count.REJECTED,), "in quarantine"),
    _Words((Count.LOST, Count.LOST_WARC, Count.LOST_VISITS), "lost"),
    _Words((Count.SOURCE_OK, Count.SOURCE_UNCHANGED), "source answered", "sources answered"),
    _Words(
        (Count.SOURCE_REFUSED, Count.SOURCE_UNREACHABLE, Count.SOURCE_ERROR),
        "source failed",
        "sources failed",
    ),
    _Words((Count.SOURCE_PUT_OFF,), "source put off", "sources put off"),
    _Words((Count.PAGE_FETCHED,), "page fetched", "pages fetched"),
    _Words(
        (Count.PAGE_REFUSED, Count.PAGE_UNREACHABLE, Count.PAGE_BLOCKED, Count.PAGE_ERROR, Count.PAGE_TRUNCATED),
        "page failed",
        "pages failed",
    ),
    _Words((Count.PAGE_HOSTILE,), "page too costly to read", "pages too costly to read"),
    _Words((Count.LISTED_HOSTILE,), "page passed over", "pages passed over"),
    _Words((Count.PAGE_REDIRECTED,), "page led elsewhere", "pages led elsewhere"),
    _Words((Count.PAGE_LOST,), "page never answered", "pages never answered"),
    _Words((Count.PAGE_GONE,), "page gone", "pages gone"),
    _Words((Count.PAGE_LISTING, Count.PAGE_MEDIA), "page of another kind", "pages of another kind"),
    _Words((Count.PAGE_NOARCHIVE,), "article not to be archived", "articles not to be archived"),
    _Words((Count.ARTICLE_OFF_TOPIC,), "off topic"),
    _Words((Count.REVISIT_PRESENT,), "revisit found its article", "revisits found their articles"),
    _Words((Count.REVISIT_MISSING,), "article missing", "articles missing"),
    _Words((Count.EXCEPTIONS,), "error in nkwire itself", "errors in nkwire itself"),
)  # fmt: skip


def describe_counts(counts: Mapping[str, int]) -> str:
    """Returns what a run did: 3 new, 1 edited, 2 sources answered. "" for nothing of note."""
    parts = []
    for words in _WORDS:
        number = sum(counts.get(each.value, 0) for each in words.counts)
        if number:
            parts.append(f"{number:,} {words.one if number == 1 else words.several or words.one}")
    return ", ".join(parts)
