"""No code of the packages may read what runs code when it is read, or run a text as code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("cli", "crawler", "dedup", "spiders", "storage", "web", "nkwire.py", "scheduler.py")
MODULES = {
    "_pickle",
    "cloudpickle",
    "code",
    "codeop",
    "cPickle",
    "dill",
    "jsonpickle",
    "joblib",
    "marshal",
    "pickle",
    "pickletools",
    "shelve",
    "yaml",
}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {"read_pickle", "to_pickle", "unsafe_load", "literal_eval"}


def found(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name.partition(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in MODULES:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield name
            case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id="builtins"), attr=name)) if (
                name in CALLS
            ):
                yield f"builtins.{name}"
            case ast.Call(func=ast.Name(id="import_module"), args=[ast.Constant(value=str(name))]):
                if name.partition(".")[0] in MODULES:
                    yield name
            case ast.keyword(arg="allow_pickle", value=value):
                if not (isinstance(value, ast.Constant) and value.value is False):
                    yield "allow_pickle"


@pytest.mark.threats("S18")
@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "import os, marshal as m",
        "from shelve import open",
        "from yaml import load",
        "def f():\n    from dill import loads",
        "import_module('joblib')",
        "eval('1')",
        "builtins.exec('x')",
        "np.load(f, allow_pickle=True)",
        "np.load(f, allow_pickle=trusted)",
        "pandas.read_pickle(f)",
    ],
)
def test_what_is_looked_for_is_found(code: str) -> None:
    assert list(found(ast.parse(code)))


@pytest.mark.threats("S18")
def test_nothing_is_unpickled_and_no_text_is_run_as_code() -> None:
    files = [
        file
        for name in PACKAGES
        for file in ((ROOT / name).rglob("*.py") if (ROOT / name).is_dir() else [ROOT / name])
    ]
    told = [
        f"{file.relative_to(ROOT)}: {what}"
        for file in files
        for what in found(ast.parse(file.read_text("utf-8")))
    ]
    assert len(files) > 400
    assert told == []
