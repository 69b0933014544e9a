import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.page.gzip_members import MAX_MEMBERS, gunzip
from crawler.extract.page.page import Page

LIMIT = 1024 * 1024
ONE, TWO = gzip.compress(b"one "), gzip.compress(b"two")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (ONE + TWO, b"one two"),
        (ONE + ONE + TWO, b"one one two"),
        (ONE + TWO + b"rubbish", b"one two"),
        (ONE + b"\x00" * 512 + TWO + b"\x00", b"one two"),
        (ONE + gzip.compress(b"") + TWO, b"one two"),
        (gzip.compress(ONE + TWO), b"one two"),
        (b"plain", b"plain"),
        (b"", b""),
    ],
)
def test_all_members_are_unpacked(body: bytes, expected: bytes) -> None:
    assert gunzip(body, LIMIT) == (expected, "")


@pytest.mark.parametrize(
    ("body", "expected", "problem"),
    [
        (ONE + TWO[:-4], b"one two", "cut"),
        (ONE[:-9], b"one ", "cut"),
        (ONE + b"\x1f\x8brubbish", b"one ", "damaged"),
        (b"\x1f\x8brubbish", b"", "damaged"),
        (ONE[:-8] + b"\x00" * 8, b"one ", "damaged"),
        (b"\x1f\x8b", b"", "cut"),
    ],
)
def test_the_readable_part_comes_back_with_what_is_wrong(
    body: bytes, expected: bytes, problem: str
) -> None:
    unpacked, found = gunzip(body, LIMIT)
    assert unpacked.startswith(expected[:-1])
    assert problem in found


@pytest.mark.threats("S4")
def test_no_bomb_grows_beyond_the_limit() -> None:
    bomb = gzip.compress(b" " * 50_000_000, 1)
    for body in (bomb, bomb + bomb, gzip.compress(bomb), gzip.compress(b" " * LIMIT) * 3):
        unpacked, problem = gunzip(body, LIMIT)
        assert len(unpacked) <= LIMIT
        assert "larger than 1 MiB" in problem


@pytest.mark.threats("S4")
def test_a_file_of_countless_members_ends() -> None:
    unpacked, problem = gunzip(gzip.compress(b"x") * (MAX_MEMBERS * 2), LIMIT)
    assert len(unpacked) == MAX_MEMBERS
    assert "members" in problem


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.integers(1, 9))
def test_what_was_packed_comes_back(parts: list[bytes], level: int) -> None:
    packed = b"".join(gzip.compress(part, level) for part in parts)
    whole = b"".join(parts)
    if not whole.startswith(b"\x1f\x8b"):
        assert gunzip(packed, LIMIT) == (whole, "")


@given(st.binary(max_size=200))
def test_any_bytes_after_the_mark_are_survived(noise: bytes) -> None:
    assert len(gunzip(b"\x1f\x8b" + noise, LIMIT)[0]) <= LIMIT
    assert gunzip(ONE + noise, LIMIT)[0].startswith(gzip.decompress(ONE))


def test_a_page_that_is_packed_and_does_not_say_so_is_read() -> None:
    html = "<html><title>Lamp</title></html>".encode("utf-16")
    assert Page(gzip.compress(html[:20]) + gzip.compress(html[20:]), "https://x.example/").html == (
        "<html><title>Lamp</title></html>"
    )


def test_false_gzip_stays_as_it_is() -> None:
    body = b"\x1f\x8b" + zlib.compress(b"Lamp")
    assert Page(body, "https://x.example/").body == body
