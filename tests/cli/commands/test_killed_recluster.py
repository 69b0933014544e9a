"""A killed `recluster` changes nothing, and the next command deletes what it set aside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import open_database
from storage.invariants import check_invariants
from storage.records import Article

HELD = """
import sys, time
from storage import open_database

def wait(done, total):
    print(done, flush=True)
    time.sleep(600)

with open_database(sys.argv[1]) as database:
    database.recluster(progress=wait)
"""


@pytest.mark.threats("R10")
def test_what_a_killed_recluster_set_aside_is_deleted_by_the_next_command(tmp_path: Path) -> None:
    url, temporary = f"sqlite:///{tmp_path / 'corpus.db'}", tmp_path / "temporary"
    temporary.mkdir()
    with open_database(url, create=True) as database:
        database.save(
            [
                Article(
                    outlet="paper", url=f"https://paper.test/{n}", title=f"{n}", text="a b " * n
                )
                for n in range(1, 4)
            ]
        )
    environment = os.environ | {"TMPDIR": str(temporary)}
    child = subprocess.Popen(
        [sys.executable, "-c", HELD, url], env=environment, stdout=subprocess.PIPE
    )
    assert child.stdout
    with child.stdout as progress:
        assert progress.readline()
    assert list(temporary.iterdir())
    child.send_signal(signal.SIGKILL)
    child.wait()
    command = [sys.executable, "-m", "nkwire", "status", "--database", url]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    assert not list(temporary.iterdir())
    with open_database(url) as database:
        assert check_invariants(database) == []
