import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.warc.index import index_files
from crawler.warc.pack import pack
from crawler.warc.reader import iter_records, read_record
from crawler.warc.records import Damage, Record, WarcError, parse_http
from crawler.warc.writer import Exchange, WarcWriter

NOON = datetime(2026, 7, 19, 12, 0, 0, 250000, tzinfo=UTC)


def exchange(number: int, **fields: Any) -> Exchange:
    body = f"<html>page {number} {'lantern ' * 50}</html>".encode()
    given: dict[str, Any] = {
        "url": f"https://herald.example/news/{number}?a=1",
        "fetched_at": NOON,
        "status": 200,
        "headers": (("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
        "body": body,
        "reason": "OK",
        "request_headers": (("User-Agent", "nkwire"),),
        "ip": "203.0.113.7",
        **fields,
    }
    return Exchange(**given)


def write(path: Path, count: int = 3) -> list[int]:
    writer = WarcWriter(path)
    offsets = [writer.write(exchange(number)) for number in range(count)]
    writer.close()
    return offsets


def records(path: Path) -> Iterator[Record]:
    return (found for found in iter_records(path) if isinstance(found, Record))


def damages(path: Path) -> list[str]:
    return [found.message for found in iter_records(path) if isinstance(found, Damage)]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    offsets = write(path)
    kinds = [record.kind for record in records(path)]
    assert kinds == ["warcinfo", *["response", "request"] * 3]
    response = read_record(path, offsets[1])
    assert (response.url, response.date) == ("https://herald.example/news/1?a=1", NOON)
    message = parse_http(response.block)
    assert (message.status, message.body) == (200, exchange(1).body)
    assert [value for name, value in message.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert message.header("content-length") == str(len(message.body))


def test_other_programs_read_it_and_find_the_digests_right(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path)
    kinds = []
    for record in ArchiveIterator(io.BytesIO(path.read_bytes()), parse_http=True):
        kinds.append(record.headers["WARC-Type"])
        if kinds[-1] == "response":
            assert record.http_headers.status_code == 200
            assert record.verify_payload_digest()
    assert kinds == ["warcinfo", *["response", "request"] * 3]


@pytest.mark.threats("S14")
def test_a_header_cannot_forge_a_record(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    writer = WarcWriter(path)
    evil = "x\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n"
    offset = writer.write(exchange(1, url="https://herald.example/\r\nWARC-Type: x", ip=evil))
    writer.close()
    record = read_record(path, offset)
    assert record.kind == "response"
    assert len(list(records(path))) == 3


def test_a_further_run_is_appended_behind_a_cut_record(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path, 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    write(path, 1)
    assert [record.kind for record in records(path)].count("response") == 2
    assert len(damages(path)) == 1


@pytest.mark.threats("R10")
def test_a_file_cut_anywhere_gives_all_that_is_whole(tmp_path: Path) -> None:
    path, cut = tmp_path / "a.warc.gz", tmp_path / "cut.warc.gz"
    offsets = write(path)
    data = path.read_bytes()
    for end in range(1, len(data), 37):
        cut.write_bytes(data[:end])
        found = [record.offset for record in records(cut) if record.kind == "response"]
        assert found == [offset for offset in offsets if offset in found]
        assert len(found) >= sum(offset < end for offset in offsets) - 1
        assert len(damages(cut)) <= 1


def test_a_damaged_record_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    offsets = write(path)
    data = bytearray(path.read_bytes())
    data[offsets[1] + 30 : offsets[1] + 60] = b"\x00" * 30
    path.write_bytes(data)
    found = [record.offset for record in records(path) if record.kind == "response"]
    assert found == [offsets[0], offsets[2]]
    assert f"at byte {offsets[1]}" in damages(path)[0]


def test_unpacked_files_and_files_packed_as_a_whole_are_read(tmp_path: Path) -> None:
    path, plain, whole = (tmp_path / name for name in ("a.warc.gz", "b.warc", "c.warc.gz"))
    write(path)
    unpacked = gzip.decompress(path.read_bytes())
    plain.write_bytes(unpacked)
    whole.write_bytes(gzip.compress(unpacked))
    expected = [record.url for record in records(path)]
    for other in (plain, whole):
        found = list(records(other))
        assert [record.url for record in found] == expected
        again = read_record(other, found[3].offset, found[3].member_offset)
        assert again.block == found[3].block


GOOD = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nok\r\n\r\n"


@pytest.mark.parametrize("length", [b"9" * 5000, "²".encode(), b"-2", b"99999999999", b""])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_length_that_lies_costs_one_record_and_one_short_line(
    tmp_path: Path, length: bytes, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(pack(GOOD) + pack(GOOD.replace(b" 2\r", b" " + length + b"\r")) + pack(GOOD))
    assert [record.block for record in records(path)] == [b"ok", b"ok"]
    (told,) = damages(path)
    assert len(told) < 100


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "x"])
def test_a_date_outside_of_the_calendar_is_none(text: str) -> None:
    assert Record(0, {"warc-date": text}, b"").date is None


@pytest.mark.parametrize(
    "flood", [b"WARC/1.", b"WARC/1.0\r\n", b"WARC/1.0\r\n\r\n", b"\x1f\x8b\x08"]
)
def test_a_flood_of_beginnings_is_passed_in_one_go(tmp_path: Path, flood: bytes) -> None:
    # Looked at anew from each beginning, this takes hours.
    path = tmp_path / "a.warc"
    pack = gzip.compress if flood.startswith(b"\x1f") else bytes
    path.write_bytes(pack(GOOD) + flood * (1_000_000 // len(flood)) + pack(GOOD))
    assert [record.block for record in records(path)] == [b"ok", b"ok"]


def test_many_line_ends_between_two_records_are_passed(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(GOOD + b"\r\n" * 100 + GOOD)
    assert [record.block for record in records(path)] == [b"ok", b"ok"]
    assert damages(path) == []


def test_an_unpacked_file_with_a_bad_record_goes_on_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    good = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nok\r\n\r\n"
    bad = b"WARC/1.0\r\nWARC-Type: metadata\r\n\r\nno length\r\n\r\n"
    path.write_bytes(good + bad + good)
    assert len(list(records(path))) == 2
    assert damages(path) == [f"no Content-Length (at byte {len(good)})"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\x28\xb5\x2f\xfd rest", "zstd"),
        (b"<html>no archive</html>", "no WARC header"),
        (gzip.compress(b"no archive", mtime=0), "no WARC header"),
        (b"\x1f\x8b\x08\x00", "cut in the middle"),
    ],
    ids=["empty", "zstd", "html", "gzip of something else", "stump"],
)
def test_files_that_are_no_warc_are_told_in_one_line(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    (told,) = damages(path)
    assert message in told


@pytest.mark.threats("S4")
def test_a_record_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    size = 200_000_000
    head = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {size}\r\n\r\n".encode()
    bomb = packer.compress(head)
    for _ in range(200):
        bomb += packer.compress(b" " * (size // 200))
    write(path, 1)
    path.write_bytes(bomb + packer.flush() + path.read_bytes())
    assert "larger than" in damages(path)[0]
    assert len(list(records(path))) == 3


def test_chunks_of_foreign_archives_are_joined() -> None:
    block = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
        b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    )
    message = parse_http(block)
    assert message.body == b"hello world"
    assert message.header("transfer-encoding") == ""


def test_a_body_that_only_claims_to_be_chunked_stays_as_it_is() -> None:
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>plain</html>"
    assert parse_http(block).body == b"<html>plain</html>"


def test_the_index_pairs_answers_with_what_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    writer = WarcWriter(path)
    writer.write(exchange(1, method="POST", request_body=b"page=2"))
    writer.write(exchange(2, body=b"<rss version='2.0'></rss>"))
    writer.write(
        exchange(3, body=gzip.compress(b"<urlset/>"), headers=(("Content-Encoding", "gzip"),))
    )
    writer.close()
    first, second, third = index_files([path]).responses
    assert (first.method, first.request_body) == ("POST", b"page=2")
    assert [each.is_listing for each in (first, second, third)] == [False, True, True]


def test_the_index_is_in_time_order_and_tells_what_is_wrong(tmp_path: Path) -> None:
    late, early = tmp_path / "late.warc.gz", tmp_path / "early.warc.gz"
    for path, hour in ((late, 13), (early, 11)):
        writer = WarcWriter(path)
        writer.write(exchange(hour, fetched_at=NOON.replace(hour=hour)))
        writer.close()
    early.write_bytes(early.read_bytes()[:-5])
    found = index_files([late, early, tmp_path / "missing.warc.gz"])
    assert [each.captured_at.hour for each in found.responses] == [11, 13]
    assert len(found.problems) == 2
    assert str(early) in found.problems[0]
    assert "missing.warc.gz" in found.problems[1]


def test_a_manifest_is_packed_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html>lantern</html>")
    manifest = tmp_path / "index.jsonl"
    manifest.write_text(
        '{"file": "page.html", "url": "https://herald.example/1", "captured_at": "2020-01-02"}\n'
        '{"file": "missing.html", "url": "https://herald.example/2"}\nnot json\n{"url": "x"}\n'
    )
    told: list[str] = []
    out = tmp_path / "out.warc.gz"
    assert pack(manifest, out, told.append) == 1
    assert [line.split(":")[1] for line in told] == ["2", "3", "4"]
    (recorded,) = index_files([out]).responses
    assert recorded.captured_at == datetime(2020, 1, 2, tzinfo=UTC)


@given(data=st.binary(max_size=400))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_http_message_makes_parsing_fail_otherwise(data: bytes) -> None:
    for block in (data, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data):
        try:
            assert isinstance(parse_http(block).body, bytes)
        except WarcError:
            assert not re.search(rb"\r?\n\r?\n", block)


@given(data=st.binary(max_size=300), cut=st.integers(0, 300))
@settings(max_examples=100, deadline=None)
def test_no_file_makes_reading_fail(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cut: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.warc.gz"
    record = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nok\r\n\r\n"
    for start in (b"", gzip.compress(record)[:cut], record[:cut]):
        path.write_bytes(start + data)
        assert isinstance(list(iter_records(path)), list)
