import ast
from collections.abc import Iterator
from pathlib import Path

from storage.counts import Count

ROOT = Path(__file__).parents[2]
# A migration keeps the names of its time.
SOURCES = [
    path
    for folder in ("storage", "crawler", "cli")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and path.name != "counts.py"
] + [ROOT / "scheduler.py"]
DOTTED = {count.value for count in Count if "." in count}
SUBJECTS = {f"{name.partition('.')[0]}." for name in DOTTED}  # as in f"page.{cause}"


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """Constants that are no docstrings."""
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return (node for node in constants if node not in docstrings)


def test_the_code_names_counts_by_the_enum_and_never_by_a_literal() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value}"
        for path in SOURCES
        for node in literals(ast.parse(path.read_text()))
        if node.value in DOTTED | SUBJECTS
    ]
    assert found == []


def test_the_manual_explains_every_count() -> None:
    manual = (ROOT / "docs" / "crawling.md").read_text()
    assert [count.value for count in Count if f"`{count.value}`" not in manual] == []
