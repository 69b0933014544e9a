import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-not-found, import-untyped, unused-ignore]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.warc.content_coding import MAX_DECODED_BYTES, decode_body
from crawler.warc.records import HttpMessage, WarcError, parse_http
from storage.export.formats.output_files import import_zstd

PAGE = "<!DOCTYPE html><html><body><p>등대 수리 The lighthouse is repaired.</p></body></html>" * 9


def _deflate_raw(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def _as_it_is(body: bytes) -> bytes:
    return body


PACKERS: list[Callable[[bytes], bytes]] = [
    _as_it_is,
    gzip.compress,
    zlib.compress,
    _deflate_raw,
    brotli.compress,
    import_zstd().compress,
]


def message(coding: str, body: bytes) -> HttpMessage:
    headers = (("Content-Encoding", coding),) if coding else ()
    return HttpMessage("HTTP/1.1 200 OK", 200, headers, body)


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("stated", ["", "gzip", "x-gzip", "deflate", "br", "zstd", "identity"])
@pytest.mark.parametrize("charset", ["utf-8", "cp949", "utf-16", "utf-16-le", "iso-2022-kr"])
def test_the_bytes_decide_and_not_the_header(
    pack: Callable[[bytes], bytes], stated: str, charset: str
) -> None:
    body = PAGE.encode(charset)
    assert decode_body(message(stated, pack(body))) == body


@pytest.mark.parametrize("stated", ["gzip", "gzip, br", "br, gzip", ""])
def test_a_body_that_is_packed_twice_is_unpacked_twice(stated: str) -> None:
    body = PAGE.encode()
    assert decode_body(message(stated, gzip.compress(gzip.compress(body)))) == body
    assert decode_body(message(stated, brotli.compress(gzip.compress(body)))) == body


def test_all_members_of_a_body_are_read_and_what_follows_them_is_not() -> None:
    body = PAGE.encode()
    packed = gzip.compress(body[:100]) + gzip.compress(body[100:])
    assert decode_body(message("gzip", packed + b"\0\0 trailing")) == body
    frames = import_zstd().compress(body[:100]) + import_zstd().compress(body[100:])
    assert decode_body(message("zstd", frames)) == body


@pytest.mark.parametrize("pack", [gzip.compress, import_zstd().compress])
def test_very_many_members_are_all_read(pack: Callable[[bytes], bytes]) -> None:
    # A reading that grows with the square would take minutes here.
    assert decode_body(message("", pack(b"a") * 100_000)) == b"a" * 100_000


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, _deflate_raw])
def test_a_cut_body_gives_what_it_holds(pack: Callable[[bytes], bytes]) -> None:
    body = "".join(chr(97 + n * n % 23) for n in range(9000)).encode()
    packed = pack(body)
    decoded = decode_body(message("deflate", packed[: len(packed) // 2]))
    assert decoded
    assert body.startswith(decoded)


@pytest.mark.parametrize("stated", ["gzip", "deflate", "br", "zstd"])
def test_bytes_that_are_neither_text_nor_packed_are_refused(stated: str) -> None:
    with pytest.raises(WarcError, match=stated):
        decode_body(message(stated, b"\x01\x02\x03\xff\x00" * 40))


def test_a_damaged_body_is_refused_without_a_header_too() -> None:
    packed = bytearray(gzip.compress(PAGE.encode()))
    packed[12:30] = b"\xff" * 18
    with pytest.raises(WarcError, match="cannot be unpacked"):
        decode_body(message("", bytes(packed)))


@pytest.mark.threats("S4")
@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, brotli.compress])
def test_a_bomb_is_refused(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(WarcError, match="more than 64 MiB"):
        decode_body(message("br", pack(bytes(MAX_DECODED_BYTES + 9))))


def test_a_limit_stops_the_unpacking_early() -> None:
    packed = gzip.compress(b"a" * 10_000_000)
    assert 1000 <= len(decode_body(message("gzip", packed), 1000)) < 100_000


def http(headers: str, body: bytes) -> HttpMessage:
    return parse_http(f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode() + body)


CHUNKS = b"6\r\n<html>\r\n8;x=y\r\n</html>\n\r\n0\r\n\r\n"


@pytest.mark.parametrize("header", ["Transfer-Encoding: chunked\r\n", "", "X: y\r\n"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CHUNKS, b"<html></html>\n"),
        (CHUNKS.replace(b"\r\n", b"\n"), b"<html></html>\n"),
        (b"<html></html>\n", b"<html></html>\n"),
        (b"3\r\nmen in a boat\r\n", b"3\r\nmen in a boat\r\n"),
    ],
)
def test_the_bytes_decide_whether_a_body_has_chunks(
    header: str, body: bytes, expected: bytes
) -> None:
    assert decode_body(http(header, body)) == expected


def test_packed_chunks_are_joined_and_unpacked() -> None:
    packed = gzip.compress(PAGE.encode())
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:50], packed[50:]))
    for headers in ("", "Transfer-Encoding: gzip, chunked\r\n", "Content-Encoding: br\r\n"):
        assert decode_body(http(headers, body + b"0\r\n\r\n")) == PAGE.encode()


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "br", "zstd", "gzip, br"]))
def test_no_body_makes_decoding_fail_otherwise(body: bytes, stated: str) -> None:
    try:
        decoded = decode_body(message(stated, body))
    except WarcError:
        return
    assert isinstance(decoded, bytes)


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=200))
def test_plain_text_is_never_taken_for_packed(text: str) -> None:
    body = f"<html>{text}".encode()
    for stated in ("", "gzip", "deflate", "br", "zstd"):
        assert decode_body(message(stated, body)) == body


def test_a_body_that_only_begins_like_a_chunk_stays_as_it_is() -> None:
    body = b"add\r\nthe salt, and stir.\r\n"
    assert decode_body(http("", body)) == body
