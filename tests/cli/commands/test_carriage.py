"""How reports are listed: with many outlets, one alone, and without a text of the agency."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.app import run
from cli.errors import ExitCode
from storage import Database, open_database
from storage.records import Article
from storage.reports.working_out import work_out

TEXT = "Pyongyang, March 2 (KCNA) -- " + " ".join(
    f"Kiln {n} of the Ryongsan Tile Factory fires {n * 70} roof tiles a day." for n in range(1, 20)
)
OUTLETS = ("kcna", *(f"paper{number}" for number in range(60)))
Nkwire = Callable[..., tuple[int, str, str]]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty database in which `kcna` is the agency."""
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")
    database.outlets.declare_ranks({"kcna": 0})
    return database


@pytest.fixture
def nkwire(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Nkwire:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", f"sqlite:///{tmp_path / 'nkwire.db'}")
    monkeypatch.setenv("NKWIRE_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> tuple[int, str, str]:
        database.close()
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def save_report(database: Database, outlets: tuple[str, ...] = OUTLETS) -> None:
    """Saves one report: the agency at six, the others an hour later."""
    database.save(
        [
            Article(
                outlet=outlet,
                url=f"https://{outlet}.example/kiln",
                title="Ryongsan tile factory opens",
                text=TEXT,
                published_at=datetime(2026, 3, 2, 6 if outlet == "kcna" else 7, tzinfo=UTC),
            )
            for outlet in outlets
        ]
    )
    work_out(database)


def test_outlets_that_are_too_many_for_columns_are_counted(
    nkwire: Nkwire, database: Database
) -> None:
    save_report(database)
    code, out, err = nkwire("carriage")
    _, row = out.splitlines()
    assert code == ExitCode.OK
    assert row.split()[-7:] == [
        *("original,", "60", "verbatim"),
        *["Ryongsan", "tile", "factory", "opens"],
    ]
    assert "carriage --report ID" in err


def test_a_few_outlets_have_a_column_each_by_name_or_number(
    nkwire: Nkwire, database: Database
) -> None:
    save_report(database, ("kcna", "herald", "the-very-long-name-of-a-newspaper" * 3))
    out, err = nkwire("carriage")[1:]
    assert out.splitlines()[0].split()[-3:] == ["1", "2", "3"]
    assert out.splitlines()[1].split()[-3:] == ["v", "O", "v"]
    assert "1 herald, 2 kcna, 3 the-very" in err


def test_one_report_is_listed_with_all_its_articles(nkwire: Nkwire, database: Database) -> None:
    save_report(database)
    code, out, _ = nkwire("show", "r1")
    assert (code, out) == (ExitCode.OK, nkwire("carriage", "--report", "1")[1])
    _, counts, _, lead, first, *_ = out.splitlines()
    assert counts == "r1, 61 articles of 61 outlets"
    assert lead.split()[1:3] == ["kcna", "original"]
    assert "verbatim" in first
    assert "60 min" in first
    in_json = nkwire("show", "R1", "--json")[1]
    assert json.loads(in_json)[0]["lead_outlet"] == "kcna"
    assert in_json == nkwire("carriage", "--report", "1", "--json")[1]
    assert nkwire("show", "r99")[0] == ExitCode.USER_ERROR


def test_an_article_names_its_report(nkwire: Nkwire, database: Database) -> None:
    save_report(database, OUTLETS[:3])
    assert "report  r1\n" in nkwire("show", "1")[1]
    assert json.loads(nkwire("show", "1", "--json")[1])["report"] == 1


def test_a_latency_that_nothing_can_be_counted_from_says_why(
    nkwire: Nkwire, database: Database
) -> None:
    save_report(database, OUTLETS[1:4])
    code, _, err = nkwire("latency")
    assert code == ExitCode.OK
    assert "no report of two outlets has a text of the agency itself" in err


def test_a_latency_in_csv_counts_the_manners_in_words(nkwire: Nkwire, database: Database) -> None:
    save_report(database, OUTLETS[:2])
    (row,) = csv.DictReader(nkwire("latency", "--csv", "-")[1].splitlines())
    assert (row["outlet"], row["manners"]) == ("paper0", "1 verbatim")
    assert json.loads(nkwire("latency", "--json")[1])[0]["manners"] == {"verbatim": 1}


def test_a_graph_is_not_written_under_the_name_of_another_format(
    nkwire: Nkwire, database: Database, tmp_path: Path
) -> None:
    save_report(database, OUTLETS[:2])
    code, _, err = nkwire("graph", "r1", "--out", str(tmp_path / "report.png"))
    assert (code, err) == (
        ExitCode.USER_ERROR,
        "nkwire: nkwire draws no .png: write dot, graphml, json, svg\n",
    )
    assert not (tmp_path / "report.png").exists()
