"""What killed processes leave beside their output goes at the next try, and nothing else does."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest

from storage.errors import CannotWrite
from storage.export.formats.output_files import atomic_file, atomic_folder, new_file
from storage.files.making import draft_of, replaced_file

pytestmark = pytest.mark.threats("R10")
DEAD = 999_999_999
RANDOM = "0123456789abcdef"
MAKERS: list[Callable[[Path], AbstractContextManager[Any]]] = [
    atomic_file,
    atomic_folder,
    new_file,
    replaced_file,
]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def make_and_refuse(make: Callable[[Path], AbstractContextManager[Any]], out: Path) -> None:
    with suppress(OSError, CannotWrite), make(out):
        pass


@pytest.mark.parametrize("taken", [False, True], ids=["free", "taken"])
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "name", ["out", "a.b", "[x]*?", "out.part", "조선", "9.9", "(a|b)+", "two words", "a\nb"]
)
def test_drafts_and_journals_of_dead_processes_go_even_if_the_name_is_refused(
    name: str, make: Callable[[Path], AbstractContextManager[Any]], taken: bool, tmp_path: Path
) -> None:
    draft = f".{name}.{DEAD}.{RANDOM}.part"
    for ending in ("", "-journal", "-wal", "-shm", "-mj1A2B"):
        (tmp_path / f"{draft}{ending}").touch()
    folder = tmp_path / f".{name}.{DEAD}.fedcba9876543210.part"
    folder.mkdir()
    (folder / "half").touch()
    out = tmp_path / name
    if taken:
        out.mkdir()
        (out / "file").touch()
    make_and_refuse(make, out)
    assert names(tmp_path) == [name]


@pytest.mark.parametrize(
    "name",
    [
        f".out.{os.getpid()}.{RANDOM}.part",  # a living process
        f".out.{os.getppid()}.{RANDOM}.part-journal",
        f".out.0.{RANDOM}.part",
        f".outx.{DEAD}.{RANDOM}.part",  # of another output
        f".out.jsonl.{DEAD}.{RANDOM}.part",
        f"out.{DEAD}.{RANDOM}.part",
        f".out.{DEAD}.part",
        f".out.{DEAD}.{RANDOM}",
        f".out.{DEAD}.{RANDOM[1:]}.part",
        f".out.{DEAD}x.{RANDOM}.part",
        f".out.-{DEAD}.{RANDOM}.part",
        f".out.٣٣٣٣٣٣٣.{RANDOM}.part",
    ],
    ids=range(12),
)
def test_what_is_no_draft_of_a_dead_process_stays(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with new_file(tmp_path / "out"):
        pass
    assert names(tmp_path) == sorted((name, "out"))


def test_a_link_among_the_drafts_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    for number, target in enumerate((kept, kept / "file", kept / "missing")):
        (tmp_path / f".out.{DEAD}.{number:016x}.part").symlink_to(target)
    with new_file(tmp_path / "out"):
        pass
    assert names(tmp_path) == ["kept", "out"]
    assert names(kept) == ["file"]


def test_the_own_journals_go_with_the_draft(tmp_path: Path) -> None:
    with draft_of(tmp_path / "out") as draft:
        draft.touch()
        Path(f"{draft}-journal").touch()
    assert names(tmp_path) == []


@pytest.mark.parametrize("edge", ["os.link", "os.remove"])
def test_a_process_killed_at_the_end_leaves_a_whole_file_or_nothing_after_the_next_try(
    edge: str, tmp_path: Path
) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from storage.export.formats.output_files import new_file\n"
        "with new_file(Path(sys.argv[1])) as draft:\n"
        "    draft.write_text('whole')\n"
        "    sys.addaudithook(lambda name, _: name == sys.argv[2] and os.kill(os.getpid(), 9))\n"
    )
    out = tmp_path / "out"
    ended = subprocess.run([sys.executable, "-c", program, str(out), edge], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len([each for each in names(tmp_path) if each.endswith(".part")]) == 1
    assert out.exists() is (edge == "os.remove")
    make_and_refuse(new_file, out)
    assert names(tmp_path) == ["out"]
    assert out.read_text() == ("whole" if edge == "os.remove" else "")
