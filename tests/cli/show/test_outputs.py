"""A result goes to the file that is named, or to standard output."""

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.errors import UserError
from cli.show.outputs import output_of
from tests.cli.conftest import Command


@pytest.mark.usefixtures("corpus")
def test_a_picture_is_added_at_the_end_of_standard_output(
    program: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "all.bin"
    out.write_bytes(b"what was there")
    with out.open("ab") as file:
        subprocess.run([*program, "graph", "s1", "--format", "png"], stdout=file, check=True)
    assert out.read_bytes().startswith(b"what was there\x89PNG")


@pytest.mark.usefixtures("corpus")
def test_a_page_goes_to_standard_output_as_every_other_result(
    nkwire: Command, an_empty_folder: Path
) -> None:
    before = sorted(an_empty_folder.iterdir())
    said = nkwire("carriage", "--html", "-")
    assert (said.code, "reports in" in said.err) == (0, False)
    assert said.out.startswith("<!doctype html>")
    assert sorted(an_empty_folder.iterdir()) == before
    for arguments in (
        *(("carriage", "--html", "-", "--json"), ("carriage", "--html", "-", "--csv", "-")),
        *(("diff", "1", "--html", "-", "--json"), ("latency", "--svg", "-", "--json")),
    ):
        said = nkwire(*arguments)
        assert (said.code, said.out) == (2, "")
        assert said.err == "nkwire: standard output takes one result: name a file for the other\n"


@pytest.mark.usefixtures("corpus")
def test_the_name_of_a_page_says_what_is_in_the_file(
    nkwire: Command, an_empty_folder: Path
) -> None:
    said = nkwire("carriage", "--html", "carriage.csv")
    assert (said.code, "this is no .csv file: name it .html" in said.err) == (2, True)
    assert nkwire("carriage", "--html", "carriage.html.gz").code == 0
    page = gzip.decompress((an_empty_folder / "carriage.html.gz").read_bytes())
    assert page.startswith(b"<!doctype html>")


def test_nothing_is_written_to_a_closed_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open("w") as nothing:
        monkeypatch.setattr(sys, "stdout", nothing)
        for out in (None, Path("-")):
            with pytest.raises(UserError, match="standard output is closed: name a file"):
                output_of(out)
        named: Any = Path("report.png")
        assert output_of(named) == named


@pytest.mark.usefixtures("corpus")
def test_relations_of_a_file_go_to_standard_output(nkwire: Command, an_empty_folder: Path) -> None:
    said = nkwire("cluster", "articles.jsonl", "--relations", "-", "--groups", "stories.json")
    assert said.code == 0
    assert [row["a"] for row in said.rows] == ["first"]
    assert not (an_empty_folder / "-").exists()
    assert nkwire("cluster", "articles.jsonl", "--relations", "-", "--groups", "-").code == 2
