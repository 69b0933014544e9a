"""Cuts the text of a large feed or sitemap into documents of a bounded size, between two entries."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.discovery.xml_balance import closing_tags
from crawler.discovery.xml_source import parse_broken, parse_well_formed, repair

if TYPE_CHECKING:
    from lxml import etree

WINDOW_CHARS = 1_000_000
MAX_BROKEN_CHARS = 11_000_000  # more than an answer that is not packed may have
_MAX_HEAD_CHARS = 16 * 1024
_ENTRY_START = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)"  # what stands in these starts nothing
    r"|<(?:[\w.-]{1,30}:)?(?P<name>url|sitemap|item|entry)(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_FEED_ENTRIES = frozenset({"item", "entry"})


def iter_roots(
    texts: Iterator[str], problems: list[str], *, feed: bool
) -> Iterator["etree._Element"]:
    """Yields the roots of those documents that `iter_windows` yields and that can be read.

    Of documents that need repair, at most `MAX_BROKEN_CHARS` are read; `problems` says so.
    """
    broken = 0
    for document in iter_windows(texts, feed=feed):
        root = parse_well_formed(document)
        if root is None:
            broken += len(document)
            if broken > MAX_BROKEN_CHARS:
                problems.append(f"broken XML: only {MAX_BROKEN_CHARS // 10**6} MB of it were read")
                return
            root = parse_broken(document)
        if root is not None:
            yield root


def iter_windows(texts: Iterator[str], *, feed: bool) -> Iterator[str]:
    """Yields documents that hold the same entries as `texts`, in order, each with their root.

    A text of at most `WINDOW_CHARS` comes back as it is. In a larger one, a document ends before
    the start of an entry, and what stands before the first entry stands in each of them. An entry
    larger than a window is cut. `feed`: whether entries are those of feeds, else of sitemaps.
    """
    held, head, tail = "", None, ""
    for text in texts:
        held += text
        if len(held) <= WINDOW_CHARS:
            continue
        starts = [
            entry.start()
            for entry in _ENTRY_START.finditer(held)
            if entry["name"] and (entry["name"].lower() in _FEED_ENTRIES) is feed
        ]
        if head is not None and not starts:
            held = ""  # the rest of a cut entry, or nothing of use
            continue
        if head is None:
            first = min(starts[0] if starts else len(held), _MAX_HEAD_CHARS)
            head = held[:first]
            tail = closing_tags(repair(head))
            held = held[first:]
            starts = [start - first for start in starts if start > first]
        cut = starts[-1] if starts and starts[-1] else len(held)
        yield f"{head}{held[:cut]}{tail}"
        held = held[cut:]
    if held or head is None:
        yield f"{head or ''}{held}"
