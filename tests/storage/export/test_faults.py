import io
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from storage import Database, open_database
from storage.errors import CannotWrite, DiskFull, InvalidRequest, MissingLibrary
from storage.export.export import ExportFormat, ExportOptions, export
from storage.records import Article

FORMATS: list[ExportFormat] = ["jsonl", "csv", "xlsx", "parquet", "sqlite", "datasets"]
KILLED = """
import os, signal, sys
from pathlib import Path
from storage import open_database
from storage.export.export import export
database = open_database(sys.argv[1])
stop = lambda done, total: os.kill(os.getpid(), signal.SIGKILL)
export(database, Path(sys.argv[2]), format=sys.argv[3], progress=stop)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('faults') / 'nkwire.db'}")
    articles = [
        Article(outlet="kcna", url=f"https://example.org/{n}", title=f"{n}", text=f"{n} " * 40)
        for n in range(60)
    ]
    database.save(articles)
    yield database
    database.close()


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("format", FORMATS)
def test_without_room_nothing_is_left_and_one_line_says_why(
    filled: Database, tmp_path: Path, format: ExportFormat
) -> None:
    with (
        little_room(2_000),
        pytest.raises(CannotWrite, match=r"^no room: [^\n]*cannot write .*/out$"),
    ):
        export(filled, tmp_path / "out", format=format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_failed_export_leaves_the_earlier_one(
    filled: Database, tmp_path: Path, format: ExportFormat
) -> None:
    if format == "datasets":
        pytest.skip("a folder that is there is never replaced")
    (tmp_path / "out").write_text("earlier")
    with little_room(2_000), pytest.raises(CannotWrite):
        export(filled, tmp_path / "out", format=format)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "earlier"


@pytest.mark.parametrize("format", FORMATS)
def test_a_target_that_cannot_be_is_told(
    filled: Database, tmp_path: Path, format: ExportFormat
) -> None:
    (tmp_path / "file").touch()
    for out in (tmp_path / "none" / "out", tmp_path / "file" / "out"):
        with pytest.raises(CannotWrite, match="cannot write"):
            export(filled, out, format=format)


@pytest.mark.parametrize("format", ["sqlite", "datasets"])
def test_a_fifo_is_never_replaced_by_a_file(
    filled: Database, tmp_path: Path, format: ExportFormat
) -> None:
    os.mkfifo(tmp_path / "out")
    with pytest.raises(CannotWrite):
        export(filled, tmp_path / "out", format=format)
    assert (tmp_path / "out").is_fifo()
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("format", ["jsonl", "sqlite"])
def test_a_symbolic_link_stays_and_leads_to_the_export(
    filled: Database, tmp_path: Path, format: ExportFormat
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "folder/file")
    export(filled, tmp_path / "out", format=format)
    assert (tmp_path / "out").is_symlink()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]
    assert (tmp_path / "out").stat().st_size > 1000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("format", ["jsonl", "csv", "xlsx", "parquet"])
def test_a_device_without_room_is_named(filled: Database, format: ExportFormat) -> None:
    with pytest.raises(DiskFull, match="no room: cannot write /dev/full"):
        export(filled, Path("/dev/full"), format=format)
    assert Path("/dev/full").is_char_device()


def test_a_folder_with_something_in_it_is_not_replaced(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").touch()
    with pytest.raises(CannotWrite, match="exists already"):
        export(filled, tmp_path / "out", format="datasets")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine"]


@pytest.mark.parametrize(
    "format",
    [
        pytest.param(f, marks=() if f in {"jsonl", "datasets"} else pytest.mark.slow)
        for f in FORMATS
    ],
)
def test_a_killed_export_has_no_name_and_the_next_one_clears_it_away(
    filled: Database, tmp_path: Path, format: ExportFormat
) -> None:
    out = tmp_path / "out"
    url = filled.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(out), format], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not out.exists()
    assert len(list(tmp_path.iterdir())) == 1
    export(filled, out, format=format)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("format", ["parquet", "datasets"])
def test_a_missing_library_is_told_with_the_command_that_installs_it(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: ExportFormat
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'nkwire\[parquet\]'"):
        export(filled, tmp_path / "out", format=format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("format", "wanted", "says"),
    [
        ("sqlite", {}, "needs a name"),
        ("datasets", {}, "needs a name"),
        ("jsonl", {"options": ExportOptions(field_names="odd")}, "no such field names"),
        ("jsonl", {"options": ExportOptions(partition=True)}, "only articles in Parquet"),
        ("warc", {"collapse": True}, "pages of articles"),
        ("jsonl", {"text": "some"}, "no such amount"),
    ],
)
def test_what_cannot_be_had_together_is_told_first(
    filled: Database, format: ExportFormat, wanted: dict[str, Any], says: str
) -> None:
    out = io.BytesIO()
    with pytest.raises(InvalidRequest, match=says):
        export(filled, out, format=format, **wanted)
    assert out.getvalue() == b""


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_corpus_gives_the_same_bytes(
    filled: Database, tmp_path: Path, format: ExportFormat
) -> None:
    for name in ("one", "two"):
        export(filled, tmp_path / name, format=format)
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def _bytes(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted(files)}
