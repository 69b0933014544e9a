"""A process killed at any point leaves no version without its change and none twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import open_database

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from storage import open_database
from storage.records import Article, Capture
database = open_database(sys.argv[1])
start, words = datetime(2026, 1, 1, tzinfo=UTC), "The farm will give {} tons of milk a day to all. " * 9
print("ready", flush=True)
for round in range(int(sys.argv[2]), 10_000):
    for first in range(0, 40, 10):
        batch = []
        for number in range(first, first + 10):
            url = f"https://agency.test/{number}"
            at = start + timedelta(hours=round, minutes=number)
            text = words.format(*[round // 2] * 9)
            batch.append(Article(outlet="agency", url=url, title="Farm", text=text,
                                 capture=Capture(url, at, 200)))
        database.save(batch)
    print(round, flush=True)
"""


@pytest.mark.threats("R10")
@pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_kill_9_loses_and_doubles_no_version_and_no_change(tmp_path: Path, kills: int) -> None:
    url = f"sqlite:///{tmp_path / 'nkwire.db'}"
    open_database(url, seed=1).close()
    rng, acknowledged = random.Random(4), 0
    for _ in range(kills):
        command = [sys.executable, "-c", WRITER, url, str(acknowledged)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == "ready"
            time.sleep(rng.uniform(0.05, 1.2))
            os.kill(child.pid, signal.SIGKILL)
            done = [int(line) for line in child.stdout.read().split()]
        acknowledged = max([acknowledged, *(number + 1 for number in done)])
    database = open_database(url)
    versions = database.read(
        lambda c: c.execute(
            text(
                "SELECT article_id, count(*), count(DISTINCT content_sha256) FROM version GROUP BY 1"
            )
        ).all()
    )
    counted = text("SELECT article_id, count(*) FROM change GROUP BY 1")
    changes = {row[0]: row[1] for row in database.read(lambda c: c.execute(counted).all())}
    for article_id, number, contents in versions:
        assert number == contents
        assert changes.get(article_id, 0) == number - 1
        assert number >= (acknowledged + 1) // 2
    database.close()
