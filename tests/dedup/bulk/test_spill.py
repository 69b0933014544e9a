"""Where there is no room to set anything aside, that is what is said."""

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dedup.bulk import spill
from dedup.bulk.flat_rows import RowCodec
from dedup.bulk.spill import DiskStore, ObjectSpill, Spill

WORDS: RowCodec[str] = RowCodec(lambda word: (word,), lambda row: str(row[0]))


def add_records(folder: Path) -> None:
    Spill(folder, "full", np.dtype("<i8")).add(0, np.arange(9))


def add_values(folder: Path) -> None:
    ObjectSpill(folder, "full", WORDS).add(0, "abcdefghi")


def put(folder: Path) -> None:
    with DiskStore(folder / "full.0", WORDS) as shelf:
        shelf.put(1, "a")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("add", [add_records, add_values, put])
def test_a_full_disk_is_named_with_what_to_do(
    add: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill, "_MAX_HELD_RECORDS", 1)
    monkeypatch.setattr(spill, "_MAX_HELD_OBJECTS", 1)
    (tmp_path / "full.0").symlink_to("/dev/full")
    with pytest.raises(OSError, match="TMPDIR") as failed:
        add(tmp_path)
    assert failed.value.errno == errno.ENOSPC
    assert str(tmp_path) in failed.value.filename
