"""The cues of an article, and their way through bytes."""

import dataclasses
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.attribution.citation import CarrierGrade
from dedup.records import Document
from dedup.reports.cues import Cues, decode_cues, encode_cues, extract_cues
from dedup.reports.terms import Writing, hash_term

Make = Callable[..., Document]

KILN = (
    "Kim Jong Un lit the new tunnel kiln of the Ryongsan Tile Factory, the Korean Central News"
    " Agency (KCNA) said. He called it “a proud creation of our own builders”."
)
ARRAYS = ("terms", "weights", "headline", "quotes")


def plain(cues: Cues) -> dict[str, Any]:
    """The cues as values that can be compared."""
    values = {each.name: getattr(cues, each.name) for each in dataclasses.fields(cues)}
    return values | {name: values[name].tolist() for name in ARRAYS}


def document(title: str, text: str, at: datetime | None, rank: int = 9) -> Document:
    return Document(7, "u", title, text, "ko", "paper", at, rank=rank)


def test_cues_survive_their_way_through_bytes(make: Make) -> None:
    cues = extract_cues(make(KILN, title="Kim lights kiln: KCNA", language="en"))
    assert plain(decode_cues(encode_cues(cues))) == plain(cues)
    assert encode_cues(decode_cues(encode_cues(cues))) == encode_cues(cues)


def test_a_time_of_any_zone_comes_back_as_the_same_instant() -> None:
    at = datetime(2026, 3, 1, 6, 30, tzinfo=timezone(timedelta(hours=9)))
    back = decode_cues(encode_cues(extract_cues(document("Kiln", KILN, at)))).published_at
    assert back == at
    assert back.utcoffset() == timedelta(0)


@given(
    st.text(max_size=60),
    st.text(max_size=300),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 9),
)
def test_any_text_has_cues_that_survive_their_way_through_bytes(
    title: str, text: str, at: datetime | None, rank: int
) -> None:
    cues = extract_cues(document(title, text, at, rank))
    assert plain(decode_cues(encode_cues(cues))) == plain(cues)
    assert np.all(np.diff(cues.terms.astype(np.int64)) > 0)
    assert len(cues.terms) == len(cues.weights) == len(cues.headline)
    for vector in (cues.weights, cues.headline):
        length = float(np.linalg.norm(vector.astype(np.float64)))
        assert length == 0 or length == pytest.approx(1, abs=0.01)


def test_lone_surrogates_have_cues_too() -> None:
    cues = extract_cues(document("\ud800 kiln", "“\udfff\udfff\udfff\udfff kiln”", None))
    assert plain(decode_cues(encode_cues(cues))) == plain(cues)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        *(
            struct.pack("<II", length, zlib.crc32(body)) + body
            for length, body in (
                (2, b"{}"),
                (2, b"[]"),
                (4, b"null"),
                (1, b"{"),
                (2**32 - 1, b"{}"),
                (1, b"\xff"),
            )
        ),
        b"these bytes are of something else",
    ],
)
def test_bytes_of_something_else_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason
        decode_cues(data)


@given(st.data())
def test_bytes_that_were_cut_are_refused(data: st.DataObject) -> None:
    whole = encode_cues(extract_cues(document("Kiln", KILN, None)))
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(ValueError):  # noqa: PT011 - any reason
        decode_cues(cut)


@given(st.data())
def test_bytes_with_a_wrong_bit_are_refused(data: st.DataObject) -> None:
    whole = bytearray(encode_cues(extract_cues(document("Kiln", KILN, None))))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError):  # noqa: PT011 - any reason
        decode_cues(bytes(whole))


@pytest.mark.threats("S18")
@given(st.binary(max_size=80))
def test_any_bytes_are_cues_or_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason
        decode_cues(data)


def test_the_headline_counts_twice(make: Make) -> None:
    cues = extract_cues(make("harbour lantern", title="lantern kettle", language="en"))
    weight = dict(zip(cues.terms.tolist(), cues.weights.tolist(), strict=True))
    headline = dict(zip(cues.terms.tolist(), cues.headline.tolist(), strict=True))
    assert set(weight) == {*map(hash_term, ("harbour", "lantern", "kettle"))}
    assert headline[hash_term("harbour")] == 0
    assert min(headline[hash_term("lantern")], headline[hash_term("kettle")]) > 0
    once = extract_cues(make("harbour lantern lantern kettle", title="", language="en"))
    less = dict(zip(once.terms.tolist(), once.weights.tolist(), strict=True))
    ratio = weight[hash_term("lantern")] / weight[hash_term("harbour")]
    assert ratio > less[hash_term("lantern")] / less[hash_term("harbour")]


def test_only_the_lead_of_a_long_text_counts(make: Make) -> None:
    cues = extract_cues(make("harbour " * 200 + "lantern", title="kiln", language="en"))
    assert hash_term("lantern") not in cues.terms


def test_without_a_headline_the_beginning_takes_its_place(make: Make) -> None:
    cues = extract_cues(make("lantern " * 15 + "harbour", language="en"))
    headline = dict(zip(cues.terms.tolist(), cues.headline.tolist(), strict=True))
    assert headline[hash_term("lantern")] == pytest.approx(1)
    assert headline[hash_term("harbour")] == 0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("He said “the lamp of the north” twice.", "«the lamp, of the North»"),
        ("그는 ‘북쪽의 등불이다’라고 했다.", "그는 “북쪽의 등불이다”라고 했다."),
        ("他說「北方的燈塔」。", "他說『北方的燈塔』。"),
    ],
)
def test_quoted_words_are_compared_whatever_the_marks(make: Make, one: str, two: str) -> None:
    quotes = [set(extract_cues(make(each)).quotes.tolist()) for each in (one, two)]
    assert quotes[0] == quotes[1] != set()


def test_what_an_article_is_stands_in_its_cues(make: Make) -> None:
    cues = extract_cues(make(KILN, title="Kim lights kiln", outlet="paper", language="en", rank=9))
    assert (cues.outlet, cues.language, cues.rank) == ("paper", "en", 9)
    assert (cues.writing, cues.grade) == (Writing.LATIN, CarrierGrade.EARLY)
    assert cues.carries
    own = extract_cues(make("The tower opened.", rank=0))
    assert own.grade is CarrierGrade.OWN
    assert own.carries
    assert not extract_cues(make("The tower opened.")).carries
