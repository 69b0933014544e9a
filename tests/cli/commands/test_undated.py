"""Articles without a time of publication, in every list."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import Database, open_database
from storage.records import Article, Capture
from storage.reports.working_out import work_out
from tests.cli.conftest import Command

KILN = " ".join(f"Kiln number {n} fires {n * 7} tiles a day." for n in range(40))
FERRY = " ".join(f"Ferry number {n} carries {n * 9} parcels a week." for n in range(40))
NOW, MINUTE = datetime.now(UTC), timedelta(minutes=1)
TODAY = f"{NOW:%Y-%m-%d}"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A story of March, and another without dates that was stored after it."""
    found = f"sqlite:///{tmp_path_factory.mktemp('undated') / 'nkwire.db'}"
    march = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    with open_database(found) as database:
        database.outlets.declare_ranks({"kcna": 0})
        for text, at in ((KILN, march), (FERRY, None)):
            database.save([make(name, text, at) for name in ("kcna", "tass")])
        edited = make("tass", FERRY + " It sails on Mondays.", None)
        for article, fetched_at in ((make("tass", FERRY, None), NOW), (edited, NOW + MINUTE)):
            article.capture = Capture(url=article.url, fetched_at=fetched_at, status=200)
            database.save([article])
        work_out(database)
    return found


def make(outlet: str, text: str, at: datetime | None) -> Article:
    title = f"{text[:5].strip()} of {outlet}"
    address = f"https://{outlet}.example/{text[:4].lower()}"
    return Article(outlet=outlet, url=address, title=title, text=text, published_at=at)


@pytest.fixture
def listed(nkwire: Command, url: str) -> Any:
    def call(*arguments: str) -> Any:
        said = nkwire(*arguments, "--database", url, "--json")
        assert said.code == 0, said.err
        return said.json

    return call


def test_search_lists_articles_without_a_date_last_and_marked(
    nkwire: Command, listed: Any, url: str
) -> None:
    rows = listed("search", "number")
    assert [row["title"].split()[0] for row in rows] == ["Kiln", "Kiln", "Ferry", "Ferry"]
    assert [row["published_at"] for row in rows] == [
        "2026-03-02T09:30:00Z",
        "2026-03-02T09:30:00Z",
        None,
        None,
    ]
    assert all(row["first_seen_at"].startswith(TODAY) for row in rows)
    out = nkwire("search", "number", "--database", url).out
    assert out.index("2026-03-02 09:30") < out.index(f"seen {TODAY}")
    assert out.count(f"seen {TODAY}") == 2
    assert [row["title"] for row in listed("search", "number", "--limit", "3")] == [
        row["title"] for row in rows[:3]
    ]
    assert len(listed("search", "number", "--collapse")) == 2


def test_search_counts_articles_without_a_date_in_a_row_of_their_own(
    nkwire: Command, listed: Any, url: str
) -> None:
    counted = [{"month": "2026-03", "articles": 2}, {"month": None, "articles": 2}]
    assert listed("search", "number", "--count-by", "month") == counted
    out = nkwire("search", "number", "--count-by", "day", "--database", url).out
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["2026-03-02", "2"],
        ["undated", "2"],
    ]


@pytest.mark.parametrize("period", [("--since", "2020-01-01"), ("--until", "2100-01-01")])
@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        ("search number", 2),
        ("search 'title:ferry'", 2),
        ("search ferry --in title", 2),
        ("search kiln --in title", 0),
        ("search number --outlet tass", 1),
        ("search --count-by outlet", 2),
        ("stories", 2),
        ("export -", 2),
        ("export - --collapse --words '\"sails on\"'", 1),
        ("export - --status edited", 1),
        ("snapshot create one", 2),
        ("carriage --at-least 1", 2),
        ("carriage --agency", 2),
        ("latency", 2),
    ],
)
def test_a_period_leaves_out_articles_without_a_date_and_says_how_many(
    nkwire: Command,
    url: str,
    an_empty_folder: Path,
    line: str,
    left_out: int,
    period: tuple[str, str],
) -> None:
    folder = ("--out", str(an_empty_folder / "frozen")) if line.startswith("snapshot") else ()
    said = nkwire(*shlex.split(line), *period, *folder, "--database", url)
    assert said.code == 0, said.err
    assert FERRY[:5] not in said.out
    notes = [each for each in said.err.splitlines() if "without a date" in each]
    verb = "article without a date is" if left_out == 1 else "articles without a date are"
    assert notes == ([f"{left_out} {verb} left out"] if left_out else [])
    if folder:
        manifest = json.loads((an_empty_folder / "frozen" / "MANIFEST.json").read_text())
        assert manifest["request"]["filters"]["dated"] is True
        assert manifest["counts"]["articles"] == 2


def test_without_a_period_no_article_is_left_out(nkwire: Command, url: str) -> None:
    said = nkwire("export", "-", "--database", url)
    assert said.out.count("\n") == 4
    assert "without a date" not in said.err


def test_stories_without_a_date_come_last_and_are_marked(
    nkwire: Command, listed: Any, url: str
) -> None:
    first, second = listed("stories")
    assert (first["published_at"], second["published_at"]) == ("2026-03-02T09:30:00Z", None)
    assert second["first_seen_at"].startswith(TODAY)
    assert {member["published_at"] for member in second["members"]} == {None}
    assert all(member["first_seen_at"].startswith(TODAY) for member in second["members"])
    out = nkwire("stories", "--database", url).out
    assert out.index("2026-03-02 09:30") < out.index(f"seen {TODAY}")
    assert listed("stories", "--limit", "1") == [first]


def test_every_list_of_articles_has_both_times(listed: Any, nkwire: Command, url: str) -> None:
    [undated] = listed("search", "Mondays")
    for arguments in (
        ("show", str(undated["article"])),
        ("carriage", "--at-least", "1"),
        ("changes", "--all"),
        ("show", f"s{undated['story']}"),
    ):
        found = listed(*arguments)
        rows = found if isinstance(found, list) else [found]
        assert rows, arguments
        row = next(row for row in rows if row["published_at"] is None)
        assert row["first_seen_at"].startswith(TODAY), arguments
    assert f"seen {TODAY}" in nkwire("carriage", "--database", url).out


def test_a_story_of_which_one_article_has_a_date_is_listed_once(
    nkwire: Command, an_empty_folder: Path
) -> None:
    found = f"sqlite:///{an_empty_folder / 'mixed.db'}"
    at = datetime(2026, 3, 2, tzinfo=UTC)
    database: Database = open_database(found)
    with database:
        database.save([make("kcna", KILN, at), make("tass", KILN, None)])
        database.save([make("kcna", FERRY, None), make("tass", FERRY, None)])
    stories = nkwire("stories", "--database", found, "--json").json
    assert [story["published_at"] for story in stories] == ["2026-03-02", None]
    limited = nkwire("stories", "--database", found, "--limit", "2", "--json").json
    assert limited == stories
    out = nkwire("stories", "--database", found).out
    assert [line.split()[2] for line in out.splitlines()] == ["latest", "2026-03-02", "seen"]


@pytest.mark.parametrize("command", ["carriage", "latency"])
def test_an_article_without_a_date_in_a_report_of_the_period_is_not_left_out(
    nkwire: Command, an_empty_folder: Path, command: str
) -> None:
    found = f"sqlite:///{an_empty_folder / 'mixed.db'}"
    march = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    with open_database(found) as database:
        database.outlets.declare_ranks({"kcna": 0})
        database.save([make("kcna", KILN, march), make("tass", KILN, None)])
        work_out(database)
    shown = nkwire(command, "--since", "2026-03-01", "--until", "2026-03-31", "--database", found)
    assert "tass" in shown.out
    assert "left out" not in shown.err
    other = nkwire(command, "--since", "2026-04-01", "--database", found)
    assert "1 article without a date is left out" in other.err


@pytest.mark.parametrize("words", ["ferry" + " kiln" * 199, "(" * 30 + "ferry" + ")" * 30])
def test_words_of_the_greatest_size_are_also_found_in_a_field_of_a_period(
    nkwire: Command, url: str, words: str
) -> None:
    said = nkwire("search", words, "--in", "title", "--since", "2020-01-01", "--database", url)
    assert said.code == 0, said.err
