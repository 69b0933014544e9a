"""Saved pages as a WARC file, so that `nkwire ingest` can read them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from crawler.warc.writer import Exchange, WarcWriter

_XML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml|\A\s*<(?:rss|feed|urlset|sitemapindex)\b")


def pack(manifest: Path, out: Path, on_problem: Callable[[str], None] = print) -> int:
    """Write the pages of a manifest to a WARC file; how many there were.

    A line of the manifest is JSON with `file` (relative to the manifest), `url`, and optionally
    `captured_at` (ISO, else now). A line that cannot be used is one call of `problem`.
    """
    writer = WarcWriter(out)
    packed = 0
    with manifest.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            try:
                writer.write(_read_exchange(manifest.parent, line))
            except (ValueError, KeyError, TypeError, OSError) as error:
                on_problem(f"{manifest}:{number}: left out: {type(error).__name__}: {error}")
            else:
                packed += 1
    writer.close()
    return packed


def _read_exchange(folder: Path, line: str) -> Exchange:
    fields = json.loads(line)
    body = (folder / fields["file"]).read_bytes()
    said = fields.get("captured_at")
    at = datetime.fromisoformat(said) if said else datetime.now(UTC)
    kind = "application/xml" if _XML.match(body) else "text/html"
    return Exchange(
        url=str(fields["url"]).partition(" ")[0],
        fetched_at=at if at.tzinfo else at.replace(tzinfo=UTC),
        status=200,
        headers=(("Content-Type", kind),),
        body=body,
        reason="OK",
    )
