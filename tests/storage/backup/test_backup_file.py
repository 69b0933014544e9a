"""What a backup does to the folder that it is written to."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storage import Database, open_database
from storage.backup.backup import back_up
from storage.errors import StorageError

pytestmark = pytest.mark.threats("S15")
ROOT = Path(__file__).parents[3]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Database:
    database = open_database(f"sqlite:///{tmp_path / 'corpus.db'}")
    database.outlets.declare_ranks({"kcna": 0})
    return database


def test_it_is_for_its_owner_alone_whatever_the_umask(small: Database, own: Path) -> None:
    before = os.umask(0)
    try:
        back_up(small, own / "backup")
    finally:
        os.umask(before)
    assert stat.S_IMODE((own / "backup").stat().st_mode) == 0o600
    assert names(own) == ["backup"]


@pytest.mark.parametrize("name", ["backup.part", ".backup.part", ".backup.{pid}.part"])
def test_a_link_in_the_way_of_the_draft_is_not_followed(
    name: str, small: Database, own: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    link = own / name.format(pid=os.getpid())
    link.symlink_to(victim)
    back_up(small, own / "backup")
    assert victim.read_text() == "mine"
    assert link.is_symlink()


@pytest.mark.parametrize("kind", ["file", "link", "broken link", "folder", "fifo", "hard link"])
def test_a_name_that_is_taken_is_refused_and_left_as_it_is(
    kind: str, small: Database, own: Path, tmp_path: Path
) -> None:
    victim, file = tmp_path / "victim", own / "backup"
    victim.write_text("mine")
    match kind:
        case "file":
            file.write_text("mine")
        case "link":
            file.symlink_to(victim)
        case "broken link":
            file.symlink_to(tmp_path / "nowhere")
        case "folder":
            file.mkdir()
        case "fifo":
            os.mkfifo(file)
        case _:
            file.hardlink_to(victim)
    before = file.lstat()
    with pytest.raises(FileExistsError, match="exists already"):
        back_up(small, file)
    assert (file.lstat().st_ino, file.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert victim.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()
    assert names(own) == ["backup"]


def test_of_two_backups_into_one_file_one_is_kept_whole(small: Database, own: Path) -> None:
    refused: list[FileExistsError] = []

    def take() -> None:
        with open_database(str(small.engine.url)) as database:
            try:
                back_up(database, own / "backup")
            except FileExistsError as error:
                refused.append(error)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    assert names(own) == ["backup"]
    with open_database(f"sqlite:///{own / 'backup'}", create=False) as restored:
        assert restored.scheme.seed == small.scheme.seed


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_after_a_failure(
    error: BaseException, small: Database, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises((OSError, StorageError, KeyboardInterrupt)):
        back_up(small, own / "backup")
    assert names(own) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_after_a_signal(number: signal.Signals, own: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'large.db'}"
    with open_database(url) as database:
        database.write(
            lambda c: c.exec_driver_sql(
                "CREATE TABLE filling AS WITH RECURSIVE n(i) AS"
                " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
                " SELECT i, zeroblob(10000) AS filling FROM n"
            ).close()
        )
    process = subprocess.Popen(
        [sys.executable, ROOT / "nkwire.py", "backup", own / "backup", "--database", url],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    while not names(own):
        assert process.poll() is None
        threading.Event().wait(0.005)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in told) == (130, False)
    assert names(own) == []
