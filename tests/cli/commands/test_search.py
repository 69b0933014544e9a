import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.app import run
from cli.errors import ExitCode
from storage import Database, open_database
from storage.records import Article

STATEMENT = (
    "Pyongyang, March 1 (KCNA) -- The government of the Democratic People's Republic of Korea "
    "issued the following statement on Sunday: the launch was a drill. "
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = f"sqlite:///{tmp_path_factory.mktemp('search') / 'nkwire.db'}"
    database: Database = open_database(found)
    made = [
        ("kcna", "DPRK Government Statement", STATEMENT, (2026, 2, 27)),
        ("tass", "Launch of a rocket", "The drill began.", (2026, 3, 1)),
        ("tass", "Weather", "After the launch, the drill and the launch it rained.", (2026, 3, 2)),
    ]
    database.save(
        [
            Article(
                outlet=outlet,
                url=f"https://example.org/{n}",
                title=title,
                text=text,
                language="en",
                published_at=datetime(*day, tzinfo=UTC),
            )
            for n, (outlet, title, text, day) in enumerate(made)
        ]
    )
    database.close()
    return found


Search = Callable[..., tuple[int, str, str]]


@pytest.fixture
def search(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Search:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", url)
    monkeypatch.setenv("NKWIRE_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["search", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def titles(search: Search, *arguments: str) -> list[str]:
    rows: list[dict[str, Any]] = json.loads(search(*arguments, "--json")[1])
    return [str(row["title"]).split()[0] for row in rows]


def test_results_come_in_the_order_that_is_asked_for(search: Search) -> None:
    assert titles(search, "launch") == ["Weather", "Launch", "DPRK"]
    assert titles(search, "launch", "--sort", "oldest") == ["DPRK", "Launch", "Weather"]
    assert titles(search, "launch", "--sort", "relevance") == ["Launch", "Weather", "DPRK"]


def test_words_are_found_in_one_field_by_option_or_by_prefix(search: Search) -> None:
    assert titles(search, "launch", "--in", "title") == ["Launch"]
    assert titles(search, "title:launch drill") == ["Launch"]
    assert titles(search, "launch", "--in", "text") == ["Weather", "DPRK"]


def test_a_statement_level_needs_no_words(search: Search) -> None:
    assert titles(search, "--statement-level", "government") == ["DPRK"]
    code, out, err = search("--statement-level", "government")
    assert (code, "DPRK Government Statement" in out, "1 found" in err) == (0, True, True)


def test_results_are_counted_in_a_table_or_as_json(search: Search) -> None:
    code, out, err = search("launch", "--count-by", "outlet")
    assert code == ExitCode.OK
    assert [line.split() for line in out.splitlines()] == [
        ["outlet", "articles"],
        ["tass", "2"],
        ["kcna", "1"],
    ]
    assert "3 articles found" in err
    by_month = json.loads(search("launch", "--count-by", "month", "--json")[1])
    assert by_month == [{"month": "2026-02", "articles": 1}, {"month": "2026-03", "articles": 2}]
    stories = json.loads(search("--count-by", "language", "--collapse", "--json")[1])
    assert stories == [{"language": "en", "stories": 3}]
    assert search("absent", "--count-by", "day")[:2] == (ExitCode.OK, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "write at least one word, or a filter"),
        (["", "--collapse"], "write at least one word, or a filter"),
        (["--since", "2026-01-01", "--sort", "relevance"], "needs words"),
        (["--since", "2026-01-01", "--in", "title"], "needs words"),
        (["a", "--count-by", "day", "--sort", "oldest"], "leave one of them out"),
        (["a", "--count-by", "day", "--limit", "3"], "--count-by counts all: leave one out"),
        (["a", "--count-by", "outlet", "--limit", "20"], "--count-by counts all: leave one out"),
        (["title:"], "needs a word behind it"),
        (["--", "-drill"], "only words that must not occur: write a word that must occur"),
        (["drill -"], "NOT and - need a word behind them"),
    ],
)
def test_a_search_that_means_nothing_says_what_to_do(
    search: Search, arguments: list[str], says: str
) -> None:
    code, out, err = search(*arguments)
    assert (code, out, err.count("\n"), says in err) == (ExitCode.USER_ERROR, "", 1, True)
