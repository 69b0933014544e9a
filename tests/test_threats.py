"""The table of docs/threats.md and the marks on the tests say the same."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.test_project import toml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/threats.md"
IDS = [
    *(f"S{n}" for n in range(1, 21)),
    *(f"U{n}" for n in range(1, 4)),
    *(f"R{n}" for n in range(1, 21)),
    *(f"D{n}" for n in range(1, 8)),
]


def rows() -> dict[str, list[str]]:
    """The cells of each row of the table by the id of its threat."""
    lines = re.findall(r"^\| ([SURD]\d+) \|(.+)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {threat: [cell.strip() for cell in rest.split(" | ")] for threat, rest in lines}


def marked(tree: ast.Module) -> Iterator[str]:
    """Ids in every `pytest.mark.threats(...)` of a module: on tests, classes, parameters, the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.threats":
            for argument in node.args:
                yield ast.literal_eval(argument)


@cache
def files_by_threat() -> dict[str, set[str]]:
    files: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        if "mark.threats" in text:
            for threat in marked(ast.parse(text)):
                files[threat].add(path.relative_to(ROOT).as_posix())
    return files


def test_the_table_has_every_threat_once_and_in_order() -> None:
    assert list(rows()) == IDS
    assert all(len(cells) == 3 and all(cells) for cells in rows().values())


def test_every_mark_names_a_threat_of_the_table() -> None:
    assert files_by_threat().keys() <= set(IDS)


@pytest.mark.parametrize("threat", IDS)
def test_every_threat_is_held_by_the_tests_that_its_row_names(threat: str) -> None:
    named = set(re.findall(r"`(tests/[^`]+)`", rows()[threat][2]))
    assert named
    assert named - files_by_threat()[threat] == set()


def test_marks_are_read_in_every_form() -> None:
    source = """
pytestmark = [pytest.mark.threats("S1"), pytest.mark.slow]

@pytest.mark.threats("S2", "R3")
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.threats("D4"))])
class TestAll:
    @pytest.mark.threats("U1")
    async def test_it(self): ...
"""
    assert sorted(marked(ast.parse(source))) == ["D4", "R3", "S1", "S2", "U1"]


def test_the_mark_is_declared() -> None:
    declared = toml("pyproject.toml")["tool"]["pytest"]["ini_options"]["markers"]
    assert any(line.startswith("threats(*ids): ") for line in declared)
