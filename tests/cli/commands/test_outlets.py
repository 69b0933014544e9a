from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.registry import outlets


def test_outlets_are_listed_as_declared(nkwire: Callable[..., Any]) -> None:
    rows = nkwire("outlets", "--json").json
    assert {row["outlet"] for row in rows} == set(outlets())
    kcna = next(row for row in rows if row["outlet"] == "kcna")
    assert kcna["title"] == "Korean Central News Agency"
    assert kcna["every_seconds"] == outlets()["kcna"].every.total_seconds()


def test_a_table_has_one_line_a_row(nkwire: Callable[..., Any]) -> None:
    assert nkwire("outlets").out.count("\n") == len(outlets()) + 1


def test_status_counts_what_is_held(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    rows = {row["outlet"]: row for row in nkwire("status", "--json").json}
    assert (rows["herald"]["articles"], rows["herald"]["stories"]) == (2, 2)
    assert "herald" in nkwire("status").out


def test_stories_of_several_articles_are_listed(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    (story,) = nkwire("stories", "--json").json
    assert [member["outlet"] for member in story["members"]] == ["agency", "herald"]
    assert len(nkwire("stories", "--at-least", "1", "--json").json) == 2
    assert nkwire("stories", "--since", "2026-03-02", "--json").json == []
    assert f"s{story['story']}" in nkwire("stories").out


@pytest.mark.parametrize(
    "name", ["1", "https://agency.example/1", "first"], ids=["id", "url", "external id"]
)
def test_an_article_is_shown_by_any_of_its_names(
    name: str, nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    shown = nkwire("show", name, "--json").json
    assert (shown["url"], len(shown["versions"])) == ("https://agency.example/1", 1)
    assert corpus[0]["text"] in nkwire("show", name).out


@pytest.mark.parametrize("name", ["99999999999999999999", "s99999999999999999999", ""])
@pytest.mark.parametrize("before", [["show"], ["split"], ["merge", "1"]])
def test_a_number_beyond_64_bits_and_an_empty_name_are_no_article(
    before: list[str], name: str, nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    said = nkwire(*before, name)
    assert (said.code, said.out, said.err) == (2, "", f"nkwire: no article {name!r}\n")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--story", "'--story'"),
        ("--report", "'99999999999999999999' is no report: write its number"),
    ],
)
def test_an_export_of_a_number_beyond_64_bits_is_refused(
    option: str, words: str, nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    said = nkwire("export", "-", option, "99999999999999999999")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert words in said.err


def test_a_story_is_shown_with_its_members(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    said = nkwire("show", "s1")
    assert "agency" in said.out
    assert "herald" in said.out
    assert len(nkwire("show", "s1", "--json").json["members"]) == 2


def test_an_edit_is_shown_word_by_word(
    nkwire: Callable[..., Any], write: Callable[..., Path], corpus: list[dict[str, Any]]
) -> None:
    text = corpus[2]["text"].replace("Fridays", "Saturdays")
    assert nkwire("import", write("edited.jsonl", corpus[2] | {"text": text})).code == 0
    out = nkwire("show", "third").out
    assert "[-Fridays-]{+Saturdays+}" in out


def test_explain_says_why_and_why_not(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    assert nkwire("explain", "first", "second", "--json").json["together"] is True
    assert nkwire("explain", "first", "third", "--json").json["together"] is False
    out = nkwire("explain", "first", "third").out
    assert "are not one story" in out
    assert "in the database: 1 is in s1, no report" in out


def test_explain_names_the_report_that_each_article_carries(
    nkwire: Callable[..., Any], write: Callable[..., Path], corpus: list[dict[str, Any]]
) -> None:
    opening = "Kim Jong Un opened a munitions factory in Kanggye on Monday, KCNA said."
    rows = [
        corpus[0] | {"id": f"c{i}", "url": f"https://c.test/{i}", "title": title, "text": text}
        for i, (title, text) in enumerate(
            [
                ("Kim opens factory", f"{opening} He praised its workers and asked for missiles."),
                (
                    "North Korea's Kim at plant",
                    f"{opening} Workers of the plant sang for him there.",
                ),
            ]
        )
    ]
    assert nkwire("import", write("carriers.jsonl", *rows)).code == 0
    found = nkwire("explain", "c0", "c1", "--json").json
    assert found["same_report"] is True
    assert len(found["reports"]) == 2
    assert len(set(found["reports"].values())) == 1
    assert "report r" in nkwire("explain", "c0", "c1").out


def test_explain_shows_the_chain_and_follows_the_story(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    assert nkwire("merge", "second", "third").code == 0
    found = nkwire("explain", "first", "third", "--json").json
    assert found["together"] is True
    assert [link["kind"] for link in found["chain"]] == ["identical", "must-link"]
    out = nkwire("explain", "first", "third").out
    assert "are one story" in out
    assert "link: 1 - 2, identical: the same words" in out
    assert "not one story" not in out


def test_a_persons_word_moves_articles_between_stories(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    def stories() -> list[list[str]]:
        rows = nkwire("export", "-", "--collapse").rows
        return sorted(sorted(row["external_ids"]) for row in rows)

    assert nkwire("split", "second").code == 0
    assert stories() == [["first"], ["second"], ["third"]]
    assert nkwire("merge", "second", "third", "--note", "for the test").code == 0
    assert stories() == [["first"], ["second", "third"]]


def test_merge_and_split_say_which_number_stays_and_who_went_where(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    (joined,) = nkwire("stories", "--json").json
    kept, other = joined["story"], nkwire("show", "third", "--json").json["story_id"]
    gone = nkwire("show", "second", "--json").json["id"]
    said = nkwire("split", "second", "--json").json
    new = said["stories"][str(gone)]
    assert (said["kept"], said["redirects"]) == ([kept], [])
    assert said["moved"] == [{"article": gone, "left": kept, "into": new}]
    assert f"article {gone} left s{kept}" in nkwire("show", f"s{kept}").out
    shown = nkwire("show", f"s{kept}", "--json").json
    assert [each["story_id"] for each in shown["departures"]] == [new]

    told = nkwire("merge", "second", "third").out
    older, younger = sorted((other, new))
    assert f"s{older} keeps its number" in told
    assert f"s{younger} is s{older} now" in told
    assert f"from s{younger} to s{older}" in told
    assert f"s{younger} is s{older} now" in nkwire("show", f"s{younger}").out
    assert nkwire("show", f"s{younger}", "--json").json["story"] == older
    assert "no article changed its story" in nkwire("merge", "second", "third").out


def test_everything_is_compared_anew_and_decisions_stay(
    nkwire: Callable[..., Any], corpus: list[dict[str, Any]]
) -> None:
    assert nkwire("recluster", "--dry-run", "--json").json["moved"] == []
    nkwire("split", "second")
    said = nkwire("recluster")
    assert said.code == 0
    assert "3 articles, 3 stories before, 3 now" in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "99"), "no article has the id 99"),
        (("show", "s99"), "no story has the id 99"),
        (("show", "https://nowhere.example/"), "no article 'https://nowhere.example/'"),
        (("explain", "1", "1"), "1 and 1 are the same article"),
        (("merge", "1", "first"), "1 and first are the same article"),
        (("split", "third"), "third is the only article in"),
    ],
    ids=["article", "story", "url", "explain itself", "merge itself", "split alone"],
)
def test_what_is_not_there_is_said_in_one_line(
    arguments: tuple[str, ...],
    told: str,
    nkwire: Callable[..., Any],
    corpus: list[dict[str, Any]],
) -> None:
    said = nkwire(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"nkwire: {told}")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [("status",), ("stories",), ("show", "1"), ("export", "-")], ids=lambda a: a[0]
)
def test_looking_makes_no_database(
    arguments: tuple[str, ...], nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    said = nkwire(*arguments)
    assert said.code == 2
    assert "no database at" in said.err
    assert list(an_empty_folder.iterdir()) == []
