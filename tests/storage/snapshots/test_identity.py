"""The id of a snapshot is that of its data: nobody can keep the id and change what it names."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import Database
from storage.records import Article
from storage.snapshots.check import NotASnapshot, diff_snapshots, verify_snapshot
from storage.snapshots.create import SnapshotRequest, create_snapshot

Forge = Callable[[Path, dict[str, Any]], None]
WRONG_ID = "MANIFEST.json: the id is not that of these data"


@pytest.fixture
def made(
    sqlite_corpus: Database, make_article: Callable[..., Article], tmp_path: Path
) -> tuple[Path, str]:
    sqlite_corpus.save([make_article(n) for n in range(3)])
    snapshot = create_snapshot(sqlite_corpus, tmp_path / "one", SnapshotRequest(name="one"))
    return tmp_path / "one", snapshot.id


def entry(manifest: dict[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in manifest["files"] if each["path"] == path)
    return found


def other_data(folder: Path, manifest: dict[str, Any]) -> None:
    """Changes a file of data and lists it as it is now: only the id still tells."""
    path = folder / "data/outlets.csv"
    path.write_bytes(path.read_bytes().replace(b"kcna", b"tass"))
    entry(manifest, "data/outlets.csv")["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()


def a_file_less(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "data/gaps.csv").unlink()
    manifest["files"].remove(entry(manifest, "data/gaps.csv"))


def a_file_more(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "data/notes.txt").write_bytes(b"")
    manifest["files"].append(
        {"path": "data/notes.txt", "bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    )


def another_id(_: Path, manifest: dict[str, Any]) -> None:
    manifest["id"] = "0" * 64


def no_id(_: Path, manifest: dict[str, Any]) -> None:
    del manifest["id"]


def another_name(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "data/gaps.csv").rename(folder / "data/holes.csv")
    entry(manifest, "data/gaps.csv")["path"] = "data/holes.csv"


@pytest.mark.threats("R18")
@pytest.mark.parametrize(
    "forge",
    [other_data, a_file_less, a_file_more, another_id, no_id, another_name],
    ids=lambda each: each.__name__,
)
def test_verify_computes_the_id_anew(forge: Forge, made: tuple[Path, str]) -> None:
    folder, _ = made
    assert verify_snapshot(folder) == []
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    forge(folder, manifest)
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    assert WRONG_ID in verify_snapshot(folder)


@pytest.mark.threats("R18")
def test_the_order_of_the_files_in_the_manifest_means_nothing(made: tuple[Path, str]) -> None:
    folder, _ = made
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    manifest["files"].reverse()
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    assert verify_snapshot(folder) == []


HOSTILE_PATHS = [
    "../../etc/passwd", "/etc/passwd", "/dev/zero", "data/../../x", "a\x00b", "x" * 5_000, "data/pipe",
    "data/loop", "data/outside", ".", "", "data",
]  # fmt: skip


@pytest.mark.threats("S15", "R18")
@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_a_path_of_a_strangers_manifest_costs_one_line(path: str, made: tuple[Path, str]) -> None:
    folder, _ = made
    os.mkfifo(folder / "data/pipe")
    (folder / "data/loop").symlink_to("loop")
    (folder / "data/outside").symlink_to("/dev/zero")
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    manifest["files"].append({"path": path, "bytes": 10**30, "sha256": "0" * 64})
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    told = verify_snapshot(folder)
    assert any(line.startswith(f"{path}: ") for line in told)


MANIFESTS: list[bytes] = [
    b"", b"[]", b"null", b'"x"', b"{}", b'{"layout": 1}', 
    b'{"layout": 1, "files": [[]]}', b'{"layout": 1, "files": [{"path": 1}]}', b"\xff\xfe", b"[" * 100_000,
    b'{"layout": 1, "files": [{"path": "x", "sha256": "y", "bytes": "z"}]}',
    b'{"layout": 1, "files": [{"path": "x", "sha256": "y", "bytes": 1e999}]}',
    b'{"layout": 1, "files": [{"path": "x", "sha256": "y", "bytes": NaN}]}',
    b'{"layout": 99999999999999999999999, "files": []}',
]  # fmt: skip


@pytest.mark.threats("R18")
@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_manifest_that_is_none_is_one_line(manifest: bytes, made: tuple[Path, str]) -> None:
    folder, _ = made
    (folder / "MANIFEST.json").write_bytes(manifest)
    for use in (verify_snapshot, lambda path: diff_snapshots(path, path)):
        with pytest.raises(NotASnapshot) as told:
            use(folder)
        assert "\n" not in str(told.value)
