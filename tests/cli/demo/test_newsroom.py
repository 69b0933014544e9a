"""The invented press of `nkwire demo --web`: what it holds, and that pages show it."""

import re
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.demo.newsroom.declarations import invented_articles, invented_outlets
from cli.demo.newsroom.filling import DAYS, demo_outlets, fill
from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.health.assessment import HealthState
from storage.records import RunOutcome
from storage.reports.carriage import load_carriage
from storage.reports.manners import CarriageManner

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("press") / "nkwire.db"
    with open_database(f"sqlite:///{path}", seed=1) as database:
        fill(database, NOW)
        yield database


def test_it_has_about_ninety_articles_of_sixteen_outlets_in_six_languages() -> None:
    articles = invented_articles(NOW)
    assert 80 <= len(articles) <= 110
    assert {each.outlet for each in articles} == set(invented_outlets()) == set(demo_outlets())
    assert {each.language for each in articles} == {"en", "ko", "zh", "ja", "ru", "de"}
    first = min(each.published_at for each in articles)
    assert timedelta(days=16) < NOW - first < timedelta(days=DAYS)
    assert all(each.versions[-1].at < NOW for each in articles)


@pytest.mark.parametrize("hours", range(0, 24, 5))
def test_every_hour_of_the_day_is_good_for_a_demo(hours: int) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    assert len(invented_articles(now)) == len(invented_articles(NOW))


def test_no_placeholder_is_left_in_a_text() -> None:
    for article in invented_articles(NOW):
        for version in article.versions:
            assert not re.search(r"[{}]", version.title + version.text)
            assert version.text.strip()


def test_reports_show_every_manner_and_one_has_more_than_ten_outlets(press: Database) -> None:
    reports = list(load_carriage(press, min_outlets=2))
    assert len(reports) == 7
    outlets = [{each.outlet for each in report.articles} for report in reports]
    assert max(map(len, outlets)) >= 13
    manners = {each.manner for report in reports for each in report.articles}
    assert manners >= {
        CarriageManner.ORIGINAL,
        CarriageManner.VERBATIM,
        CarriageManner.EDITED,
        CarriageManner.EXCERPT,
        CarriageManner.TRANSLATION,
        CarriageManner.DERIVED,
    }


def test_edits_a_removal_a_stub_a_decision_and_failures_are_there(press: Database) -> None:
    versions = Counter(
        len(press.articles.versions(article.id)) > 1 for article in press.articles.iter()
    )
    assert versions[True] >= 4
    health = {each.state for each in press.health.current().values()}
    assert health >= {HealthState.OK, HealthState.BROKEN, HealthState.DEGRADED}
    (decision,) = press.decisions.all()
    assert decision.verb is DecisionVerb.MUST_LINK
    outcomes = {each.outcome for each in press.runs.latest(limit=5000)}
    assert outcomes >= {RunOutcome.OK, RunOutcome.QUIET, RunOutcome.REFUSED, RunOutcome.EMPTY}
    edits = list(press.changes.iter(boring=True))
    assert {each.outlet for each in edits} >= {"agency", "mapo-ilbo"}
    states = [(each.outlet, each.state) for each in press.changes.transitions()]
    assert states == [("harbour-wire", "gone"), ("harbour-wire", "missing")]


@pytest.mark.slow
def test_the_demo_ends_in_pages(
    started: Callable[..., subprocess.Popen[str]], program: list[str], an_empty_folder: Path
) -> None:
    process = started(*program, "demo", "--web", "--port", "0")
    assert process.stdout is not None
    deadline = time.monotonic() + 200
    url = ""
    while not url and time.monotonic() < deadline:
        url = process.stdout.readline().partition("Listening on ")[2].strip()
    with urllib.request.urlopen(f"{url}about", timeout=60) as answer:
        assert b"articles" in answer.read()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
