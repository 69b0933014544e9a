import gzip
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.importers.jsonl_reader import BadLine, read_jsonl
from storage.records import Article, Dateline, PageClass, TimePrecision

Read = Callable[..., list[Article | BadLine]]
GOOD = {"url": "https://a.test/1", "title": "T", "text": "Words.", "language": "en"}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads lines, given as bytes or as objects."""

    def reader(*lines: object) -> list[Article | BadLine]:
        path = tmp_path / "in.jsonl"
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        path.write_bytes(b"\n".join(raw))
        return list(read_jsonl(path))

    return reader


def article(found: list[Article | BadLine]) -> Article:
    [only] = found
    assert isinstance(only, Article)
    return only


def test_all_fields_are_read(read: Read) -> None:
    found = article(
        read(
            {
                **GOOD,
                "id": 77,
                "outlet": "kcna",
                "key": "k",
                "canonical_url": "https://a.test/c",
                "lead_text": "Lead.",
                "authors": ["A", "B"],
                "tags": "one",
                "captions": ["C"],
                "dateline": {"place": "Pyongyang", "date": "July 19", "agency": "KCNA"},
                "published_at": "2026-07-19T10:30:00+09:00",
                "modified_at": "2026-07-19T02:00:00Z",
                "first_seen_at": "2026-07-19T03:00:00Z",
                "page_class": "stub",
                "evidence": {"title": "og"},
                "unknown": {"passed": "over"},
            }
        )
    )
    assert (found.external_id, found.outlet, found.key, found.lead) == ("77", "kcna", "k", "Lead.")
    assert (found.authors, found.tags, found.captions) == (("A", "B"), ("one",), ("C",))
    assert found.dateline == Dateline("Pyongyang", "July 19", "KCNA")
    assert found.published_at == datetime(2026, 7, 19, 1, 30, tzinfo=UTC)
    assert (found.published_precision, found.published_source) == (TimePrecision.SECOND, "import")
    assert (found.page_class, found.evidence) == (PageClass.STUB, {"title": "og"})


@pytest.mark.parametrize(
    ("row", "outlet"),
    [
        (
            {
                "url": "https://www.news.a.co.uk/1",
                "title": "T",
                "maintext": "Words.",
                "date_publish": "2026-07-19 10:30:00",
                "description": "Lead.",
                "source_domain": "www.news.a.co.uk",
            },
            "a.co.uk",
        ),
        (
            {
                "url": "https://a.test/1",
                "title": "T",
                "text": "Words.",
                "publish_date": "2026-07-19 10:30:00",
                "media_name": "The Herald",
                "stories_id": 5,
            },
            "The Herald",
        ),
    ],
    ids=["news-please", "Media Cloud"],
)
def test_the_names_of_other_systems_are_understood(
    row: dict[str, object], outlet: str, read: Read
) -> None:
    found = article(read(row))
    assert (found.outlet, found.text) == (outlet, "Words.")
    assert found.published_at == datetime(2026, 7, 19, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{not json", "not JSON"),
        (b'["a"]', "not an object but list"),
        (b"\xff\xfe{}", "not UTF-8: byte 0xff at 0"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": "\\u0041"' + b"[" * 100_000, "not JSON"),
        ({**GOOD, "url": ""}, "no url"),
        ({"url": "https://a.test/1"}, "neither title nor text"),
        ({**GOOD, "title": ["T"]}, "title is not text but list"),
        ({**GOOD, "url": "http://[::bad"}, "not an http(s) address"),
    ],
    ids=["broken", "list", "utf-16", "deep", "deep with escapes", "url", "empty", "type", "host"],
)
def test_a_bad_line_is_told_with_its_number_and_the_rest_is_read(
    line: object, reason: str, read: Read
) -> None:
    first, bad, last = read(GOOD, line, GOOD)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(bad, BadLine)
    assert bad.number == 2
    assert reason in bad.reason
    assert "\n" not in bad.reason


def test_lone_surrogates_are_read_and_left_to_be_cleaned(read: Read) -> None:
    line = b'{"url": "https://a.test/1", "title": "T\\ud83d", "text": "x", "language": "en"}'
    assert article(read(line)).title == "T\ud83d"


def test_empty_lines_and_a_byte_order_mark_are_passed_over(read: Read) -> None:
    lines = [b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), b"", b"  ", json.dumps(GOOD).encode()]
    assert [type(found) for found in read(*lines)] == [Article, Article]


def test_a_gzip_file_cut_in_the_middle_gives_what_it_holds_and_one_bad_line(
    tmp_path: Path,
) -> None:
    path = tmp_path / "in.jsonl.gz"
    rows = [{**GOOD, "url": f"https://a.test/{n}", "text": f"{n * 7919}"} for n in range(2000)]
    whole = gzip.compress("\n".join(json.dumps(row) for row in rows).encode())
    path.write_bytes(whole[: len(whole) // 2])
    *articles, last = read_jsonl(path)
    assert articles
    assert all(isinstance(each, Article) for each in articles)
    assert isinstance(last, BadLine)
    assert "damaged" in last.reason


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.importers.jsonl_reader.MAX_ROW_BYTES", 2**20)
    path = tmp_path / "in.jsonl"
    good = json.dumps(GOOD).encode()
    path.write_bytes(good + b"\n" + b"x" * (3 * 2**20) + b"\n" + good)
    first, bad, last = read_jsonl(path)
    assert isinstance(bad, BadLine)
    assert (type(first), bad.number, type(last)) == (Article, 2, Article)


def test_a_missing_language_is_guessed_from_the_words(read: Read) -> None:
    words = (
        "김정은 총비서가 새로 건설된 공장을 현지지도하시였다. 생산을 늘일데 대하여 가르치시였다."
    )
    assert article(read({**GOOD, "language": "", "text": words})).language == "ko"
    assert article(read({**GOOD, "language": "en-US"})).language == "en"
    assert article(read({**GOOD, "language": ""})).language == ""


def test_who_imports_may_name_the_outlets(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps(GOOD))
    [found] = read_jsonl(path, outlet_from_url=lambda url: url.upper())
    assert isinstance(found, Article)
    assert found.outlet == "HTTPS://A.TEST/1"


def test_the_words_of_a_time_that_cannot_be_read_are_kept(read: Read) -> None:
    found = article(read({**GOOD, "published_at": "Juche 115, July"}))
    assert (found.published_at, found.published_raw) == (None, "Juche 115, July")
    assert found.evidence == {"published_at": "not understood: Juche 115, July"}


@pytest.mark.parametrize("missing", [None, "", "NaT", "nan", "n/a", "0000-00-00 00:00:00", 0])
def test_a_missing_time_hides_no_other_and_is_no_wrong_time(read: Read, missing: object) -> None:
    found = article(read({**GOOD, "published_at": missing, "publish_date": "2026-07-19"}))
    assert found.published_precision is TimePrecision.DAY
    found = article(read({**GOOD, "published_at": missing, "date_modify": missing}))
    assert (found.published_at, found.published_raw, found.evidence) == (None, "", {})


def test_the_words_of_other_times_that_cannot_be_read_are_kept_too(read: Read) -> None:
    found = article(read({**GOOD, "modified_at": "03/04/2026", "first_seen_at": "soon"}))
    assert found.evidence == {
        "modified_at": "not understood: 03/04/2026",
        "first_seen_at": "not understood: soon",
    }


@given(st.binary(max_size=200))
def test_any_line_is_an_article_or_a_bad_line(line: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.jsonl"
        path.write_bytes(line)
        assert all(isinstance(each, Article | BadLine) for each in read_jsonl(path))
