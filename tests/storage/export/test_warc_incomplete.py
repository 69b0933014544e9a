"""A recording that is gone, damaged or withheld costs its own page only, and is named."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc import ArchiveIterator, WarcRecordType

from cli.app import run
from storage import Database, open_database
from storage.export.export import ExportOptions, export
from storage.records import Article, Capture
from tests.storage.export.test_formats import _record

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
Spoil = Callable[[Path, list[int]], None]


def gone(file: Path, _: list[int]) -> None:
    file.unlink()


def a_folder(file: Path, _: list[int]) -> None:
    file.unlink()
    file.mkdir()


def cut(file: Path, offsets: list[int]) -> None:
    file.write_bytes(file.read_bytes()[: offsets[2] - 9])


def a_flipped_bit(file: Path, offsets: list[int]) -> None:
    body = bytearray(file.read_bytes())
    body[offsets[1] + 40] ^= 0x55
    file.write_bytes(body)


def unpacked(file: Path, _: list[int]) -> None:
    file.write_bytes(b"WARC/1.1\r\n" * 500)


def shorter_than_the_offset(file: Path, offsets: list[int]) -> None:
    file.write_bytes(file.read_bytes()[: offsets[1] - 1])


def links_in_a_circle(file: Path, _: list[int]) -> None:
    file.unlink()
    file.symlink_to(file)


def a_bomb(file: Path, offsets: list[int]) -> None:
    file.write_bytes(file.read_bytes()[: offsets[1]] + gzip.compress(bytes(200 << 20), 1))


SPOILS: dict[Spoil, str] = {
    gone: "gone",
    a_folder: "gone",
    cut: "damaged",
    a_flipped_bit: "damaged",
    unpacked: "not a gzipped",
    shorter_than_the_offset: "damaged",
    links_in_a_circle: "gone",
    a_bomb: "more than 128 MiB",
}


def record(folder: Path, name: str, count: int = 3) -> list[int]:
    members = [gzip.compress(_record(n), mtime=0) for n in range(count)]
    (folder / name).write_bytes(b"".join(members))
    return [sum(map(len, members[:n])) for n in range(count)]


def article(n: int, name: str, offset: int, **fields: str) -> Article:
    url = f"https://example.org/{name[:5]}/{n}"
    capture = Capture(url, AT, 200, warc_file=name, warc_offset=offset)
    given = {"title": f"Title {n}", "text": f"Text {n} of it.", "language": "en", **fields}
    return Article(outlet="kcna", url=url, capture=capture, **given)  # type: ignore[arg-type]


def pages(file: Path) -> list[bytes]:
    with file.open("rb") as stream:
        return [
            each.reader.read()
            for each in ArchiveIterator(stream, parse_http=True)
            if each.record_type == WarcRecordType.response
        ]


@pytest.fixture
def filled(tmp_path: Path) -> tuple[Path, list[int]]:
    """A home with two recordings of three and one pages, and their articles."""
    folder = tmp_path / "data/warc"
    folder.mkdir(parents=True)
    offsets = record(folder, "first.warc.gz")
    record(folder, "other.warc.gz", 1)
    with open_database(f"sqlite:///{tmp_path}/data/nkwire.db") as database:
        database.save([article(n, "first.warc.gz", offsets[n]) for n in range(3)])
        database.save([article(9, "other.warc.gz", 0)])
    return folder, offsets


@pytest.mark.threats("R18")
@pytest.mark.parametrize("spoil", SPOILS, ids=lambda each: each.__name__)
def test_what_cannot_be_copied_is_named_and_the_rest_is_exported(
    spoil: Spoil,
    filled: tuple[Path, list[int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, offsets = filled
    spoil(folder / "first.warc.gz", offsets)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NKWIRE_HOME", str(tmp_path / "data"))
    assert run(["export", "out.warc.gz", "--all"]) == 3
    told = capsys.readouterr().err.splitlines()
    named = [line for line in told if "first.warc.gz at byte" in line]
    assert named
    assert all(line.startswith("https://example.org/first/") for line in named)
    assert any(SPOILS[spoil] in line for line in named)
    assert len(pages(tmp_path / "out.warc.gz")) == 4 - len(named)
    assert b"page 0" in pages(tmp_path / "out.warc.gz")


@pytest.mark.threats("R18")
@pytest.mark.parametrize(
    "name", ["x" * 400, "한국" * 200, "a\x00b", "../first.warc.gz", "/etc/passwd"]
)
def test_a_name_that_no_recording_has_costs_one_line(
    name: str, sqlite_corpus: Database, tmp_path: Path
) -> None:
    (offset, *_) = record(tmp_path, "first.warc.gz")
    sqlite_corpus.save([article(1, name, 0), article(2, "first.warc.gz", offset)])
    told: list[str] = []
    options = ExportOptions(recordings=[tmp_path], on_problem=told.append)
    assert export(sqlite_corpus, tmp_path / "out.warc.gz", format="warc", options=options) == 1
    assert len(told) == 1


@pytest.mark.threats("R3")
@pytest.mark.parametrize(
    ("rights", "count"),
    [("full", 2), ("", 2), ("lead", 1), ("none", 1), ("lead: X-Robots-Tag: noarchive", 1)],
)
def test_a_page_whose_rights_withhold_its_text_is_not_in_the_file(
    rights: str, count: int, sqlite_corpus: Database, tmp_path: Path
) -> None:
    offsets = record(tmp_path, "first.warc.gz")
    sqlite_corpus.save(
        [
            article(0, "first.warc.gz", offsets[0], rights=rights),
            article(1, "first.warc.gz", offsets[1]),
        ]
    )
    told: list[str] = []
    options = ExportOptions(recordings=[tmp_path], on_problem=told.append)
    out = tmp_path / "out.warc.gz"
    assert export(sqlite_corpus, out, format="warc", options=options) == count
    assert len(pages(out)) == count
    assert told == []


@pytest.mark.threats("R3")
def test_neither_what_an_outlet_declares_today_nor_a_request_for_less_is_passed_by(
    sqlite_corpus: Database, tmp_path: Path
) -> None:
    offsets = record(tmp_path, "first.warc.gz")
    sqlite_corpus.save([article(0, "first.warc.gz", offsets[0])])
    out = tmp_path / "out.warc.gz"
    declared = ExportOptions(recordings=[tmp_path], declared_rights={"kcna": "lead"})
    assert export(sqlite_corpus, out, format="warc", options=declared) == 0
    plain = ExportOptions(recordings=[tmp_path])
    assert export(sqlite_corpus, out, format="warc", text="lead", options=plain) == 0
    assert export(sqlite_corpus, out, format="warc", options=plain) == 1
