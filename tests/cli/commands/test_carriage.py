"""How reports are listed: with many outlets, one alone, and without a text of the agency."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import html5lib
import pytest
from selectolax.lexbor import LexborHTMLParser

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
                url=f"https://{number}.example/kiln",
                title="Ryongsan tile factory opens",
                text=TEXT,
                published_at=datetime(2026, 3, 2, 6 if outlet == "kcna" else 7, tzinfo=UTC),
            )
            for number, outlet in enumerate(outlets)
        ]
    )
    work_out(database)


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the command believe that it prints to a terminal of this width."""

    def set_width(width: int) -> None:
        for module in ("carriage_tables", "printing", "summaries"):
            monkeypatch.setattr(f"cli.show.{module}.terminal_width", lambda: width)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr("cli.show.printing.PIPE_WIDTH", width)

    return set_width


def test_with_many_outlets_each_report_is_one_line_in_words(
    nkwire: Nkwire, database: Database, on_terminal: Callable[[int], None]
) -> None:
    save_report(database)
    code, out, err = nkwire("carriage")
    _, row = out.splitlines()
    assert code == ExitCode.OK
    assert all(f"{outlet} verbatim" in row for outlet in OUTLETS[1:])  # a pipe gets all of them
    assert "carriage --wide" in err
    on_terminal(120)
    row = nkwire("carriage")[1].splitlines()[1]
    assert row.split()[:7] == ["r1", *("2026-03-02", "06:00", "61", "kcna", "original,", "paper0")]
    assert "+59" in row


def test_on_a_terminal_a_long_name_of_the_lead_does_not_hide_who_carries_the_report(
    nkwire: Nkwire, database: Database, on_terminal: Callable[[int], None]
) -> None:
    lead = "christian-science-monitor-of-boston"
    save_report(database, (lead, *OUTLETS[1:]))
    on_terminal(100)
    _, out, err = nkwire("carriage")
    assert lead in out
    assert "paper0" in out
    assert "origin unknown" not in out
    assert "a pipe, --wide or --html shows all outlets" in err


@pytest.mark.parametrize("width", [60, 100])
def test_the_whole_matrix_has_all_outlets_in_as_many_tables_as_fit(
    nkwire: Nkwire, database: Database, on_terminal: Callable[[int], None], width: int
) -> None:
    save_report(database)
    on_terminal(width)
    _, out, err = nkwire("carriage", "--wide")
    assert sum(line.count(" v") for line in out.splitlines()) == len(OUTLETS) - 1
    assert out.count("O") == 1
    assert max(map(len, out.splitlines())) <= width
    assert "1 kcna, 2 paper0, 3 paper1" in err


def test_a_few_outlets_have_a_column_each_by_name_or_number(
    nkwire: Nkwire, database: Database, on_terminal: Callable[[int], None]
) -> None:
    long_name = "the-very-long-name-of-a-newspaper" * 3
    save_report(database, ("kcna", "herald", long_name))
    out = nkwire("carriage")[1]
    assert out.splitlines()[0].split()[-3:] == ["herald", "kcna", long_name]
    on_terminal(100)
    out, err = nkwire("carriage")[1:]
    assert out.splitlines()[0].split()[-3:] == ["1", "2", "3"]
    assert out.splitlines()[1].split()[-3:] == ["v", "O", "v"]
    assert "1 herald, 2 kcna, 3 the-very" in err


def test_the_matrix_is_written_as_a_page_in_which_nothing_runs(
    nkwire: Nkwire, database: Database, tmp_path: Path
) -> None:
    save_report(database, (*OUTLETS[:3], "<script>alert(1)</script>", "조선신보"))
    page = tmp_path / "carriage.html"
    code, out, err = nkwire("carriage", "--html", str(page))
    assert (code, out, err) == (ExitCode.OK, "", f"{page}: 1 report\n")
    html = page.read_text()
    html5lib.HTMLParser(strict=True).parse(html)
    tree = LexborHTMLParser(html)
    heads = [each.text() for each in tree.css("thead th.outlet")]
    assert sorted(heads) == sorted((*OUTLETS[:3], "<script>alert(1)</script>", "조선신보"))
    letters = [each.text() for each in tree.css("tbody td .letter")]
    assert sorted(letters) == ["O", "v", "v", "v", "v"]
    assert not tree.css("script, img, link, iframe, [src]")
    assert "default-src 'none'" in html
    links = [each.attributes["href"] for each in tree.css("a")]
    assert all(str(link).startswith("https://") for link in links)


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


def test_the_json_of_a_report_has_each_article_of_an_outlet(
    nkwire: Nkwire, database: Database
) -> None:
    save_report(database, (*OUTLETS[:3], OUTLETS[1]))
    rows = json.loads(nkwire("show", "r1", "--json")[1])
    assert len({row["article"] for row in rows}) == len(rows) == 4
    assert len({row["outlet"] for row in rows}) == 3


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
    assert "no report of two outlets has an agency's text" in err


def test_a_latency_in_csv_counts_the_manners_in_words(nkwire: Nkwire, database: Database) -> None:
    save_report(database, OUTLETS[:2])
    (row,) = csv.DictReader(nkwire("latency", "--csv", "-")[1].splitlines())
    assert (row["outlet"], row["manners"]) == ("paper0", "1 verbatim")
    assert json.loads(nkwire("latency", "--json")[1])[0]["manners"] == {"verbatim": 1}


def test_a_graph_is_drawn_as_a_picture_by_the_name_of_the_file(
    nkwire: Nkwire, database: Database, tmp_path: Path
) -> None:
    save_report(database, OUTLETS[:3])
    for suffix, start in (("PNG", b"\x89PNG"), ("pdf", b"%PDF"), ("Svg", b"<svg")):
        out = tmp_path / f"report.{suffix}"
        assert nkwire("graph", "r1", "--out", str(out))[0] == ExitCode.OK
        assert out.read_bytes().startswith(start)


def test_a_picture_of_delays_is_written_and_named_and_without_delays_refused(
    nkwire: Nkwire, database: Database, tmp_path: Path
) -> None:
    out = tmp_path / "delays.svg"
    code, _, err = nkwire("latency", "--svg", str(out))
    assert (code, out.exists()) == (ExitCode.USER_ERROR, False)
    assert "nothing to draw: no report of two outlets has an agency's text" in err
    save_report(database, OUTLETS[:3])
    code, _, err = nkwire("latency", "--svg", str(out))
    assert (code, out.exists()) == (ExitCode.OK, True)
    assert f"picture in {out}" in err
