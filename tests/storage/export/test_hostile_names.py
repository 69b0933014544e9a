"""Names that outlets, snapshots and recordings must not be able to leave their folder with."""

from pathlib import Path

import pytest

from crawler.warc.retention import parse_recording_name
from storage import open_database
from storage.export.export import ExportOptions, export
from storage.export.formats.parquet import partition_name
from storage.export.formats.warc import UnreadableRecord, copy_record
from storage.records import Article

NAMES = [
    "..", ".", "...", "../x", "../../../../tmp/x", "/etc/passwd", "//host/share", "a/../../b", "a/b",
    "..\\x", "C:\\x", "C:x", "\\\\host\\share", "CON", "con.txt", "NUL", "COM1", "aux.", "x" * 300,
    "한국" * 200, "\u202ekcna\u202c", "\u2215etc", "\uff0e\uff0e\uff0fx", "%2e%2e%2f", "%00", "a\x00b", "a\nb",
    "a\x1b[31m", "~root", "$HOME", "`id`", "; rm -rf x", "--help", "-", " ", "name=value", "*", "?", "a:b",
]  # fmt: skip


@pytest.mark.threats("S15")
def test_an_outlet_s_name_makes_no_file_outside_of_the_export(tmp_path: Path) -> None:
    assert len(NAMES) >= 30
    out = tmp_path / "work" / "out"
    out.parent.mkdir()
    with open_database(f"sqlite:///{tmp_path / 'nkwire.db'}") as database:
        database.save(
            [
                Article(
                    outlet=name,
                    url=f"https://outlet.test/{n}",
                    title=f"Title {n}",
                    text=f"Text {n} of it.",
                    language="en",
                )
                for n, name in enumerate(NAMES)
            ]
        )
        held = {row.outlet for row in database.articles.iter()}
        export(database, out, format="parquet", options=ExportOptions(partition=True))
    assert len(held) >= 30
    beside = {path.name for path in tmp_path.iterdir()} - {"work"}
    assert all(name.startswith("nkwire.db") for name in beside)
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    names = {path.name for path in out.iterdir() if path.is_dir()}
    assert len({name for name in names if name.startswith("outlet=")}) == len(held)


@pytest.mark.threats("S15")
@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_path_is_one_harmless_part(name: str) -> None:
    part = partition_name(name)
    assert not set("/\\\x00\n\x1b") & set(part)
    assert part.strip(".") != "" or part == ""
    assert len(part.encode()) <= 160


@pytest.mark.threats("S15")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", ["outlet", "file"])
def test_no_recording_outside_of_the_folder_is_read(name: str, where: str, tmp_path: Path) -> None:
    for path in (tmp_path / "x", tmp_path / "b", tmp_path / "passwd"):
        path.write_bytes(b"\x1f\x8b secret")
    folder = tmp_path / "warc"
    folder.mkdir()
    outlet, file = (name, "x") if where == "outlet" else ("kcna", name)
    with pytest.raises(UnreadableRecord):
        copy_record([folder], outlet, file, 0)


@pytest.mark.threats("S15")
@pytest.mark.parametrize("name", NAMES)
def test_no_such_name_is_taken_for_a_recording_to_delete(name: str, tmp_path: Path) -> None:
    found = parse_recording_name(Path(f"/warc/{name}"))
    assert found is None
