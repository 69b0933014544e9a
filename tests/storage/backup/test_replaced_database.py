"""An old database gets another name, and its own one again if no other takes its place."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from storage.backup.replaced_database import set_aside
from storage.errors import InvalidRequest


@pytest.fixture
def target(tmp_path: Path, empty_corpus: Callable[[int], Path]) -> Path:
    return Path(shutil.copy(empty_corpus(1), tmp_path / "nkwire.db"))


def test_a_replacement_that_fails_leaves_all_names_as_they_were(target: Path) -> None:
    def replace_and_fail() -> None:
        with set_aside(target):
            raise OSError("no rename")

    with pytest.raises(OSError, match="no rename"):
        replace_and_fail()
    assert [each.name for each in target.parent.iterdir()] == ["nkwire.db"]
    target.rename(target.with_name("nkwire.db-wal"))
    with pytest.raises(OSError, match="no rename"):
        replace_and_fail()
    assert [each.name for each in target.parent.iterdir()] == ["nkwire.db-wal"]


def test_of_two_replacements_at_once_the_second_does_not_move_what_the_first_put_there(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_opened, connect = threading.Event(), sqlite3.connect

    def connect_and_tell(file: Path, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(file, **options)
        has_opened.set()
        return connection

    new = Path(shutil.copy(target, target.with_name("new.db")))
    with ThreadPoolExecutor() as threads:
        with set_aside(target) as kept:
            monkeypatch.setattr(sqlite3, "connect", connect_and_tell)
            second = threads.submit(set_aside(target).__enter__)
            assert has_opened.wait(60)  # the old file, whose lock it now waits for
            new.replace(target)
        with pytest.raises(InvalidRequest, match="another process"):
            second.result()
    assert set(target.parent.iterdir()) == {target, kept}
