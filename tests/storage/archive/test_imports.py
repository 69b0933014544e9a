"""Who has no archive loads none of its libraries."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from crawler.warc.writer import Exchange, WarcWriter

TEXT = "North Korea has opened a dairy farm in the county of Sohung, its news agency said. " * 9
PAGE = f"<title>Farm opened</title><article><h1>Farm opened</h1><p>{TEXT}</p>".encode()

LOADED = """
import sys
import nkwire, scheduler, cli.app, cli.service.service, crawler.processes.run, web.server
import cli.setup.checks.archive, storage.archive.places, storage.export.remote, crawler.warc.archiving
import cli.service.tasks
lines = ("ingest data/warc/page.warc.gz", "verify", "export all.csv", "export pages.warc.gz", "tidy")
for line in (*lines, "archive status", "doctor --offline"):
    assert cli.app.run([*line.split(), "--database", "sqlite:///nkwire.db"]) == 0, line
print("loaded:", sorted({"fsspec", "s3fs", "botocore"} & sys.modules.keys()))
"""


def test_without_an_archive_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "NKWIRE_KEEP_WARC_DAYS": "9", "HOME": str(tmp_path)}
    writer = WarcWriter(tmp_path / "data" / "warc" / "page.warc.gz")
    url, at = "https://herald.test/1", datetime(2026, 3, 1, tzinfo=UTC)
    writer.write(Exchange(url, at, 200, (("Content-Type", "text/html"),), PAGE))
    writer.close()
    said = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        env={**env, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.stdout.splitlines()[-1] == "loaded: []", said.stderr
