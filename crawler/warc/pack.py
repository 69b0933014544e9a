"""Packs saved pages into a WARC file, so that `nkwire ingest` can read them."""

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import orjson

from crawler.warc.writer import Exchange, WarcWriter

_XML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml|\A\s*<(?:rss|feed|urlset|sitemapindex)\b")


def pack(manifest: Path, out: Path, on_problem: Callable[[str], None] = print) -> int:
    """Writes the pages of a manifest to a WARC file and returns how many were written.

    A line of the manifest is JSON with `file` (relative to the manifest), `url`, and optionally
    `captured_at` (ISO 8601, UTC if it has no offset; the default is now). For each line that
    cannot be used, `on_problem` is called once. Raises OSError if `out` cannot be written; then it
    holds the pages before.
    """
    page_count = 0
    with (
        closing(WarcWriter(out)) as writer,
        manifest.open(encoding="utf-8", errors="replace") as file,
    ):
        for line_number, line in enumerate(file, 1):
            try:
                exchange = _read_exchange(manifest.parent, line)
            except (ValueError, KeyError, TypeError, OSError) as error:
                on_problem(f"{manifest}:{line_number}: left out: {type(error).__name__}: {error}")
            else:
                writer.write(exchange)
                page_count += 1
    return page_count


def _read_exchange(folder: Path, line: str) -> Exchange:
    fields = orjson.loads(line)
    body = (folder / fields["file"]).read_bytes()
    captured_at = fields.get("captured_at")
    fetched_at = datetime.fromisoformat(captured_at) if captured_at else datetime.now(UTC)
    content_type = "application/xml" if _XML.match(body) else "text/html"
    return Exchange(
        url=str(fields["url"]).partition(" ")[0],
        fetched_at=fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC),
        status=200,
        headers=(("Content-Type", content_type),),
        body=body,
        reason="OK",
    )
