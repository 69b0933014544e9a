"""No regular expression of the package takes long, whatever text it gets."""

import ast
import json
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from tests import pattern_attacks
from tests.pattern_attacks import ROOT

pytestmark = pytest.mark.threats("S9")

MAX_SECONDS = 0.5
# Calls whose pattern is made when they run, by file, and where that pattern comes from.
MADE_LATER = {
    "crawler/authoring/page_samples.py": 1,  # the same as crawler/faults.py
    "crawler/discovery/listings.py": 2,  # declared by outlets
    "crawler/discovery/sitemaps.py": 1,  # declared by outlets
    "crawler/extract/fields/authors.py": 1,  # an outlet's own name, with bounded counts
    "crawler/extract/page/layout.py": 1,  # the same as crawler/faults.py
    "crawler/extract/page/meta.py": 1,  # declared by outlets
    "crawler/outlet.py": 3,  # declared by outlets
    "storage/files/making.py": 1,  # a name, escaped
    "storage/search/snippet.py": 2,  # the words of a search, escaped
}


def attack(size: int) -> dict[str, Any]:
    """Runs the attack in a fresh process, as only that sees all patterns made; size 0: no attack."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.pattern_attacks", str(size), str(MAX_SECONDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return result


def test_no_call_with_a_pattern_is_missed() -> None:
    result = attack(0)
    by_file = Counter(path for path, _ in result["missed"])
    assert by_file == MADE_LATER, result["missed"]
    assert result["patterns"] > 600


def test_the_package_uses_no_other_engine() -> None:
    for path, tree in pattern_attacks.modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in ("re", "regex"), path
            elif isinstance(node, ast.Import):
                assert all(alias.name not in ("regex", "re2") for alias in node.names), path


def test_a_bad_pattern_is_found() -> None:
    signal.signal(signal.SIGVTALRM, pattern_attacks.stop)
    for bad in (r"(a+)+b", r"\s*x", r"(?:a|a)*b", r"a.*b.*c", r"(\w+\s?)+!"):
        times = (
            pattern_attacks.seconds((bad, 0), text, "search", 0.2)
            for text in pattern_attacks.attacks((bad, 0), 50_000)
        )
        assert any(taken > 0.2 for taken in times), bad


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_no_pattern_takes_long_for_a_long_text_made_against_it() -> None:
    assert attack(50_000)["slow"] == []
