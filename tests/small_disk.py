"""A disk with little room: a file system in memory where the machine lets one be mounted."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLER = "filler"


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Mounts a file system of this size on the folder. Skips the test where that is forbidden."""
    folder.mkdir(exist_ok=True)
    options = f"size={kilobytes}k,mode=0777"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def resize(folder: Path, kilobytes: int) -> None:
    """Makes the disk larger or smaller."""
    options = f"remount,size={kilobytes}k"
    subprocess.run(["mount", "-o", options, str(folder)], check=True)


def fill(folder: Path, *, but: int = 0) -> None:
    """Takes all room of the disk but for so many bytes."""
    free = os.statvfs(folder)
    with (folder / FILLER).open("ab") as filler:
        filler.write(bytes(max(0, free.f_bavail * free.f_frsize - but)))


def empty(folder: Path) -> None:
    """Gives the room back."""
    (folder / FILLER).unlink()
