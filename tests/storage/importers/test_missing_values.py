"""What says in a table that there is no value comes in as none, and lists in cells as lists."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.importers.files import read_articles
from storage.importers.list_cells import parse_list_cell
from storage.importers.missing_values import MISSING_WORDS, is_missing
from storage.records import Article

ROW: dict[str, Any] = {"url": "https://paper.example/1", "title": "A kiln", "text": "Rain fell."}
GAPS = ("lead", "section", "outlet", "language", "published_at", "authors", "tags", "id")


def only(path: Path) -> Article:
    (found,) = read_articles(path)
    assert isinstance(found, Article), found
    return found


def check_gaps(found: Article) -> None:
    assert (found.lead, found.section, found.language, found.external_id) == ("", "", "", "")
    assert (found.authors, found.tags, found.outlet) == ((), (), "paper.example")
    assert (found.published_at, found.published_raw) == (None, "")


@pytest.mark.parametrize("title", ["A kiln", "Le café"], ids=["plain", "with an escape"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_nan_in_json_is_null(tmp_path: Path, name: str, title: str) -> None:
    row = ROW | {"title": title} | dict.fromkeys(GAPS, float("nan"))
    (tmp_path / name).write_text(json.dumps(row))
    found = only(tmp_path / name)
    assert found.title == title
    check_gaps(found)


@pytest.mark.parametrize("value", [float("nan"), None, pd.NaT], ids=str)
@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
def test_gaps_of_pandas_are_null(tmp_path: Path, name: str, value: object) -> None:
    frame = pd.DataFrame([ROW | dict.fromkeys(GAPS, value)])
    write = frame.to_parquet if name == "a.parquet" else frame.to_csv
    write(tmp_path / name)
    check_gaps(only(tmp_path / name))


@pytest.mark.parametrize("word", sorted(MISSING_WORDS - {""}))
def test_words_for_nothing_in_csv_are_null(tmp_path: Path, word: str) -> None:
    pd.DataFrame([ROW | dict.fromkeys(GAPS, word)]).to_csv(tmp_path / "a.csv", index=False)
    check_gaps(only(tmp_path / "a.csv"))


def test_a_headline_of_nothing_is_none(tmp_path: Path) -> None:
    frame = pd.DataFrame([ROW | {"title": np.nan}]).astype({"title": str})
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert only(tmp_path / "a.csv").title == ""


@pytest.mark.parametrize("word", ["Nan", "none of it", "NA", "n/a", 0, False, "0"])
def test_other_words_are_values(word: object) -> None:
    assert not is_missing(word)


def test_whole_numbers_that_pandas_made_floats_are_whole_again(tmp_path: Path) -> None:
    frame = pd.DataFrame([ROW | {"id": 7}, ROW | {"url": "https://paper.example/2", "id": None}])
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "a.csv")
    first, _ = read_articles(tmp_path / "a.parquet")
    assert isinstance(first, Article)
    assert first.external_id == "7"


@pytest.mark.parametrize("values", [["A", "B"], ["O'Neil", 'said "so"'], ["A, B", "C"], ["A"], []])
@pytest.mark.parametrize("as_array", [True, False], ids=["array", "list"])
@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
def test_columns_of_lists_are_lists(
    tmp_path: Path, name: str, values: list[str], as_array: bool
) -> None:
    cell = np.array(values, dtype=object) if as_array else values
    frame = pd.DataFrame([ROW | {"authors": cell, "tags": cell}])
    write = frame.to_parquet if name == "a.parquet" else frame.to_csv
    write(tmp_path / name)
    found = only(tmp_path / name)
    assert (found.authors, found.tags) == (tuple(values), tuple(values))


@pytest.mark.parametrize("cell", ["[A, B]", "A", "", "[", "['A', B]", "['A'", "(c) Paper", "['A]"])
def test_other_cells_are_no_lists(cell: str) -> None:
    assert parse_list_cell(cell) is None


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), max_size=5))
def test_a_list_comes_back_as_python_and_json_print_it(texts: list[str]) -> None:
    assert parse_list_cell(json.dumps(texts)) == texts
    assert parse_list_cell(json.dumps(texts, ensure_ascii=False)) == texts
    assert parse_list_cell(repr(texts)) == texts


def test_authors_in_a_cell_of_escaped_json_are_read(tmp_path: Path) -> None:
    frame = pd.DataFrame([ROW | {"authors": json.dumps(["김철수", "이영희"])}])
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert only(tmp_path / "a.csv").authors == ("김철수", "이영희")


@pytest.mark.parametrize("cell", [r"['\ud83d']", r"['\U0011ffff', '\xg', '\u12']", r"['\q']"])
def test_escapes_that_mean_no_character_do_no_harm(cell: str) -> None:
    assert parse_list_cell(cell) is not None


@given(st.text("[]'\"\\,an ", max_size=30))
def test_any_cell_is_a_list_or_none(cell: str) -> None:
    found = parse_list_cell(cell)
    assert found is None or all(isinstance(each, str) for each in found)
