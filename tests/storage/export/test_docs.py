import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import pandas
import pytest

from storage import Database
from storage.export.formats.columns import FOREIGN_FIELD_NAMES
from storage.export.formats.selection import STATUS_FILTERS
from storage.export.frames import articles, reports, stories
from storage.records import Article
from storage.reports.latency import compute_latencies
from storage.reports.latency_chart import format_latency_svg
from storage.reports.working_out import work_out

DOCS = Path(__file__).parents[3] / "docs"
BODY = "Pyongyang, March 1 (KCNA) -- " + " ".join(
    f"Workshop {n} makes {n * 7} parts for the vehicle type {n}." for n in range(30)
)


@pytest.fixture
def demo(
    tmp_path: Path, open_corpus: Callable[..., Database], make_article: Callable[..., Article]
) -> Database:
    """As small a corpus as the pages need."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "data").mkdir()
    for name in ("data", "demo"):
        database = open_corpus(f"sqlite:///{tmp_path / name / 'nkwire.db'}")
        database.outlets.declare_ranks({"kcna": 0})
        early = make_article(0).first_seen_at
        database.save(
            [
                make_article(0, text=BODY, last_poll_without_at=early),
                make_article(30, outlet="rodong", text=BODY, last_poll_without_at=early),
                make_article(60, outlet="tass", text="A missile."),
            ]
        )
        work_out(database)
    return database


@pytest.mark.parametrize("page", ["python.md", "who-carried-what.md"])
def test_the_python_of_a_page_runs(
    page: str, demo: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"^```python\n(.*?)^```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE
    )
    assert blocks
    names: dict[str, object] = {}
    try:
        for block in blocks:
            exec(block, names)  # noqa: S102 - the code of our own page
    finally:
        if isinstance(database := names.get("database"), Database):
            database.close()
    if page == "who-carried-what.md":
        assert (tmp_path / "latency.svg").read_text().startswith("<svg")
        assert (tmp_path / "report.svg").read_text().startswith("<svg")


@pytest.mark.slow
def test_from_an_empty_folder_to_a_picture_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's own commands, typed in its order, on the corpus that the demo makes."""
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "who-carried-what.md").read_text()
    nkwire = [sys.executable, str(DOCS.parent / "nkwire.py")]
    ran, lines = [], []
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        if kind == "python":
            lines.append(block)
            continue
        for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
            if named := re.fullmatch(r"export (\w+)=(.*)", line):
                monkeypatch.setenv(named[1], named[2])
            elif "pip install" not in line:
                typed = line.removeprefix(".venv/bin/").removeprefix("nkwire ")
                subprocess.run([*nkwire, *shlex.split(typed)], check=True, timeout=250)
                ran.append(typed.split()[0])
    assert ran == ["demo", "carriage", "carriage", "latency", "graph", "snapshot"]
    monkeypatch.setenv("PYTHONPATH", str(DOCS.parent))
    subprocess.run([sys.executable, "-c", "".join(lines)], check=True, timeout=250)
    for name in ("latency.svg", "report.svg"):
        assert Path(name).read_text().startswith("<svg")
    assert Path("carriage.csv").read_text().count("\n") > 2


AT_IMPORT = """
import logging, os, sys, threading, warnings
from storage import open_database
heavy = {"alembic", "pandas", "polars", "pyarrow", "scrapy", "twisted", "lxml", "dateparser"}
print(sorted(heavy & sys.modules.keys()), threading.active_count(), logging.root.handlers, os.listdir())
"""


def test_importing_the_reading_api_does_nothing_else(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(DOCS.parent), "HOME": str(tmp_path)}
    asked = [sys.executable, "-W", "error", "-c", AT_IMPORT]
    done = subprocess.run(
        asked, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("[] 1 [] []\n", "")


def test_the_page_names_calls_that_a_database_has(demo: Database) -> None:
    page = (DOCS / "python.md").read_text()
    named = set(re.findall(r"`database\.([\w.]+)\(", page))
    assert named >= {"articles.iter", "articles.get", "articles.versions", "search"}
    assert named >= {"stories.iter", "stories.get", "stories.relations_of"}
    assert [name for name in named if not callable(attrgetter(name)(demo))] == []


def test_the_page_names_all_statuses_and_field_names() -> None:
    said = (DOCS / "exporting.md").read_text()
    assert all(f"`{name}`" in said for name in STATUS_FILTERS)
    assert all(name in said for name in FOREIGN_FIELD_NAMES)


def test_frames_have_times_and_whole_numbers(demo: Database) -> None:
    frame = articles(demo, outlet="kcna")
    assert str(frame.published_at.dtype).startswith("datetime64[")
    assert frame.published_at.dt.tz is not None
    assert (frame.report.dtype, frame.report.tolist()) == (pandas.Int64Dtype(), [1])
    assert stories(demo)["size"].tolist() == [2, 1]
    assert reports(demo, min_outlets=2).outlet.tolist() == ["kcna", "rodong"]
    assert reports(demo, min_outlets=9).empty


def test_polars_frames_are_typed_also_without_rows(demo: Database) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed: extra test-readers")
    full, empty = (articles(demo, to="polars", outlet=name) for name in ("kcna", "none"))
    assert full.schema == empty.schema
    assert full.schema["published_at"] == polars.Datetime("us", "UTC")
    assert full.schema["authors"] == polars.List(polars.String)
    assert (full["report"].to_list(), empty.height) == ([1], 0)
    assert stories(demo, to="polars")["members"].to_list() == [[1, 2], [3]]
    assert reports(demo, to="polars", min_outlets=2)["outlet"].to_list() == ["kcna", "rodong"]


def test_a_picture_of_no_delays_is_empty_and_whole() -> None:
    assert format_latency_svg([]).endswith("</svg>\n")
    assert compute_latencies([]) == []
