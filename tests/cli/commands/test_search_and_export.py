import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.app import run
from cli.errors import ExitCode
from storage import Database, open_database
from storage.records import Article, TimePrecision
from storage.reports.working_out import work_out

BODY = "Pyongyang, March 1 (KCNA) -- " + " ".join(
    f"Workshop {n} makes {n * 7} parts for the vehicle type {n}." for n in range(30)
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = f"sqlite:///{tmp_path_factory.mktemp('commands') / 'nkwire.db'}"
    database: Database = open_database(found)
    database.outlets.declare_ranks({"kcna": 0})
    database.save(
        [
            Article(outlet="kcna", url="https://example.org/1", title="Works", text=BODY),
            Article(outlet="tass", url="https://example.org/2", title="Copy", text=BODY),
            Article(
                outlet="tass", url="https://example.org/3", title="미사일", text="\x1b]0;x 발사"
            ),
        ]
    )
    work_out(database)
    database.close()
    return found


@pytest.fixture
def nkwire(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", url)
    monkeypatch.setenv("NKWIRE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


Nkwire = Callable[..., tuple[int, str, str]]


def test_search_prints_titles_and_passages_that_cannot_steer_the_terminal(nkwire: Nkwire) -> None:
    code, out, err = nkwire("search", "발사")
    assert (code, "1 found" in err) == (ExitCode.OK, True)
    assert "미사일" in out
    assert "\x1b]" not in out
    found: list[dict[str, Any]] = json.loads(nkwire("search", "workshop", "--json")[1])
    assert [hit["outlet"] for hit in found] == ["tass", "kcna"]
    assert len(json.loads(nkwire("search", "workshop", "--collapse", "--json")[1])) == 1


def test_a_search_that_makes_no_sense_is_told_in_one_line(nkwire: Nkwire) -> None:
    code, out, err = nkwire("search", '"open')
    assert (code, out) == (ExitCode.USER_ERROR, "")
    assert err == 'nkwire: a quotation mark (") is not closed\n'


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.parquet", b"PAR1"),
        ("a.sqlite", b"SQLite format 3"),
        ("a.csv", b"id,"),
        ("a.jsonl", b'{"id"'),
    ],
)
def test_the_name_of_a_file_says_its_format(nkwire: Nkwire, name: str, start: bytes) -> None:
    assert nkwire("export", name)[0] == ExitCode.OK
    assert Path(name).read_bytes().startswith(start)


def test_export_filters_and_writes_to_standard_output_or_tells_why_not(nkwire: Nkwire) -> None:
    assert nkwire("export", "a.jsonl", "--words", "workshop", "--status", "whole")[0] == ExitCode.OK
    assert len(Path("a.jsonl").read_text().splitlines()) == 2
    code, _, err = nkwire("export", "none/a.jsonl")
    assert (code, err.count("\n"), "none/a.jsonl" in err) == (ExitCode.USER_ERROR, 1, True)
    assert nkwire("export", "a.csv", "--partition")[0] == ExitCode.USER_ERROR


def test_a_snapshot_is_made_verified_and_compared(nkwire: Nkwire) -> None:
    code, out, _ = nkwire("snapshot", "create", "one", "--author", "A. Scholar")
    assert (code, "sha256:" in out) == (ExitCode.OK, True)
    assert nkwire("snapshot", "verify", "home/snapshots/one")[0] == ExitCode.OK
    nkwire("snapshot", "create", "two", "--out", "two", "--outlet", "tass")
    found = json.loads(nkwire("snapshot", "diff", "home/snapshots/one", "two", "--json")[1])
    assert found["counts"] == {"same": 2, "removed": 1}
    assert found["other_filters"] == ["outlet"]
    _, _, err = nkwire("snapshot", "diff", "home/snapshots/one", "two")
    assert err == "the filters differ (outlet): decisions are not compared\n"
    Path("two/README.md").unlink()
    code, _, err = nkwire("snapshot", "verify", "two")
    assert (code, err) == (ExitCode.FAILED, "README.md: missing\n")
    assert nkwire("snapshot", "create", "../x")[0] == ExitCode.USER_ERROR


def test_carriage_latency_and_graph_print_or_write(nkwire: Nkwire) -> None:
    rows = json.loads(nkwire("carriage", "--json")[1])
    assert [(row["outlet"], row["manner"]) for row in rows] == [
        ("kcna", "original"),
        ("tass", "verbatim"),
    ]
    assert "O original" in nkwire("carriage")[2]
    assert nkwire("carriage", "--csv", "-")[1].startswith("report,origin,lead_outlet")
    assert [row["outlet"] for row in json.loads(nkwire("latency", "--json")[1])] == ["tass"]
    assert nkwire("latency", "--svg", "late.svg")[0] == ExitCode.OK
    assert Path("late.svg").read_text().startswith("<svg")
    assert nkwire("graph", "s1")[1].startswith("digraph")
    assert nkwire("graph", "1", "--out", "g.svg")[0] == ExitCode.OK
    assert nkwire("graph", "r1")[1] == nkwire("graph", "s1")[1]
    assert json.loads(nkwire("graph", "r1", "--format", "json")[1])["report"] == 1
    assert nkwire("carriage", "--report", "r1", "--json")[1] == nkwire("carriage", "--json")[1]
    assert nkwire("carriage", "--report", "99")[0] == ExitCode.USER_ERROR
    assert "no report: write its number" in nkwire("carriage", "--report", "s1")[2]
    assert "no report: write its number" in nkwire("carriage", "--report", "")[2]
    assert nkwire("graph", "99")[0] == ExitCode.USER_ERROR
    assert nkwire("graph", "x")[0] == ExitCode.USER_ERROR


@pytest.fixture
def dated_url(tmp_path: Path) -> str:
    """A database with two reports: one with the agency's text, and one without, a month later."""
    found = f"sqlite:///{tmp_path / 'dated.db'}"
    database: Database = open_database(found)
    database.outlets.declare_ranks({"kcna": 0})
    harvest = "Hamhung, April 4 (KCNA) -- " + " ".join(
        f"Farm number {n} of the county brought in {n * 13} sacks of rice." for n in range(30)
    )
    for text, outlets, month in ((BODY, ("kcna", "tass"), 3), (harvest, ("hani", "donga"), 4)):
        database.save(
            [
                Article(
                    outlet=outlet,
                    url=f"https://example.org/{outlet}",
                    title=text[:20],
                    text=text,
                    published_at=datetime(2026, month, 2, 15, tzinfo=UTC),  # midnight in Seoul
                    published_precision=TimePrecision.DAY,
                )
                for outlet in outlets
            ]
        )
    work_out(database)
    database.close()
    return found


def test_dates_are_printed_as_dates_and_origins_as_far_as_they_are_known(
    nkwire: Nkwire, dated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", dated_url)
    rows = json.loads(nkwire("carriage", "--json")[1])
    assert [row["origin"] for row in rows] == ["original", "original", "unknown", "unknown"]
    assert [row["manner"] for row in rows[:2]] == ["original", "verbatim"]
    assert sorted(row["manner"] for row in rows[2:]) == ["unknown", "verbatim"]
    dates = {"2026-03-03", "2026-04-03"}
    assert {row["lead_at"] for row in rows} == {row["stated_at"] for row in rows} == dates
    assert {row["stated_precision"] for row in rows} == {"day"}
    code, out, err = nkwire("carriage")
    assert (code, out.count("2026-03-03"), out.count(":")) == (ExitCode.OK, 1, 0)
    assert "O original, F first seen, ? origin unknown, v verbatim" in err
    csv_rows = list(csv.DictReader(nkwire("carriage", "--csv", "-")[1].splitlines()))
    assert {row["lead_at"] for row in csv_rows} == dates
    assert "-86400.0" in {row["stated_delay_more_than_seconds"] for row in csv_rows}


def test_a_delay_between_dates_is_a_range_that_says_perhaps_earlier(
    nkwire: Nkwire, dated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", dated_url)
    (row,) = json.loads(nkwire("latency", "--json", "--svg", "late.svg")[1])
    assert (row["outlet"], row["median_more_than_seconds"]) == ("tass", None)
    assert (row["median_may_be_earlier"], row["median_stated_seconds"]) == (None, None)
    assert row["median_stated_more_than_seconds"] == -86400
    out = nkwire("latency")[1]
    assert "-24.0 h to +24.0 h (perhaps earlier)" in out
    drawn = Path("late.svg").read_text()
    assert 'class="stated"' in drawn
    assert not {'class="range"', 'class="open"'} & set(drawn.split())


def test_an_outlet_without_known_delays_is_not_drawn_but_counted(nkwire: Nkwire) -> None:
    nkwire("latency", "--svg", "late.svg")
    drawn = Path("late.svg").read_text()
    assert "1 outlet is not drawn" in drawn
    assert "tass" not in drawn


@pytest.mark.parametrize(
    "command", [("show", "s1"), ("show", "1"), ("search", "workshop"), ("graph", "s1")]
)
def test_no_command_prints_a_date_as_midnight(
    command: tuple[str, ...], nkwire: Nkwire, dated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", dated_url)
    out = nkwire(*command)[1]
    assert "2026-03-03" in out
    assert not {"2026-03-02", "00:00", "15:00"} & set(out.replace("T", " ").split())
    if command[0] != "graph":
        found = nkwire(*command, "--json")[1]
        assert '"2026-03-03"' in found
        assert "2026-03-02" not in found


def test_stories_have_dates_with_their_precision(
    nkwire: Nkwire, dated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", dated_url)
    rows = json.loads(nkwire("stories", "--json")[1])
    assert [row["published_at"] for row in rows] == ["2026-04-03", "2026-03-03"]
    for row in rows:
        for each in (row, *row["members"]):
            stated = each["published_at"], each["published_precision"]
            assert stated == (row["published_at"], "day")


def test_ccnews_tells_of_a_missing_file(nkwire: Nkwire) -> None:
    code, _, err = nkwire("ccnews", "none.warc.gz")
    assert (code, err) == (ExitCode.USER_ERROR, "nkwire: none.warc.gz: no such file\n")


def test_articles_are_selected_by_the_level_of_their_statement(
    nkwire: Nkwire, tmp_path: Path
) -> None:
    assert nkwire("export", "-", "--statement-level", "official")[1] == ""
    both = ("--statement-level", "official", "--statement-level", "unknown")
    assert len(nkwire("export", "-", *both)[1].splitlines()) == 3
    assert (
        json.loads(nkwire("search", "workshop", "--statement-level", "official", "--json")[1]) == []
    )
    assert len(json.loads(nkwire("search", "workshop", *both, "--json")[1])) == 2
    assert json.loads(nkwire("stories", "--statement-level", "official", "--json")[1]) == []
    assert len(json.loads(nkwire("stories", *both, "--json")[1])) == 1
    code, out, err = nkwire("search", "workshop", "--statement-level", "royal")
    assert (code, out, err.count("\n")) == (ExitCode.USER_ERROR, "", 1)
    assert "statement-level" in err


def test_show_says_the_level_of_a_statement(nkwire: Nkwire, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    with open_database(other) as database:
        database.save(
            [
                Article(
                    outlet="kcna", url="https://example.org/1", title="KCNA Commentary", text=BODY
                ),
                Article(outlet="kcna", url="https://example.org/2", title="Works", text="Lamps."),
            ]
        )
    assert "  statement  commentary\n" in nkwire("show", "1", "--database", other)[1]
    assert "statement" not in nkwire("show", "2", "--database", other)[1]
    assert json.loads(nkwire("show", "2", "--json", "--database", other)[1])["statement_level"] == (
        "unknown"
    )


def test_what_waits_is_told_until_all_reports_are_worked_out(
    nkwire: Nkwire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'waiting.db'}"
    monkeypatch.setenv("NKWIRE_DATABASE_URL", url)
    with open_database(url) as database:
        database.outlets.declare_ranks({"kcna": 0})
        database.save(
            [
                Article(
                    outlet=outlet,
                    url=f"https://{outlet}.test/{number}",
                    title=f"Works {number}",
                    text=BODY
                    if number
                    else BODY.replace("Workshop", "County").replace("parts", "sacks of rice"),
                    published_at=datetime(2026, 3, 2 + 9 * number, 15, tzinfo=UTC),
                )
                for number in range(2)
                for outlet in ("kcna", "tass")
            ]
        )
    code, out, err = nkwire("carriage", "--json")
    assert (code, json.loads(out)) == (ExitCode.OK, [])
    assert "reports are worked out up to 20" in err
    assert "2 days wait" in err
    assert nkwire("recluster", "--reports")[1] == "0 reports before, 2 now\n"
    again = json.loads(nkwire("recluster", "--reports", "--json")[1])
    assert again == {"reports_before": 2, "reports_after": 2}
    assert nkwire("recluster", "--reports", "--dry-run")[0] == ExitCode.USER_ERROR
    code, out, err = nkwire("carriage", "--json")
    assert {row["report"] for row in json.loads(out)} == {1, 2}
    assert "worked out" not in err


def test_a_former_number_of_a_report_is_followed_and_explained(
    nkwire: Nkwire, dated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NKWIRE_DATABASE_URL", dated_url)
    numbers = {row["report"] for row in json.loads(nkwire("carriage", "--json")[1])}
    assert numbers == {1, 2}
    assert nkwire("merge", "1", "3")[0] == ExitCode.OK
    code, out, err = nkwire("carriage", "--report", "r2", "--json")
    assert (code, {row["report"] for row in json.loads(out)}) == (ExitCode.OK, {1})
    assert "r2 is r1 now (they are one report now)" in err
    assert (
        nkwire("graph", "r2", "--format", "json")[1] == nkwire("graph", "r1", "--format", "json")[1]
    )
    rows = [json.loads(line) for line in nkwire("export", "-", "--report", "r2")[1].splitlines()]
    assert {row["report"] for row in rows} == {1}
