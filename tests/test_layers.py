import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BELOW = {
    "scheduler.py": {"crawler", "dedup", "spiders", "storage"},
    # The Python API: a database, and the root of the errors.
    "nkwire.py": {"cli", "storage", "dedup"},
}
MOST_MODULES = 20
MOST_LINES = 400
OURS = {"cli", "crawler", "dedup", "nkwire", "scheduler", "spiders", "storage", "web"}


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


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded when the code has run."""
    code = f"import atexit, sys; atexit.register(lambda: print(*sys.modules)); {code}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_help_is_quick_because_nothing_heavy_is_imported_for_it() -> None:
    heavy = {"scrapy", "sqlalchemy", "datasketch", "numpy", "rapidfuzz", "pydantic"}
    heavy |= {"starlette", "jinja2", "uvicorn", "anyio", "web"}
    assert not heavy & modules_after("import cli.app")


def test_listing_the_outlets_is_quick_because_a_declaration_is_no_spider() -> None:
    loaded = modules_after("import cli.app; cli.app.run(['outlets'])")
    assert "spiders.kcna" in loaded
    assert not {"scrapy", "twisted", "sqlalchemy", "lxml"} & loaded


def modules() -> dict[str, Path]:
    """The project's own modules by dotted name, without tests and benchmarks."""
    paths = [ROOT / "nkwire.py", ROOT / "scheduler.py"]
    for package in ("cli", "crawler", "dedup", "spiders", "storage", "web"):
        paths += (ROOT / package).rglob("*.py")
    parts = {path: path.relative_to(ROOT).with_suffix("").parts for path in paths}
    return {".".join(p for p in parts[path] if p != "__init__"): path for path in paths}


def imports_between(known: dict[str, Path]) -> dict[str, set[str]]:
    """Which of the known modules each of them imports, TYPE_CHECKING and local imports included."""
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        targets: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                below = {f"{node.module}.{alias.name}" for alias in node.names}
                targets |= (below & known.keys()) or {node.module}
        # A package's own `__init__` hands its modules on; that is no circle of modules.
        found[name] = {target for target in targets & known.keys() if target != name}
    return found


# Where the environment is read besides `crawler.config`, and why.
ENVIRONMENT_READERS = {
    "crawler.config.config": "the settings",
    "crawler.config.settings_file": "the name of the file of settings",
    "crawler.processes.fork_server": "sets PYTHONPATH for the children, and puts it back",
    "nkwire": "sets the variable that Scrapy's own command line reads",
    "storage.files.making": "checks the folder that Python's tempfile takes",
    "storage.backup.backup": "passes all on to pg_dump",
    "storage.migrations.env": "alembic starts it itself, so nobody can pass the URL",
}


def reads_environment(path: Path) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.ImportFrom) and any(each.name in names for each in node.names))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


def test_settings_are_read_in_one_place() -> None:
    readers = {name for name, path in modules().items() if reads_environment(path)}
    assert readers == set(ENVIRONMENT_READERS)


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    known.pop("storage")  # hands `storage.database` on by name
    graph = TopologicalSorter(imports_between(known))
    assert list(graph.static_order())


FILES = sorted(
    [*modules().values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
)
# `spiders/` has one file for each outlet, `versions/` one for each change of the tables: both only grow.
ROOMS = sorted(
    {path.parent for path in FILES} - {ROOT / "spiders", ROOT / "storage/migrations/versions"}
)


@pytest.mark.parametrize("folder", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_holds_at_most_20_modules(folder: Path) -> None:
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= MOST_MODULES


@pytest.mark.parametrize(
    "package", [name for name, path in modules().items() if path.stem == "__init__"]
)
def test_every_package_says_what_it_is_for(package: str) -> None:
    path = modules()[package]
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


# Data, not tests of one room: samples of outlets, floors on the labelled sets, pages with invented text,
# sweeps over all pages in a browser, what is published (the scripts of .ci).
DATA = {"outlets", "quality", "pages", "browser", "publishing", "__pycache__"}


def test_the_folders_of_tests_mirror_the_packages() -> None:
    folders = (
        path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("*") if path.is_dir()
    )
    rooms = {folder for folder in folders if not DATA & set(folder.parts)}
    assert [str(room) for room in sorted(rooms) if not (ROOT / room / "__init__.py").exists()] == []
