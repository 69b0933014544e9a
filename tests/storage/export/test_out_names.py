"""Where an export may be written to, and what it makes beside it."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Database, open_database
from storage.errors import CannotWrite, InvalidRequest
from storage.export.export import ExportOptions, export
from storage.export.formats import output_files
from storage.records import Article
from storage.snapshots.create import SnapshotRequest, create_snapshot

pytestmark = pytest.mark.threats("S15")
ROOT = Path(__file__).parents[3]
NAMES = [
    "../out",
    "../../out",
    "a/../../out",
    "/out",
    "~/out",
    "a/b",
    ".",
    "..",
    "...",
    "",
    " ",
    "a\0b",
    "a\nb",
    "x" * 300,
    "조" * 100,
    "CON",
    "NUL.txt",
    "aux",
    "com1",
    "-rf",
    "--help",
    "$(id)",
    "`id`",
    "a;b",
    "a|b",
    "*",
    "?",
    "\u202egnp.exe",
    "a\\..\\b",
    "%2e%2e%2fout",
    ".hidden",
    "name.part",
]


@pytest.fixture
def corpus(tmp_path: Path, make: Callable[..., Article]) -> Database:
    opened = open_database(f"sqlite:///{tmp_path / 'corpus.db'}")
    opened.save([make(1), make(2)])
    return opened


def everything_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_snapshot_lies_where_it_was_named_or_nowhere(corpus: Database, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    before = everything_below(tmp_path)
    for name in NAMES:
        try:
            create_snapshot(corpus, inside / "snapshot", SnapshotRequest(name=name))
        except InvalidRequest:
            assert everything_below(tmp_path) == before, name
        shutil.rmtree(inside / "snapshot", ignore_errors=True)
        new = everything_below(tmp_path) - before
        assert all(each.resolve().is_relative_to(inside) for each in new), name


def test_outlets_of_any_name_are_written_inside_the_folder_of_the_export(
    tmp_path: Path, make: Callable[..., Article]
) -> None:
    pytest.importorskip("pyarrow")
    inside = tmp_path / "inside"
    inside.mkdir()
    short = [name for name in NAMES if len(name) < 50 and "\0" not in name]
    with open_database(f"sqlite:///{tmp_path / 'corpus.db'}") as corpus:
        corpus.save([make(number, outlet=name) for number, name in enumerate(short)])
        before = everything_below(tmp_path)
        export(corpus, inside / "parts", format="parquet", options=ExportOptions(partition=True))
        export(corpus, inside / "rows.jsonl")
        export(corpus, inside / "set", format="datasets")
        new = everything_below(tmp_path) - before
    assert len([each for each in new if each.name == "articles.parquet"]) > 25
    assert all(each.resolve().is_relative_to(inside) for each in new)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_an_export_makes_is_not_for_everybody(
    kind: str, corpus: Database, tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        if kind == "file":
            for format in ("csv", "sqlite"):
                export(corpus, tmp_path / f"out.{format}", format=format)
            made = list(tmp_path.glob("out.*"))
            assert {mode(each) for each in made} == {0o640}
        else:
            create_snapshot(corpus, tmp_path / "frozen", SnapshotRequest(name="frozen"))
            assert mode(tmp_path / "frozen") == 0o750
    finally:
        os.umask(before)
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".part")]


def test_a_link_with_the_old_name_of_the_draft_is_not_followed(
    corpus: Database, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in ("out.jsonl.part", f".out.jsonl.{os.getpid()}.part"):
        (tmp_path / name).symlink_to(victim)
    export(corpus, tmp_path / "out.jsonl")
    assert victim.read_text() == "mine"
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 2


def test_a_hard_link_is_replaced_and_what_shared_its_content_stays(
    corpus: Database, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "out.jsonl").hardlink_to(victim)
    export(corpus, tmp_path / "out.jsonl")
    assert victim.read_text() == "mine"


def test_a_killed_export_is_swept_by_the_next(corpus: Database, tmp_path: Path) -> None:
    stale = tmp_path / ".out.jsonl.999999999.0123456789abcdef.part"
    running = tmp_path / f".out.jsonl.{os.getpid()}.0123456789abcdef.part"
    other = tmp_path / ".out.jsonlx.999999999.0123456789abcdef.part"
    for each in (stale, running, other):
        each.write_text("half")
    export(corpus, tmp_path / "out.jsonl")
    assert (stale.exists(), running.exists(), other.exists()) == (False, True, True)


def test_nothing_is_made_among_the_devices(corpus: Database, tmp_path: Path) -> None:
    before = {each.name for each in Path("/dev").iterdir()}
    with pytest.raises(CannotWrite, match="No such file"):
        export(corpus, Path("/dev/nkwire-export.jsonl"))
    export(corpus, Path("/dev/null"))
    for name in ("/dev/stdout", "/proc/self/fd/1"):
        out = tmp_path / "shell"
        with out.open("wb") as stdout:
            subprocess.run(
                [
                    sys.executable,
                    ROOT / "nkwire.py",
                    "export",
                    name,
                    "--database",
                    corpus.engine.url.render_as_string(),
                ],
                cwd=tmp_path,
                stdout=stdout,
                check=True,
            )
        assert out.read_text().count("\n") == 2, name
    assert {each.name for each in Path("/dev").iterdir()} == before
    assert output_files.is_stream(Path("/dev/stdout"))
    assert not output_files.is_stream(tmp_path / "dev")
