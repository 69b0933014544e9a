"""`nkwire evaluate`: how well stories and reports are found on articles that somebody labelled."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KILN = (
    "North Korea fired the new tunnel kiln of the Ryongsan Tile Factory on Sunday, the Korean"
    " Central News Agency (KCNA) said. Kim Jong Un praised the builders of the kiln and called for"
    " more roof tiles."
)
KOREAN = "김정은 국무위원장이 룡산기와공장의 새 가마를 돌아봤다고 조선중앙통신이 1일 보도했다."


MANUAL = Path(__file__).parents[3] / "docs/quality.md"


@pytest.fixture
def rows(articles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The two copies and the other article, and two that carry a report in two languages."""
    retold = {"url": "https://paper.example/4", "published_at": "2026-03-01T09:00:00Z"}
    return [
        *articles,
        retold | {"id": "fourth", "title": "Kim fires kiln: KCNA", "text": KILN, "language": "en"},
        retold | {"id": "fifth", "title": "김정은, 새 가마 시찰", "text": KOREAN, "language": "ko"},
    ]


@pytest.fixture
def label(
    rows: list[dict[str, Any]], write: Callable[..., Path], an_empty_folder: Path
) -> Callable[..., None]:
    """Write a folder `labelled` with the articles and with these files beside them."""

    def labelled(**files: object) -> None:
        (an_empty_folder / "labelled").mkdir(exist_ok=True)
        write("labelled/input.jsonl", *rows)
        for name, content in files.items():
            path = an_empty_folder / "labelled" / name.replace("_", ".")
            path.write_text(content if isinstance(content, str) else json.dumps(content))

    return labelled


def by_part(figures: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["groups"], row["part"]): row for row in figures}


def test_figures_come_for_stories_and_reports_by_language(
    nkwire: Callable[..., Any], label: Callable[..., None]
) -> None:
    label(groups_json={"copy_groups": [["first", "second"]], "reports": {"k": ["fourth", "fifth"]}})
    said = nkwire("evaluate", "labelled", "--json")
    assert (said.code, said.err) == (0, "")
    figures = by_part(said.json["figures"])
    stories = figures["stories", "all"]
    assert (stories["set"], stories["articles"], stories["labelled"]) == ("labelled", 5, 1)
    assert (stories["pairs_right"], stories["f1"], stories["b3_f1"]) == (1, 1.0, 1.0)
    across = figures["reports", "across languages"]
    assert (across["pairs_labelled"], across["b3_f1"]) == (1, None)
    assert ("stories", "ko") not in figures


def test_the_table_has_a_line_for_each_part(
    nkwire: Callable[..., Any], label: Callable[..., None]
) -> None:
    label(groups_json={"copy_groups": [["first", "third"]], "reports": []})
    said = nkwire("evaluate", "labelled", "--errors", "5")
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0][:10] == [
        *("set", "of", "part", "articles", "labelled", "found", "pairs", "P", "R", "F1")
    ]
    assert lines[1][:7] == ["labelled", "stories", "all", "5", "1", "1", "1"]
    assert lines[1][7:10] == ["0.000"] * 3
    assert "merged" in said.out
    assert "missed" in said.out
    assert "Ferry will sail again" in said.out


def test_errors_name_the_articles_and_their_headlines(
    nkwire: Callable[..., Any], label: Callable[..., None]
) -> None:
    label(groups_json={"copy_groups": [["first", "third"]]})
    worst = nkwire("evaluate", "labelled", "--errors", "1", "--json").json["errors"]
    assert worst == [
        {
            "set": "labelled",
            "groups": "stories",
            "error": "merged",
            "pairs": 1,
            "a": ["first"],
            "b": ["second"],
            "a_title": "New Kiln Put into Operation",
            "b_title": "Kiln goes into operation",
        }
    ]


def test_labels_may_be_a_table(nkwire: Callable[..., Any], label: Callable[..., None]) -> None:
    label(labels_csv="\ufeffid,story,report\nfirst,a,\nsecond,a,\nfourth,,r\nfifth,,r\nthird,,\n")
    figures = by_part(nkwire("evaluate", "labelled", "--json").json["figures"])
    assert figures["stories", "all"]["f1"] == 1
    assert figures["reports", "all"]["pairs_labelled"] == 1


def test_what_was_not_labelled_is_not_measured(
    nkwire: Callable[..., Any], label: Callable[..., None]
) -> None:
    label(labels_csv="id,report\nfourth,r\nfifth,r\n")
    figures = nkwire("evaluate", "labelled", "--json").json["figures"]
    assert {row["groups"] for row in figures} == {"reports"}


def test_partial_pairs_are_left_out_of_one_line(
    nkwire: Callable[..., Any], label: Callable[..., None]
) -> None:
    pair = {"a": "first", "b": "second", "label": "partial"}
    label(groups_json={"copy_groups": []}, pairs_jsonl=json.dumps(pair))
    figures = by_part(nkwire("evaluate", "labelled", "--json").json["figures"])
    assert figures["stories", "all"]["precision"] == 0
    assert figures["stories", "partial pairs ignored"]["precision"] == 1


def test_several_folders_are_measured_each_by_itself(
    nkwire: Callable[..., Any], label: Callable[..., None], an_empty_folder: Path
) -> None:
    label(groups_json={"copy_groups": [["first", "second"]]})
    (an_empty_folder / "other").mkdir()
    for name in ("input.jsonl", "groups.json"):
        (an_empty_folder / "other" / name).write_bytes(
            (an_empty_folder / "labelled" / name).read_bytes()
        )
    figures = nkwire("evaluate", "labelled", "other", "--json").json["figures"]
    assert [row["set"] for row in figures if row["part"] == "all"] == ["labelled", "other"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "labelled: no groups.json and no labels.csv with labels"),
        ({"groups_json": "{"}, "groups.json: not JSON"),
        ({"groups_json": [["first"]]}, "groups.json: not an object with copy_groups and reports"),
        ({"groups_json": {}}, "groups.json: no labels of stories or reports"),
        ({"groups_json": {"reports": [1]}}, "groups.json: reports is not a list of lists of ids"),
        ({"groups_json": {"reports": "x"}}, "groups.json: reports is not a list of lists of ids"),
        ({"groups_json": {"reports": [["nobody"]]}}, "input.jsonl has no article 'nobody'"),
        (
            {"groups_json": {"reports": [["first"], ["first"]]}},
            "the article 'first' is in two groups of one kind",
        ),
        ({"groups_json": {"reports": []}, "labels_csv": "id\n"}, "keep one of them"),
        ({"labels_csv": "name\nfirst\n"}, "labels.csv: no column id"),
        ({"labels_csv": "id\nfirst\n"}, "labels.csv: no labels of stories or reports"),
        ({"labels_csv": "id,story\nnobody,1\n"}, "input.jsonl has no article 'nobody'"),
        ({"groups_json": {"reports": []}, "pairs_jsonl": "{}\n"}, "pairs.jsonl:1: not an object"),
        ({"groups_json": {"reports": []}, "pairs_jsonl": "{\n"}, "pairs.jsonl:1: not JSON"),
        ({"groups_json": '{"reports":' + "[" * 200_000}, "groups.json: not JSON"),
        ({"groups_json": {"reports": []}, "pairs_jsonl": "[" * 200_000}, "pairs.jsonl:1: not JSON"),
        (
            {
                "groups_json": {"copy_groups": []},
                "pairs_jsonl": '{"a": ["first"], "b": "second", "label": "partial"}',
            },
            "pairs.jsonl:1: a and b are not ids",
        ),
        ({"labels_csv": 'id,story\nfirst,"1\nsecond,1\n'}, "labels.csv: not CSV in UTF-8"),
    ],
)
def test_labels_of_another_form_are_refused_in_one_line(
    files: dict[str, object],
    message: str,
    nkwire: Callable[..., Any],
    label: Callable[..., None],
) -> None:
    label(**files)
    said = nkwire("evaluate", "labelled")
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert message in said.err


def test_a_line_that_is_no_article_is_refused_with_its_number(
    nkwire: Callable[..., Any],
    label: Callable[..., None],
    write: Callable[..., Path],
    rows: list[dict[str, Any]],
) -> None:
    label(groups_json={"copy_groups": []})
    write("labelled/input.jsonl", *rows, b"{")
    said = nkwire("evaluate", "labelled")
    assert said.code == 2
    assert "labelled/input.jsonl:6: not JSON" in said.err
    write("labelled/input.jsonl", *rows, rows[0])
    said = nkwire("evaluate", "labelled")
    assert said.code == 2
    assert "the id 'first' was given before" in said.err


def test_a_folder_without_articles_is_refused(nkwire: Callable[..., Any]) -> None:
    said = nkwire("evaluate", "nowhere")
    assert (said.code, said.err) == (2, "nkwire: nowhere/input.jsonl: no such file\n")


def test_the_example_of_the_manual_can_be_evaluated(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    articles, groups = (content for kind, content in blocks if kind == "json")
    [table] = (content for kind, content in blocks if kind == "csv")
    folder = an_empty_folder / "labelled"
    folder.mkdir()
    (folder / "input.jsonl").write_text(articles, encoding="utf-8")
    said = {}
    for name, content in (("groups.json", groups), ("labels.csv", table)):
        (folder / name).write_text(content, encoding="utf-8")
        said[name] = nkwire("evaluate", "labelled", "--errors", "3")
        (folder / name).unlink()
        assert (said[name].code, said[name].err) == (0, "")
    assert said["groups.json"].out == said["labels.csv"].out
    assert re.search(r"reports +all +3 +1 +1 +1 +1\.000", said["labels.csv"].out)
    assert "no errors" in said["labels.csv"].out
