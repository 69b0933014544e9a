import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.importers.headline_dates import split_headline_date
from storage.importers.jsonl_reader import BadLine, read_jsonl


@pytest.mark.parametrize(
    ("title", "headline", "date"),
    [
        ("Farm Opened\n\n[2024.02.11.]", "Farm Opened", "2024-02-11"),
        ("Farm Opened\n[Juche113.2.11.]", "Farm Opened", "2024-02-11"),
        ("목장 준공\n[주체113.2.11.]", "목장 준공", "2024-02-11"),
        ("Farm\nOpened \n [2024. 2. 11]  ", "Farm\nOpened", "2024-02-11"),
        ("Farm Opened [2024.02.11.]", "Farm Opened [2024.02.11.]", ""),
        ("[2024.02.11.]", "[2024.02.11.]", ""),
        ("Farm Opened\n[Juche]", "Farm Opened\n[Juche]", ""),
        ("Farm Opened\n[2024.13.45]", "Farm Opened\n[2024.13.45]", ""),
        ("Farm Opened\n[24.2.11.]", "Farm Opened\n[24.2.11.]", ""),
        ("Farm Opened\n[Juche113.2.30.]", "Farm Opened\n[Juche113.2.30.]", ""),
        ("Farm Opened\n[1024.2.11.]", "Farm Opened\n[1024.2.11.]", ""),
    ],
    ids=[
        "gregorian",
        "juche",
        "korean",
        "spaced",
        "in-the-line",
        "nothing-else",
        "no-date",
        "no-month",
        "short-year",
        "no-day",
        "no-year",
    ],
)
def test_a_date_on_a_line_of_its_own_is_no_word_of_the_headline(
    title: str, headline: str, date: str
) -> None:
    assert split_headline_date(title)[:2] == (headline, date)


@given(st.text(alphabet="a \n\r\t[]J12.", max_size=200))
def test_any_headline_is_read(title: str) -> None:
    headline, date, printed = split_headline_date(title)
    assert not date or datetime.fromisoformat(date)
    assert title.startswith(headline)
    assert bool(date) == bool(printed)


@pytest.mark.threats("S9")
def test_a_hostile_headline_takes_no_time() -> None:
    assert split_headline_date("a\n[" * 100_000 + " \n" * 100_000 + "]")[1] == ""


@pytest.mark.parametrize(
    ("fields", "day", "source"),
    [
        ({}, "2024-02-11", "import headline"),
        ({"published_at": "2024-02-10"}, "2024-02-10", "import"),
    ],
    ids=["undated-row", "dated-row"],
)
def test_the_headline_dates_a_row_that_has_no_date(
    tmp_path: Path, fields: dict[str, str], day: str, source: str
) -> None:
    row = {"url": "https://a.test/1", "title": "Farm\n[2024.02.11.]", "text": "Milk."} | fields
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    (article,) = read_jsonl(tmp_path / "a.jsonl")
    assert not isinstance(article, BadLine)
    assert article.title == "Farm"
    assert str(article.published_at)[:10] == day
    assert article.published_source == source
