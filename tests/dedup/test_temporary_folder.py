"""What a killed process leaves in the folder for temporary files goes at the next start."""

import ast
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dedup.temporary_folder import sweep_temporary_folders, temporary_folder

pytestmark = pytest.mark.threats("R10")
ROOT = Path(__file__).parents[2]
PACKAGES = ("cli", "crawler", "dedup", "spiders", "storage", "web", "nkwire.py", "scheduler.py")
MAKER = "dedup/temporary_folder.py"
NAMED = frozenset(["TemporaryDirectory", "NamedTemporaryFile", "mkdtemp", "mkstemp", "mktemp", "*"])
"""What has a name in the folder for temporary files, which a killed process leaves there."""

HOLDING = """
import sys, time
from dedup.temporary_folder import temporary_folder
with temporary_folder() as folder:
    (folder / "texts").write_bytes(b"x" * 1000)
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, of this process and its children."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def holder(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that holds a temporary folder, and that folder."""
    child = subprocess.Popen([sys.executable, "-c", HOLDING], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    folder = Path(child.stdout.readline().strip())
    assert folder.is_relative_to(temporary)
    yield child, folder
    child.kill()
    child.wait()
    child.stdout.close()


def test_what_a_killed_process_left_is_swept(
    holder: tuple[subprocess.Popen[str], Path], temporary: Path
) -> None:
    child, folder = holder
    with temporary_folder():
        assert folder.exists(), "the process that made it still runs"
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert folder.exists()
    with temporary_folder() as own:
        assert list(temporary.iterdir()) == [own.parent]
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGCONT])
def test_a_stopped_process_keeps_its_folder(
    stop: signal.Signals, holder: tuple[subprocess.Popen[str], Path]
) -> None:
    child, folder = holder
    child.send_signal(stop)
    sweep_temporary_folders()
    assert (folder / "texts").stat().st_size == 1000


def test_the_folder_is_the_user_s_alone_and_empty(temporary: Path) -> None:
    with temporary_folder() as folder:
        assert not list(folder.iterdir())
        assert folder.parent.stat().st_mode & 0o077 == 0
    assert not list(temporary.iterdir())


def test_what_is_not_ours_stays(temporary: Path) -> None:
    stranger = temporary / "stranger"
    stranger.mkdir()
    (stranger / ".in-use").touch()
    (stranger / "files").mkdir()
    (temporary / "nkwire-link____").symlink_to(stranger)
    unlocked = temporary / "nkwire-notes___"
    unlocked.mkdir(mode=0o700)
    (unlocked / "notes").touch()
    shared = temporary / "nkwire-shared__"
    shared.mkdir()
    shared.chmod(0o770)
    (shared / ".in-use").touch()
    linked = temporary / "nkwire-linked__"
    linked.mkdir(mode=0o700)
    (linked / ".in-use").symlink_to(stranger / ".in-use")
    piped = temporary / "nkwire-piped___"
    piped.mkdir(mode=0o700)
    os.mkfifo(piped / ".in-use")
    (temporary / "nkwire-file____").touch()
    for name in ("nkwire-storm-12345678", "nkwire-1234567", "nkwire-ABCDEFGH", "other-12345678"):
        (temporary / name).mkdir(mode=0o700)
    before = sorted(temporary.rglob("*"))
    with temporary_folder():
        pass
    assert sorted(temporary.rglob("*")) == before


def test_a_link_in_an_abandoned_folder_is_not_followed(
    holder: tuple[subprocess.Popen[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    child, folder = holder
    kept = tmp_path_factory.mktemp("kept") / "kept"
    kept.touch()
    (folder / "link").symlink_to(kept.parent)
    child.kill()
    child.wait()
    sweep_temporary_folders()
    assert not folder.exists()
    assert kept.exists()


def test_a_folder_that_cannot_be_read_stops_nothing(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing"))
    sweep_temporary_folders()


MAKING = """
import os, sys, tempfile
from dedup.temporary_folder import temporary_folder
tempfile.gettempdir()  # Python tries the folder with a file of its own
left = int(sys.argv[1])
def count(name, arguments):
    global left
    if name in ("open", "os.mkdir", "os.remove", "os.rmdir", "os.scandir", "shutil.rmtree"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(count)
with temporary_folder() as folder:
    (folder / "texts").touch()
"""


def test_a_process_killed_at_any_step_leaves_nothing_for_long(temporary: Path) -> None:
    codes, step = list[int](), 0
    while 0 not in codes:
        ended = subprocess.run([sys.executable, "-c", MAKING, str(step)], check=False)
        codes.append(ended.returncode)
        sweep_temporary_folders()
        assert not list(temporary.iterdir()), step
        step += 1
    assert codes.count(-signal.SIGKILL) >= 12


def test_a_folder_that_is_swept_while_it_is_made_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[str] = []

    def make_and_lose(**options: str) -> str:
        name = tempfile.mkdtemp(**options)
        if len(swept) < 3:
            swept.append(name)
            sweep_temporary_folders()
            assert not Path(name).exists()
        return name

    monkeypatch.setattr("dedup.temporary_folder.mkdtemp", make_and_lose)
    with temporary_folder() as folder:
        (folder / "texts").touch()
        sweep_temporary_folders()
        assert (folder / "texts").exists()
    assert len(swept) == 3
    assert not list(temporary.iterdir())


def test_many_processes_that_make_and_sweep_at_once_all_succeed(temporary: Path) -> None:
    program = (
        "from dedup.temporary_folder import temporary_folder\n"
        "for n in range(60):\n"
        "    with temporary_folder() as folder:\n"
        "        (folder / 'texts').write_text(str(n))\n"
        "        assert (folder / 'texts').read_text() == str(n)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(4)]
    assert [each.wait() for each in running] == [0] * 4
    assert not list(temporary.iterdir())


def found(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="tempfile", names=names):
                yield from (each.name for each in names if each.name in NAMED)
            case ast.Attribute(attr=name) if name in NAMED:
                yield name


@pytest.mark.parametrize(
    "code",
    [
        "from tempfile import TemporaryDirectory",
        "from tempfile import gettempdir, mkdtemp as make",
        "from tempfile import *",
        "import tempfile\ntempfile.mkstemp()",
        "import tempfile as t\ndef f():\n    return t.NamedTemporaryFile",
        "def f():\n    from tempfile import mktemp",
    ],
)
def test_what_is_looked_for_is_found(code: str) -> None:
    assert list(found(ast.parse(code)))


def test_one_module_makes_all_temporary_folders() -> None:
    files = [
        file
        for name in PACKAGES
        for file in ((ROOT / name).rglob("*.py") if (ROOT / name).is_dir() else [ROOT / name])
    ]
    makers = {
        file.relative_to(ROOT).as_posix()
        for file in files
        if list(found(ast.parse(file.read_text("utf-8"))))
    }
    assert len(files) > 400
    assert makers == {MAKER}
