"""The Python API: `from nkwire import open_database`."""

import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import nkwire
from cli.errors import ExitCode
from nkwire import open_database
from storage import database as implementation
from storage.errors import StorageError
from storage.records import Article

ROOT = Path(nkwire.__file__).parent


def test_a_corpus_is_opened_written_and_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nkwire.db'}"
    with open_database(url, seed=1) as database:
        page = Article(outlet="agency", url="https://agency.example/1", title="One", text="Words.")
        database.save([page])
    with open_database(url, create=False) as database:
        assert [article.title for article in database.articles.iter(outlet="agency")] == ["One"]
        assert [story.title for story in database.stories.iter()] == ["One"]


def test_a_missing_corpus_is_an_error_where_none_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database at"):
        open_database(f"sqlite:///{tmp_path / 'missing.db'}", create=False)
    assert list(tmp_path.iterdir()) == []


def test_the_api_takes_what_the_implementation_takes() -> None:
    api, inner = (inspect.signature(f) for f in (open_database, implementation.open_database))
    assert api.parameters == inner.parameters


def test_importing_the_api_loads_nothing_else(tmp_path: Path) -> None:
    code = "import sys, nkwire; print(sorted({'storage', 'sqlalchemy', 'scrapy'} & {*sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_a_package_of_the_same_name_is_named_in_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(ImportError, match=r"'storage' comes from .*virtual environment of its own"):
        open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")


def test_the_stub_that_is_shipped_declares_what_the_module_has() -> None:
    stub = (ROOT / "nkwire-stubs" / "__init__.pyi").read_text(encoding="utf-8")
    for function in (nkwire.open_database, nkwire.shadowing_error_message, nkwire.main):
        assert f"def {function.__name__}(" in stub
    for name in inspect.signature(open_database).parameters:
        assert f"    {name}: " in stub


def test_every_error_of_the_packages_is_an_nkwire_error() -> None:
    strays = [
        f"{module.__name__}.{name}"
        for module in iter_modules()
        for name, found in vars(module).items()
        if isinstance(found, type)
        and issubclass(found, Exception)
        and found.__module__ == module.__name__
        and not issubclass(found, nkwire.NkwireError)
    ]
    assert strays == []


def test_errors_have_the_exit_codes_of_the_command() -> None:
    kinds = [nkwire.NkwireError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    assert {ExitCode(kind.exit_code) for kind in kinds} == {
        ExitCode.FAILED,  # a process of a pool was killed
        ExitCode.USER_ERROR,
        ExitCode.STORAGE_FAILURE,
    }


def iter_modules() -> Iterator[ModuleType]:
    """Imports all modules of the packages, but the scripts that Alembic runs."""
    for package in ("cli", "crawler", "dedup", "spiders", "storage", "web"):
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if not found.name.startswith("storage.migrations."):
                yield importlib.import_module(found.name)
