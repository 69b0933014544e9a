"""The recordings of a database that is away from NKWIRE_HOME."""

import shutil
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from crawler.warc.writer import Exchange, WarcWriter
from storage import open_database
from storage.records import Article, Capture
from tests.cli.conftest import Command

AT = datetime(2026, 3, 1, 6, tzinfo=UTC)
TEXT = " ".join(f"Sentence {n} tells of the new dairy farm in the county." for n in range(20))
PAGE = (
    f"<html lang=en><head><title>Farm opened</title></head><body><article><h1>Farm opened</h1>"
    f"<p>{TEXT}</p></article></body></html>"
).encode()
AWAY = ("--database", "sqlite:///away/nkwire.db")


@pytest.fixture
def away(an_empty_folder: Path) -> Path:
    """A database with two recorded pages in two files, which are beside it."""
    folder = an_empty_folder / "away"
    with open_database("sqlite:///away/nkwire.db", seed=1) as database:
        for name in ("one", "two"):
            url = f"https://herald.test/{name}"
            writer = WarcWriter(folder / "warc" / "herald.test" / f"{name}.warc.gz")
            headers = (("Content-Type", "text/html; charset=utf-8"),)
            offset = writer.write(Exchange(url, AT, 200, headers, PAGE))
            writer.close()
            digest = sha256(PAGE).hexdigest()
            capture = Capture(url, AT, 200, digest, warc_file=f"{name}.warc.gz", warc_offset=offset)
            database.save(
                [
                    Article(
                        outlet="herald.test",
                        url=url,
                        title="Farm opened",
                        text=TEXT,
                        capture=capture,
                        rules_version="old",
                    )
                ]
            )
    return folder


@pytest.mark.usefixtures("away")
def test_recordings_beside_the_database_are_found(nkwire: Command) -> None:
    said = nkwire("verify", *AWAY)
    assert (said.code, said.out, said.err) == (0, "2 as captured\n", "")
    said = nkwire("export", "pages.warc.gz", *AWAY)
    assert (said.code, said.err) == (0, "2 pages in pages.warc.gz\n")
    assert nkwire("reextract", "--dry-run", *AWAY).out == "2 read as before\n"


def test_missing_recordings_are_one_line_that_names_the_cause(nkwire: Command, away: Path) -> None:
    shutil.rmtree(away / "warc")
    line = (
        "not found, with 2 pages: one.warc.gz, two.warc.gz; nkwire looks in data/warc and"
        " away/warc: set NKWIRE_HOME to the folder whose warc/ has them, or NKWIRE_ARCHIVE if"
        " another host has them\n"
    )
    said = nkwire("verify", *AWAY)
    assert (said.code, said.out, said.err) == (1, "2 no such file\n", line)
    said = nkwire("reextract", "--dry-run", *AWAY)
    assert (said.code, said.out, said.err) == (3, "2 no such file\n", line)
    said = nkwire("export", "pages.warc.gz", *AWAY)
    assert said.code == 3
    assert said.err == (
        "0 pages in pages.warc.gz\n2 recorded pages not found: nkwire looks in data/warc and"
        " away/warc: set NKWIRE_HOME to the folder whose warc/ has them, or NKWIRE_ARCHIVE if another"
        " host has them\n"
    )


def test_the_recordings_of_a_moved_database_are_those_of_its_home(
    nkwire: Command, away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (away / "warc").rename(away.parent / "warc")
    monkeypatch.setenv("NKWIRE_HOME", str(away.parent))
    assert nkwire("verify", *AWAY).out == "2 as captured\n"
