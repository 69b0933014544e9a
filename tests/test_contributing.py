import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE_ROW = re.compile(r"^\| (?P<change>[^|`][^|]*) \| (?P<places>[^|]*`[^|]*) \|$", re.MULTILINE)


def backticked_paths(text: str) -> list[str]:
    """The files and folders named in `text`: what has a slash or the suffix of a file."""
    names = re.findall(r"`([\w./-]+)`", text)
    return [name for name in names if "/" in name or Path(name).suffix in {".py", ".md", ".toml"}]


def change_table() -> dict[str, list[str]]:
    """What a contributor wants to change, with the places that the table names."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return {row["change"]: backticked_paths(row["places"]) for row in TABLE_ROW.finditer(page)}


def section(title: str) -> str:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_table_has_about_thirty_rows() -> None:
    assert 25 <= len(change_table()) <= 45


@pytest.mark.parametrize("change", change_table())
def test_the_files_that_the_table_names_exist(change: str) -> None:
    places = change_table()[change]
    assert places
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("title", ["A walk", "The packages", "What holds the layers"])
def test_the_files_that_the_architecture_names_exist(title: str) -> None:
    # NAME stands for the name of any outlet.
    named = [path for path in backticked_paths(section(title)) if "NAME" not in path]
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_walk_has_at_most_15_lines_and_names_functions_that_exist() -> None:
    lines = re.findall(r"^\d+\. .*?(?=^\d+\. |\Z)", section("A walk"), re.MULTILINE | re.DOTALL)
    assert 10 <= len(lines) <= 15
    for line in lines:
        for function, path in re.findall(r"`([\w.]+)(?:\(\))?` in\s+`([\w/.]+\.py)`", line):
            name = function.rpartition(".")[2]
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"\b(def|class) {name}\b", source), f"{function} in {path}"
