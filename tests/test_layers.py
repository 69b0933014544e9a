import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BELOW = {
    "scheduler.py": {"crawler", "dedup", "spiders", "storage"},
    "nkwire.py": {"cli"},
}
OURS = {"cli", "crawler", "dedup", "nkwire", "scheduler", "spiders", "storage"}


def imported(path: Path) -> set[str]:
    """The top-level names that a module imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("module", BELOW)
def test_the_two_modules_import_only_what_is_below_them(module: str) -> None:
    assert imported(ROOT / module) & OURS <= BELOW[module]


def test_help_is_quick_because_nothing_heavy_is_imported_for_it() -> None:
    code = "import sys, cli.app; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"scrapy", "sqlalchemy", "datasketch", "trafilatura"} & set(done.stdout.split())
