"""The pages of a report, of two articles compared, and of a graph, over the running server."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from sqlalchemy import insert

from storage import Database, open_database
from storage.reports.carriage import iter_carriage_rows, load_carriage, load_report_numbers
from storage.reports.working_out import work_out
from storage.tables.reports import RedirectReason, report_redirect
from tests.web import corpus
from tests.web.conftest import DECLARED, Answer, Site, serving
from web.options import WebOptions

Ids = Callable[[str], int]
MAX_BYTES = 150_000


@pytest.fixture
def report(filled_sqlite: Path, ids: Ids) -> int:
    """The number of the report of the visit to the glass works."""
    with open_database(f"sqlite:///{filled_sqlite}") as database:
        return load_report_numbers(database, [ids("e1")])[ids("e1")]


@pytest.fixture(scope="module")
def public(filled_sqlite: Path) -> Iterator[Site]:
    """A site that shows texts only as far as the rights of their outlets allow."""
    url = f"sqlite:///{filled_sqlite}"
    with serving(WebOptions(database_url=url, port=0, outlets=DECLARED, public=True)) as running:
        yield running


def parse(answer: Answer) -> str:
    """Returns the words of a page, which must be HTML without an error."""
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(answer.body)
    return " ".join(answer.text.split())


def test_a_report_says_where_it_is_from_and_who_carried_it(
    site: Site, report: int, ids: Ids
) -> None:
    words = parse(site.get(f"/reports/{report}"))
    assert "it is the agency&#39;s own text" in words
    assert "appeared between <time datetime=" in words
    twin = site.get(f"/reports/{report}.json").json
    assert (twin["origin"], twin["lead"]["article"]) == ("original", ids("e1"))
    assert twin["rows"][0]["closest"]["is_lead"]
    manners = {row["closest"]["outlet"]: row["closest"]["manner"] for row in twin["rows"]}
    assert manners["herald"] in ("verbatim", "edited")
    assert twin["copies"] + twin["excerpts"] + twin["translations"] + twin["derived"] == (
        twin["articles"] - 1
    )
    assert all(row["closest"]["title"].split()[0] in words for row in twin["rows"])
    assert twin["agencies"][0]["name"] == "kcna"


def test_rows_stand_by_time_or_by_closeness_and_an_outlet_alone(site: Site, report: int) -> None:
    by_time = site.get(f"/reports/{report}.json").json["rows"][1:]
    times = [row["closest"]["stated_at"] for row in by_time]
    assert times == sorted(times)
    closest = site.get(f"/reports/{report}.json?order=closeness").json["rows"]
    order = ["original", "verbatim", "edited", "excerpt", "translation", "derived"]
    places = [order.index(row["closest"]["manner"]) for row in closest]
    assert places == sorted(places)
    alone = site.get(f"/reports/{report}.json?outlet=herald").json["rows"]
    assert {row["closest"]["outlet"] for row in alone} == {"herald"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?outlet=nobody", 400),
        ("?page=9", 400),
        ("?a=1&b=999999", 404),
        ("?a=x&b=2", 400),
    ],
)
def test_what_a_report_does_not_have_is_told(
    site: Site, report: int, path: str, status: int
) -> None:
    assert site.get(f"/reports/{report}{path}").status == status


def test_two_chosen_articles_stand_below_the_table(site: Site, report: int, ids: Ids) -> None:
    a, b = ids("e1"), ids("h1")
    answer = site.get(f"/reports/{report}?a={a}&b={b}")
    words = parse(answer)
    assert f'name="a" value="{a}" checked' in words
    assert f'name="b" value="{b}" checked' in words
    assert '<h2 id="compared">Compared</h2>' in words
    assert '<mark class="only-a" title="only in A">18,000</mark>' in words
    assert '<mark class="only-b" title="only in B">12,000</mark>' in words
    assert f'href="/compare/{b}/{a}"' in words


def test_a_comparison_has_both_texts_and_says_why(site: Site, ids: Ids) -> None:
    a, b = ids("e1"), ids("h1")
    twin = site.get(f"/compare/{a}/{b}.json").json
    rows = [row for group in twin["comparison"]["groups"] for row in group["rows"]]
    right = "".join(piece["text"] for row in rows for piece in row["right"])
    assert right == f"{corpus.VISIT}\n{corpus.VISIT_END}"
    assert twin["comparison"]["view"] == "differences"
    assert twin["same_report"]
    words = parse(site.get(f"/compare/{a}/{b}"))
    assert all(step["looked_at"].casefold() in words.casefold() for step in twin["steps"])


def test_passages_are_numbered_in_both_texts(site: Site, ids: Ids) -> None:
    twin = site.get(f"/compare/{ids('e1')}/{ids('h1')}.json?view=passages").json["comparison"]
    for parts in (twin["parts_a"], twin["parts_b"]):
        numbers = [part["passage"] for part in parts if part["passage"]]
        assert sorted(numbers) == list(range(1, twin["passages"] + 1))
    assert twin["passages"] >= 1
    assert "".join(part["text"] for part in twin["parts_b"]) == (
        f"{corpus.VISIT}\n{corpus.VISIT_END}"
    )
    parse(site.get(f"/compare/{ids('e1')}/{ids('h1')}?view=passages"))


def test_an_article_is_not_compared_with_itself(site: Site, ids: Ids) -> None:
    assert site.get(f"/compare/{ids('e1')}/{ids('e1')}").status == 400
    assert site.get(f"/compare/{ids('e1')}/999999").status == 404


@pytest.mark.parametrize("view", ["differences", "passages"])
def test_of_a_text_that_may_not_be_shown_only_lengths_are(
    public: Site, ids: Ids, view: str
) -> None:
    none, lead = ids("b1"), ids("s1")
    pages = [f"/compare/{none}/{lead}", f"/compare/{none}/{lead}.json"]
    for answer in [public.get(f"{path}?view={view}") for path in pages]:
        assert "동행했다고 통신은 전했" in answer.text  # the opening of s1 may be shown
        assert "기념사진을 찍었다고" not in answer.text
        assert "letters]" in answer.text
    closed = public.get(f"/compare/{none}/{ids('b2')}?view={view}")
    assert closed.status == 200
    assert "현지지도했다고" not in closed.text
    assert "방문했다고" not in closed.text


def test_very_long_texts_are_compared_by_paragraph_and_not_shown_whole(
    filled_sqlite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    url = f"sqlite:///{path}"
    lines = [f"Line {n} of a speech that has no end, in hall {n % 7}." for n in range(6_000)]
    texts = ("\n".join(lines), "\n".join(["Another beginning.", *lines[1:]]))
    with open_database(url) as database:
        stored = [
            corpus.article("herald", f"long{n}", f"Speech {n}", text, corpus.DAY)
            for n, text in enumerate(texts)
        ]
        a, b = (receipt.article_id for receipt in database.save(stored))
    with serving(WebOptions(database_url=url, port=0)) as site:
        for view in ("differences", "passages"):
            answer = site.get(f"/compare/{a}/{b}?view={view}")
            words = parse(answer)
            assert "whole paragraphs are compared" in words
            assert "Only the first 60,000 characters are shown here." in words
            assert len(answer.body) < 700_000


def test_files_of_a_report_say_the_same_as_the_command(
    site: Site, report: int, filled_sqlite: Path
) -> None:
    with open_database(f"sqlite:///{filled_sqlite}") as database:
        expected = list(iter_carriage_rows(load_carriage(database, report_id=report)))
    answer = site.get(f"/reports/{report}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["outlet"], row["manner"]) for row in rows] == [
        (row["outlet"], row["manner"]) for row in expected
    ]
    assert f"r{report}.csv" in answer.headers["content-disposition"]
    for style in ("svg", "graphml"):
        ElementTree.fromstring(site.get(f"/graph/r{report}.{style}").body)
    assert site.get(f"/graph/r{report}.dot").text.startswith("digraph")
    graph = json.loads(site.get(f"/graph/r{report}.json").body)
    assert {"nodes", "links", "directed", "multigraph"} <= graph.keys()
    assert len(graph["nodes"]) == site.get(f"/reports/{report}.json").json["articles"]


def test_the_graph_has_a_table_with_each_article(site: Site, report: int) -> None:
    words = parse(site.get(f"/graph/r{report}"))
    nodes = site.get(f"/graph/r{report}.json").json["nodes"]
    assert all(f'href="/articles/{node["id"]}"' in words for node in nodes)
    assert site.get("/graph/x9").status == 400
    assert site.get("/graph/s999999").status == 404


def test_a_number_is_followed_and_one_that_is_none_any_more_is_gone(
    filled_sqlite: Path, tmp_path: Path, report: int, ids: Ids
) -> None:
    path = tmp_path / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    url = f"sqlite:///{path}"
    rows: list[dict[str, object]] = [
        {"id": 900, "report_id": report, "lead_id": ids("h1"), "reason": RedirectReason.MERGED},
        {"id": 901, "report_id": None, "lead_id": ids("h2"), "reason": RedirectReason.GONE},
    ]
    with open_database(url) as database:
        at = datetime(2026, 3, 5, tzinfo=UTC)
        database.write(
            lambda connection: connection.execute(
                insert(report_redirect), [{**row, "redirected_at": at} for row in rows]
            )
        )
    with serving(WebOptions(database_url=url, port=0)) as site:
        moved = site.get("/reports/900?order=closeness")
        assert (moved.status, moved.headers["location"]) == (
            301,
            f"/reports/{report}?order=closeness",
        )
        assert site.get("/reports/r900.json").headers["location"] == f"/reports/{report}.json"
        assert site.get(f"/reports/r{report}").headers["location"] == f"/reports/{report}"
        assert site.get("/graph/r900.svg").headers["location"] == f"/graph/r{report}.svg"
        gone = site.get("/reports/901")
        assert gone.status == 410
        assert "in story s" in gone.text
        assert site.get("/reports/77777").status == 404


def _fill_with_copies(database: Database, number: int, outlets: int) -> None:
    articles = [
        corpus.article(
            f"outlet-{n % outlets}", f"c{n}", f"<script>alert({n})</script>", corpus.VISIT,
            corpus.DAY + timedelta(minutes=n),
        )
        for n in range(number)
    ]  # fmt: skip
    articles.insert(0, corpus.article("kcna", "k", "Visit", corpus.VISIT, corpus.DAY))
    database.outlets.declare_ranks({"kcna": 0})
    for start in range(0, len(articles), 100):
        database.save(articles[start : start + 100])
    work_out(database)


@pytest.mark.slow
def test_a_report_of_two_thousand_articles_stays_small(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nkwire.db'}"
    with open_database(url, seed=1) as database:
        _fill_with_copies(database, 2_000, 300)
        (number,) = {each.id for each in load_carriage(database)}
    with serving(WebOptions(database_url=url, port=0)) as site:
        for path in ("", "?page=8", "?outlet=outlet-7", "?order=closeness&page=2"):
            answer = site.get(f"/reports/{number}{path}")
            assert len(answer.body) < MAX_BYTES
            parse(answer)
            assert "<script>alert" not in answer.text
        assert site.get(f"/reports/{number}.json").json["pages"] == 8
        assert len(site.get(f"/graph/r{number}").body) < MAX_BYTES
