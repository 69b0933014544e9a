import locale
from collections.abc import Callable
from typing import Any

import pytest

from cli.charts.bars import bar
from tests.cli.conftest import Command

BLOCKS = set("█▉▊▋▌▍▎▏")


@pytest.fixture
def undated(
    nkwire: Command, corpus: list[dict[str, Any]], write: Callable[..., object]
) -> list[dict[str, Any]]:
    """The corpus with a fourth article, which has no date and no language."""
    other = {
        "url": "https://radio.example/1",
        "outlet": "radio",
        "title": "Lighthouse repainted",
        "text": "The lighthouse keeper of Sokdo has repainted the tower in white and red. " * 9,
    }
    assert nkwire("import", write("more.jsonl", other)).code == 0
    return [*corpus, other]


@pytest.mark.usefixtures("undated")
def test_articles_are_counted_by_day_with_the_undated_apart(nkwire: Command) -> None:
    done = nkwire("stats")
    lines = [line.split() for line in done.out.splitlines()]
    assert ["articles", "4"] in lines
    assert ["undated", "1"] in lines
    assert ["first", "day", "2026-03-01"] in lines
    chart = lines[lines.index([]) + 2 :]
    assert [line[:2] for line in chart] == [
        ["2026-03-01", "2"],
        ["2026-03-02", "0"],
        ["2026-03-03", "1"],
        ["undated", "1"],
    ]
    assert len(chart[0][2]) == 2 * len(chart[2][2]) == 50


@pytest.mark.usefixtures("undated")
@pytest.mark.parametrize(
    ("by", "counts"),
    [
        ("year", {"2026": 3, None: 1}),
        ("month", {"2026-03": 3, None: 1}),
        ("week", {"2026-02-23": 2, "2026-03-02": 1, None: 1}),
        ("outlet", {"herald": 2, "agency": 1, "radio": 1}),
    ],
)
def test_json_has_the_counts_in_their_order(
    nkwire: Command, by: str, counts: dict[str, int]
) -> None:
    answer = nkwire("stats", "--by", by, "--json").json
    assert (answer["articles"], answer["undated"], answer["outlets"]) == (4, 1, 3)
    assert [(each[by], each["articles"]) for each in answer["counts"]] == list(counts.items())


@pytest.mark.usefixtures("undated")
def test_a_period_says_that_articles_without_a_date_are_left_out(nkwire: Command) -> None:
    done = nkwire("stats", "--since", "2026-03-02", "--by", "outlet")
    assert done.code == 0
    assert "1 article without a date is left out: its day is not known" in done.err
    assert "undated" not in done.out
    assert "agency" not in done.out
    as_json = nkwire("stats", "--since", "2026-03-02", "--json")
    assert as_json.json["undated"] == 1
    assert "1 article without a date is left out" in as_json.err


@pytest.mark.usefixtures("corpus")
def test_a_wrong_name_of_an_outlet_gets_the_right_one(nkwire: Command) -> None:
    done = nkwire("stats", "--outlet", "heralt")
    assert (done.code, done.out) == (2, "")
    assert "did you mean herald?" in done.err


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("by", ["year", "outlet", "language"])
def test_an_empty_answer_says_why(nkwire: Command, by: str) -> None:
    done = nkwire("stats", "--by", by, "--since", "2030-01-01")
    assert (done.code, done.out) == (0, "")
    assert "no article passes these filters" in done.err
    assert nkwire("stats", "--by", by, "--since", "2030-01-01", "--json").json["counts"] == []


@pytest.mark.usefixtures("corpus")
def test_a_locale_without_unicode_gets_bars_of_ascii(
    nkwire: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BLOCKS & set(nkwire("stats").out)
    monkeypatch.setattr(locale, "getencoding", lambda: "ANSI_X3.4-1968")
    plain = nkwire("stats").out
    assert plain.isascii()
    assert "#" * 50 in plain


def test_a_bar_is_in_proportion_and_never_empty_for_a_number() -> None:
    assert bar(8, 8, 4) == "████"
    assert bar(5, 8, 4) == "██▌"
    assert bar(1, 10_000, 10) == "▏"
    assert bar(0, 8, 4) == bar(0, 0, 4) == ""
    assert bar(1, 10_000, 10, is_ascii=True) == "#"


def test_a_long_name_of_an_outlet_is_whole_beside_a_bar(
    nkwire: Command, corpus: list[dict[str, Any]], write: Callable[..., object]
) -> None:
    name = "The Very Long Name of a Newspaper in Many Words " * 4
    row = {**corpus[2], "outlet": name, "url": "https://long.example/1"}
    assert nkwire("import", write("long.jsonl", row)).code == 0
    lines = nkwire("stats", "--by", "outlet").out.splitlines()
    (line,) = [line for line in lines if line.startswith("The Very Long")]
    assert line.startswith(name.strip())
    assert len(BLOCKS & set(line)) == 1
