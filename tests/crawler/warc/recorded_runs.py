"""Runs whose pages are recorded, as a crawl leaves them."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from crawler.warc.retention import recording_name
from crawler.warc.writer import Exchange, WarcWriter
from storage import open_database
from storage.records import Article, Capture, RunOutcome

TEXT = " ".join(f"Sentence {n} tells of the new dairy farm in the county." for n in range(20))
PAGE = (
    f"<html lang=en><head><title>Farm opened</title></head><body><article><h1>Farm opened</h1>"
    f"<p>{TEXT}</p></article></body></html>"
).encode()
FILES = 3


def record_runs(home: Path, url: str, days: float = 0) -> list[Path]:
    """Runs of a host that ended so many days ago, each with one recorded page."""
    files = []
    with open_database(url, seed=1) as database:
        for _ in range(FILES):
            run = database.runs.begin("herald.test")
            name = recording_name((run.id, run.outlet, run.started_at))
            page = f"https://herald.test/{run.id}"
            writer = WarcWriter(home / "warc" / run.outlet / name)
            at = datetime.now(UTC) - timedelta(days=days)
            headers = (("Content-Type", "text/html; charset=utf-8"),)
            offset = writer.write(Exchange(page, at, 200, headers, PAGE))
            writer.close()
            digest = sha256(PAGE).hexdigest()
            capture = Capture(page, at, 200, digest, warc_file=name, warc_offset=offset)
            article = Article(
                outlet=run.outlet,
                url=page,
                title="Farm opened",
                text=TEXT,
                capture=capture,
                rules_version="old",
            )
            database.save([article])
            run.outcome, run.ended_at = RunOutcome.OK, at
            database.runs.finish(run)
            files.append(writer.path)
    return files
