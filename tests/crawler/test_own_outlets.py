"""Outlets of the user's own: from a folder and from installed packages."""

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.config.config import ConfigError
from crawler.errors import CrawlerError
from crawler.outlet import DeclarationError
from crawler.processes.run import find_outlet
from crawler.registry import outlet_for, outlets
from tests.crawler.test_registry import NEWCOMER

ROOT = Path(__file__).parents[2]
PAPER = NEWCOMER.replace("newcomer", "tidings").format(class_name="Tidings")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of outlets that the settings name."""
    made = tmp_path / "my_outlets"
    made.mkdir()
    monkeypatch.setenv("NKWIRE_OUTLETS_FOLDER", str(made))
    outlets.cache_clear()
    yield made
    monkeypatch.undo()
    outlets.cache_clear()


def test_an_outlet_in_the_folder_is_one_like_all_others(folder: Path) -> None:
    (folder / "tidings.py").write_text(PAPER)
    tidings = outlets()["tidings"]
    assert {"kcna", "yonhap"} <= outlets().keys()
    assert outlet_for("https://tidings.example/news/1") is tidings
    assert find_outlet("tidings") is tidings
    assert tidings.__module__ == "own_outlets.tidings"


def test_files_of_the_folder_may_share_what_they_have_in_common(folder: Path) -> None:
    (folder / "_common.py").write_text("HOURS = 3")
    shared = PAPER.replace("hours=1", "hours=HOURS")
    (folder / "tidings.py").write_text(f"from ._common import HOURS\n{shared}")
    assert outlets()["tidings"].every.total_seconds() == 3 * 3600


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = (", r"bad\.py, line 1: '\(' was never closed"),
        ("\n\nFed", r"bad\.py, line 3: NameError: name 'Fed' is not defined"),
        ("import nowhere_at_all", r"bad\.py, line 1: ModuleNotFoundError: No module named"),
        ("raise ValueError('a\\nb')", r"bad\.py, line 1: ValueError: a b"),
        ("import sys; sys.exit(3)", r"bad\.py, line 1: SystemExit: 3"),
        ("x = 1\0", r"bad\.py: source code string cannot contain null bytes"),
        ("", r"bad\.py declares no outlet: write a class"),
        (PAPER.replace('languages = ("en",)', ""), r"bad\.py: Tidings\.languages: please declare"),
        (PAPER.replace('"tidings"', '"kcna"'), r"bad\.py: 'kcna' is the name of spiders\.kcna\.K"),
        (PAPER.replace('"tidings"', '"wires"'), r"bad\.py: 'wires' is the name of a group"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line_with_its_place(
    code: str, said: str, folder: Path
) -> None:
    (folder / "bad.py").write_text(code)
    with pytest.raises(DeclarationError, match=said) as error:
        outlets()
    assert (error.value.exit_code, "\n" in str(error.value)) == (2, False)
    assert str(error.value).startswith(str(folder))


def test_a_slip_in_a_shared_file_is_said_with_the_place_in_that_file(folder: Path) -> None:
    (folder / "_common.py").write_text("\n\n\nHOURS = (")
    (folder / "tidings.py").write_text("from ._common import HOURS")
    with pytest.raises(DeclarationError, match=r"tidings\.py: .*_common\.py, line 4: '\(' was"):
        outlets()


def test_a_name_that_stands_twice_in_the_folder_is_refused(folder: Path) -> None:
    for name in ("first", "second"):
        (folder / f"{name}.py").write_text(PAPER)
    with pytest.raises(DeclarationError, match=r"second\.py: 'tidings' is the name of own_outlets"):
        outlets()
    with pytest.raises(CrawlerError, match=r"second\.py: 'tidings' is the name of own_outlets"):
        find_outlet("tidings")


def test_a_folder_that_is_not_there_is_said(folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(ConfigError, match=r"outlets_folder: there is no folder '.*my_outlets'"):
        outlets()


def test_a_file_that_breaks_later_does_not_stop_the_other_outlets(folder: Path) -> None:
    (folder / "bad.py").write_text("x = (")
    (folder / "tidings.py").write_text(PAPER)
    assert find_outlet("kcna").name == "kcna"
    assert find_outlet("tidings").__module__ == "own_outlets.tidings"
    (folder / "tidings.py").unlink()
    with pytest.raises(CrawlerError, match=r"bad\.py, line 1"):
        find_outlet("tidings")


def test_scrapy_knows_them_and_says_what_is_wrong_in_one_line(folder: Path) -> None:
    def scrapy_list() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scrapy", "list"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    (folder / "tidings.py").write_text(PAPER)
    assert {"tidings", "kcna"} <= set(scrapy_list().stdout.split())
    (folder / "tidings.py").write_text("x = (")
    done = scrapy_list()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"scrapy: {folder}/tidings.py, line 1: '(' was never closed\n"


@pytest.mark.parametrize("value", ["their_outlets", "their_outlets:Tidings"])
def test_an_installed_package_adds_outlets_by_an_entry_point(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_outlets.py").write_text(PAPER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "their_outlets", raising=False)
    point = importlib.metadata.EntryPoint("theirs", value, "nkwire.outlets")
    monkeypatch.setattr("crawler.own_outlets.entry_points", lambda **_: [point])
    outlets.cache_clear()
    assert outlets()["tidings"].__module__ == "their_outlets"
    (tmp_path / "their_outlets.py").write_text("x = 1  # and a longer text than before")
    monkeypatch.delitem(sys.modules, "their_outlets")
    outlets.cache_clear()
    with pytest.raises(DeclarationError, match=r"\(entry point 'theirs'\)"):
        outlets()
    outlets.cache_clear()
