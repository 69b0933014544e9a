"""Tables on terminals of any width and in pipes: nothing is cut, in any script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from cli.show.summaries import summarise
from cli.show.tables import Cells, fit_columns, format_plain, make_table

COLUMNS = ("outlet", ">articles", "last read", "~what happened", "kind")
ROWS = [
    ("조선중앙통신", "12", "2026-03-01 06:00", "nothing new, " * 6 + "조선로동당 총비서", "crawl"),
    ("the-herald-of-the-north", "3,120", "2026-03-01 07:15", "ok", "ingest"),
    ("中央社", "0", "2026-03-02 23:59", "–", "crawl"),
]
DROPS = ("kind", "articles")
WIDTHS = (40, 60, 80, 100, 160)


def draw(cells: Cells, width: int, drops: tuple[str, ...] = DROPS) -> list[str]:
    console = Console(width=width, force_terminal=False, highlight=False)
    with console.capture() as drawn:
        console.print(make_table(cells, fit_columns(cells, width, drops)))
    return [line.rstrip() for line in drawn.get().splitlines()]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_or_date_is_cut_and_no_line_is_too_long(width: int) -> None:
    lines = draw(Cells(COLUMNS, ROWS), width)
    text = "\n".join(lines)
    assert all(cell_len(line) <= width for line in lines)
    assert all(row[0] in text and row[2] in text for row in ROWS)
    assert "…" not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_text_wraps_and_keeps_all_its_words(width: int) -> None:
    text = " ".join(" ".join(draw(Cells(COLUMNS, ROWS), width)).split())
    words = ROWS[0][3].split()
    assert len(re.findall("nothing", text)) == 6
    assert all(word in text for word in words)


def test_the_least_important_column_goes_first() -> None:
    cells = Cells(COLUMNS, ROWS)
    left_out = [fit_columns(cells, width, DROPS).left_out for width in (160, 88, 78, 60)]
    assert left_out == [(), (), ("kind",), ("kind", "articles")]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_inside_a_text_is_not_broken(width: int) -> None:
    names = (
        "헤럴드경제신문사영문판",
        "the-herald-of-the-north",
        "デイリーNK編集部東京支局特派員室",
    )
    rows = [("r1", ", ".join(names), "北朝鮮が新しい窯を建設したと朝鮮中央通信が伝えた" * 2)]
    lines = draw(Cells(("report", "~carried by", "~title"), rows), width)
    assert all(any(name in line for line in lines) for name in names[:2]), lines


def test_where_nothing_fits_each_row_is_a_block() -> None:
    lines = draw(Cells(COLUMNS, ROWS), 40)
    assert lines[0].split() == ["outlet", "조선중앙통신"]
    assert ["last", "read", "2026-03-01", "06:00"] in [line.split() for line in lines]


@pytest.mark.parametrize("width", WIDTHS)
def test_columns_stand_under_each_other_in_every_script(width: int) -> None:
    rows = [(name, "|") for name in ("plain", "조선중앙통신", "中央社", "ｱｲｳ", "e\u0301te\u0301")]
    lines = draw(Cells(("title", "then"), rows), width)[1:]
    assert len({cell_len(line.partition("|")[0]) for line in lines}) == 1


def test_into_a_pipe_each_row_is_one_whole_line() -> None:
    rows = [("a" * 500, "1"), ("조선", "22")]
    first, second, third = format_plain(Cells(("~name", ">number"), rows)).splitlines()
    assert second == "a" * 500 + "       1"
    assert cell_len(third) == cell_len(first) == cell_len(second)


CELL = st.text("ab 조선中–", max_size=60).map(lambda text: " ".join(text.split()))


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=4), st.integers(20, 120))
def test_no_character_is_lost_at_any_width(rows: list[tuple[str, str, str]], width: int) -> None:
    cells = Cells(("id", "~text", "~more"), rows)
    shown = "".join("".join(draw(cells, width, ())).split())
    for letter in "b조中":
        assert shown.count(letter) == sum("".join(row).count(letter) for row in rows)


def test_a_list_of_names_says_how_many_more_there_are() -> None:
    names = ["KBS verbatim", "SBS edited", "MBC edited", "YTN derived"]
    assert summarise(names, 30) == "KBS verbatim, SBS edited +2"
    assert summarise(names, 5) == "KBS verbatim +3"
    assert summarise(names, None) == ", ".join(names)
    assert summarise(names[:1], 5) == "KBS verbatim"
    assert summarise([], 5) == ""


def test_a_list_of_names_has_as_many_as_it_must_also_if_they_do_not_fit() -> None:
    names = ["The Christian Science Monitor ?", "KBS derived", "SBS edited", "MBC edited"]
    assert summarise(names, 20, 2) == "The Christian Science Monitor ?, KBS derived +2"
    assert summarise(names[:2], 20, 2) == "The Christian Science Monitor ?, KBS derived"
