"""An export to an address replaces what an earlier one left there, and nothing else."""

from pathlib import Path

from storage.export.formats.companions import companion_path
from storage.export.formats.history_tables import HISTORY_TABLES
from storage.export.formats.output_files import open_output
from storage.export.remote import export_to_address


def test_every_file_beside_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    there = tmp_path / "mounted" / "corpus.csv"
    there.parent.mkdir()
    beside = [companion_path(there, table) for table in HISTORY_TABLES]
    unwritten = companion_path(there, next(iter(HISTORY_TABLES)), ".jsonl")
    for file in (there, *beside, unwritten):
        file.write_bytes(b"old")

    def write(out: Path) -> int:
        for name in (out.name, *(each.name for each in beside)):
            with open_output(out.with_name(name)) as file:
                file.write(b"new")
        return 1

    export_to_address(write, f"file://{there}")
    assert {file.read_bytes() for file in (there, *beside)} == {b"new"}
    assert unwritten.read_bytes() == b"old"
