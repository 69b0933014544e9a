"""Writes Atom feeds (RFC 4287) from plain values. No I/O."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from storage.clean import format_utc, printable
from storage.guard.addresses import web_address

MEDIA_TYPE = "application/atom+xml"
_SPACES = re.compile(r"\s+")
_OPENING = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a feed. `id`: an IRI that never changes. `link`: an address.

    `category`, `author`, `published_at`, `language`: "" or None leaves them out.
    """

    id: str
    title: str
    updated_at: datetime
    link: str
    summary: str
    category: str = ""
    author: str = ""
    published_at: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomFeed:
    """A feed. `updated_at`: of an empty feed; else the latest entry counts.

    `self_link`: the address of the feed. `page_link`: that of the page with the same content. ""
    leaves them out.
    """

    id: str
    title: str
    updated_at: datetime
    entries: Sequence[Entry]
    self_link: str = ""
    page_link: str = ""


def format_feed(feed: AtomFeed) -> str:
    """Returns the feed as XML. Control characters are made visible."""
    updated = max((entry.updated_at for entry in feed.entries), default=feed.updated_at)
    return "".join(
        (
            _OPENING,
            f"<title>{_text(feed.title)}</title>\n<id>{_text(feed.id)}</id>\n",
            "<author><name>nkwire</name></author>\n",
            _link(feed.self_link, 'rel="self" '),
            _link(feed.page_link),
            f"<updated>{format_utc(updated, 'seconds')}</updated>\n",
            *map(_format_entry, feed.entries),
            "</feed>",
        )
    )


def _format_entry(entry: Entry) -> str:
    language = f" xml:lang={_attribute(entry.language)}" if entry.language else ""
    published = entry.published_at and format_utc(entry.published_at, "seconds")
    return "".join(
        (
            f"<entry>\n<title{language}>{_text(entry.title)}</title>\n",
            f"<id>{_text(entry.id)}</id>\n",
            f"<author><name>{_text(entry.author)}</name></author>\n" if entry.author else "",
            f"<published>{published}</published>\n" if published else "",
            f"<updated>{format_utc(entry.updated_at, 'seconds')}</updated>\n",
            _link(entry.link),
            f"<category term={_attribute(entry.category)}/>\n" if entry.category else "",
            f"<summary>{_text(entry.summary)}</summary>\n</entry>\n",
        )
    )


def _link(address: str, relation: str = "") -> str:
    """Returns a link; "" for what is no http(s) address, as an old database may hold."""
    href = web_address(address)
    return f"<link {relation}href={_attribute(href)}/>\n" if href else ""


def _text(value: str) -> str:
    return escape(printable(_SPACES.sub(" ", value)))


def _attribute(value: str) -> str:
    return quoteattr(printable(value))
