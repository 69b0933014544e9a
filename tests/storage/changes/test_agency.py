"""The scripted agency in small: every injected event found, none that was not injected."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.threats("R19")
@pytest.mark.slow
def test_every_edit_and_deletion_of_a_scripted_agency_is_found_and_no_other() -> None:
    command = [sys.executable, "-m", "benchmarks.changes.detection", "--json"]
    small = ["--days", "50", "--events", "40", "--hours", "12"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NKWIRE_")}
    ended = subprocess.run(
        [*command, *small],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["problems"] == []
    assert ended.returncode == 0
    assert sum(row["injected"] for row in found["rows"]) >= 40
