import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.app import run
from cli.errors import ExitCode
from dedup.bulk import spill
from storage import open_database
from storage.invariants import check_invariants
from storage.records import Article

WAYS = {
    "jsonl": ("export", "OUT/a.jsonl"),
    "jsonl.gz": ("export", "OUT/a.jsonl.gz"),
    "stories": ("export", "OUT/a.jsonl", "--collapse"),
    "csv": ("export", "OUT/a.csv"),
    "parquet": ("export", "OUT/a.parquet"),
    "partitions": ("export", "OUT/a", "--format", "parquet", "--partition"),
    "sqlite": ("export", "OUT/a.sqlite"),
    "datasets": ("export", "OUT/a", "--format", "datasets"),
    "snapshot": ("snapshot", "create", "a", "--out", "OUT/a"),
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = f"sqlite:///{tmp_path_factory.mktemp('disks') / 'nkwire.db'}"
    with open_database(found) as database:
        database.save(
            [
                Article(
                    outlet="kcna",
                    url=f"https://example.org/{n}",
                    title=f"{n}",
                    # Letters that no packer makes much smaller.
                    text=" ".join(str((n + 7) ** 3 * k**5 % 99_991) for k in range(3_000)),
                )
                for n in range(12)
            ]
        )
    return found


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(folder)]
    try:
        made = subprocess.run(asked, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount program")
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def export(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str, Path], tuple[int, str]]:
    """Runs one of `WAYS` into a folder: the exit code, and what was said on standard error."""
    monkeypatch.setenv("NKWIRE_DATABASE_URL", url)

    def call(way: str, folder: Path) -> tuple[int, str]:
        code = run(tuple(part.replace("OUT", str(folder)) for part in WAYS[way]))
        return code, capfd.readouterr().err

    return call


Export = Callable[[str, Path], tuple[int, str]]


@pytest.mark.threats("R12")
@pytest.mark.parametrize("way", WAYS)
def test_on_a_full_disk_one_line_says_so_and_nothing_is_left(
    export: Export, small_disk: Path, way: str
) -> None:
    code, said = export(way, small_disk)
    assert code == ExitCode.STORAGE_FAILURE
    assert said.startswith(f"nkwire: no room: cannot write {small_disk}/a")
    assert said.count("\n") == 1
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize("arguments", [("recluster",), ("recluster", "--dry-run")])
def test_without_room_to_set_aside_what_is_compared_nothing_is_changed(
    arguments: tuple[str, ...],
    url: str,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", url)
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    monkeypatch.setattr(spill, "_MAX_HELD_RECORDS", 50)
    (small_disk / "fill").write_bytes(bytes(32 << 10))
    with open_database(url) as database:
        before = list(database.stories.iter())
        code, said = run(arguments), capfd.readouterr().err
        assert code == ExitCode.STORAGE_FAILURE
        assert said.startswith(f"nkwire: no room: {small_disk}")
        assert ("TMPDIR" in said, said.count("\n")) == (True, 1)
        assert list(database.stories.iter()) == before
        assert check_invariants(database) == []
    assert [path.name for path in small_disk.iterdir()] == ["fill"]


@pytest.mark.parametrize("way", WAYS)
def test_a_target_that_may_only_be_read_is_told_in_one_line(
    export: Export, small_disk: Path, way: str
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, said = export(way, small_disk)
    assert code == ExitCode.USER_ERROR
    assert said.startswith(f"nkwire: cannot write {small_disk}/a")
    assert said.count("\n") == 1


@pytest.mark.parametrize("way", ["parquet", "partitions", "datasets"])
def test_a_missing_library_is_told_in_one_line(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    code, said = export(way, tmp_path)
    assert (code, said.count("\n")) == (ExitCode.USER_ERROR, 1)
    assert "pip install 'nkwire[parquet]'" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", WAYS)
def test_with_room_the_same_requests_are_done(export: Export, tmp_path: Path, way: str) -> None:
    code, _ = export(way, tmp_path)
    assert code == ExitCode.OK
    assert {p.name.split(".")[0] for p in tmp_path.iterdir()} == {"a"}
