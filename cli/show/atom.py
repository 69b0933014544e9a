"""Writes edits and deletions as an Atom feed (RFC 4287)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from cli.show.printing import format_value
from storage.clean import format_utc, printable

_OPENING = (
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    "<title>nkwire: what changed and what vanished</title>\n<id>urn:nkwire:changes</id>\n"
    "<author><name>nkwire</name></author>\n"
)


def feed(rows: Sequence[dict[str, Any]], now: datetime) -> str:
    """Returns the rows of `nkwire changes` as one feed; `now` is the date of an empty feed."""
    newest = max((row["found_at"] for row in rows), default=now)
    entries = "".join(_entry(row) for row in rows)
    return f"{_OPENING}<updated>{format_utc(newest, 'seconds')}</updated>\n{entries}</feed>"


def _entry(row: dict[str, Any]) -> str:
    kind = row["what"]
    detail = ", ".join(row.get("kinds", ())) or row.get("how", "")
    summary = f"{kind} ({detail})" if detail else kind
    interval = f"between {format_value(row['after'])} and {format_value(row['before'])} UTC"
    size = f"; {row['added']} characters added, {row['removed']} removed" if "added" in row else ""
    change_id = row["change"] or f"{kind}:{row['article']}:{int(row['found_at'].timestamp())}"
    return (
        f"<entry>\n<title>{_text(row['outlet'])}: {_text(summary)}: {_text(row['title'])}</title>\n"
        f"<id>urn:nkwire:change:{_text(change_id)}</id>\n"
        f"<updated>{format_utc(row['found_at'], 'seconds')}</updated>\n"
        f"<link href={quoteattr(printable(row['url']))}/>\n"
        f"<category term={quoteattr(kind)}/>\n"
        f"<summary>{_text(f'{summary}, {interval}{size}')}</summary>\n</entry>\n"
    )


def _text(value: object) -> str:
    return escape(printable(" ".join(str(value).split())))
