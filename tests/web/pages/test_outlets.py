import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import html5lib
import pytest

from storage import open_database
from storage.health.assessment import Health, HealthState
from storage.health.days import HealthDay
from storage.records import Run, RunOutcome
from tests.web import corpus
from tests.web.conftest import DECLARED, Site, serving
from web.charts.day_bars import DayState
from web.options import DeclaredOutlet, WebOptions
from web.pages.watch import outlet_state
from web.pages.watch.outlet_state import ShownState

LAST_DAY = date(2026, 3, 4)
ODD_NAME = "a/b? <i>&#가"


@pytest.fixture(scope="module")
def odd_site(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The corpus with an outlet of an odd name from an import, and a declared one never read."""
    path = tmp_path_factory.mktemp("odd") / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    with open_database(f"sqlite:///{path}") as database:
        database.save([corpus.article(ODD_NAME, "o1", "An odd name", "Text. " * 60, corpus.DAY)])
    weekly = DeclaredOutlet(name="weekly", title="The Weekly", every=timedelta(days=7))
    outlets = {**DECLARED, "weekly": weekly}
    with serving(WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=outlets)) as running:
        yield running


def test_the_board_says_which_outlet_is_broken_since_when_and_why(site: Site) -> None:
    twin, page = site.get("/outlets.json").json, site.get("/outlets")
    html5lib.HTMLParser(strict=True).parse(page.body)
    assert {each["state"]: each["count"] for each in twin["states"]}["broken"] == 1
    worst = twin["outlets"][0]
    assert (worst["outlet"], worst["state"], worst["outcome"]) == ("quiet", "broken", "unreachable")
    assert worst["evidence"] == "3 runs in a row: the feed: 503 Service Unavailable"
    assert worst["evidence"] in page.text
    assert worst["days"][-1] == {
        "day": "2026-03-04",
        "state": "failed",
        "runs": 3,
        "failed": 3,
        "new": 0,
    }
    assert worst["days"][-2]["state"] == "not read"
    assert "No outlet has been read since" in page.text  # the corpus is of March
    healthy = next(each for each in twin["outlets"] if each["outlet"] == "wire")
    assert healthy["latest"]["title"] == "(LEAD) N. Korea fires missile toward the sea"
    assert healthy["latest"]["title"] in page.text


def test_states_are_chosen_together_and_orders_too(site: Site) -> None:
    broken = site.get("/outlets.json?state=broken").json["outlets"]
    assert [each["outlet"] for each in broken] == ["quiet"]
    both = site.get("/outlets.json?state=broken,not-read,ok&sort=name").json
    assert {each["state"] for each in both["outlets"]} <= {"broken", "not read", "ok"}
    names = [each["title"].casefold() for each in both["outlets"]]
    assert names == sorted(names)
    assert 'href="/outlets?state=broken%2Cok"' in site.get("/outlets?state=broken").text
    assert 'href="/outlets?sort=name"' in site.get("/outlets?state=broken&sort=name").text
    assert site.get("/outlets?state=bad").status == 400


def test_outlets_that_were_never_read_are_told_apart(odd_site: Site) -> None:
    twin = odd_site.get("/outlets.json").json
    imported = {"outlet": ODD_NAME, "title": ODD_NAME, "articles": 1}
    assert twin["imported"] == [imported]
    assert [(each["outlet"], each["every"]) for each in twin["never_read"]] == [("weekly", 604800)]
    assert "every 7 d" in odd_site.get("/outlets").text


def test_an_outlet_shows_its_runs_sources_and_state(site: Site) -> None:
    page, twin = site.get("/outlets/quiet"), site.get("/outlets/quiet.json").json
    html5lib.HTMLParser(strict=True).parse(page.body)
    assert [run["outcome"] for run in twin["runs"]] == ["unreachable"] * 3
    assert "1 source unreachable" in page.text
    assert [each["state"] for each in twin["health_changes"]] == ["broken"]
    assert {each["why"] for each in twin["gaps"]} == {"unreachable"}
    assert "failed, failed" not in page.text
    assert "not read, failed" in page.text


def test_a_read_outlet_shows_its_articles_and_totals(site: Site) -> None:
    twin = site.get("/outlets/kcna.json").json
    assert (twin["articles"], twin["edited"], twin["declaration"]["is_declared"]) == (2, 1, True)
    assert [each["versions"] for each in twin["latest"]] == [2, 1]
    assert twin["revisits"]["set_by"] == "default"
    assert twin["revisits"]["articles"] == 2
    assert site.get("/outlets/wire.json").json["state"] == "ok"


def test_a_name_with_any_signs_has_a_page_and_links_to_it(odd_site: Site) -> None:
    board = html5lib.parse(odd_site.get("/outlets").body, namespaceHTMLElements=False)
    address = next(a.attrib["href"] for a in board.iter("a") if a.text == ODD_NAME)
    page = odd_site.get(address)
    assert page.status == 200
    assert "<i>&#가" not in page.text
    twin = odd_site.get(f"{address}.json").json
    assert twin["outlet"] == ODD_NAME
    assert twin["declaration"]["is_declared"] is False
    assert f'href="{address}.json"' in page.text
    assert odd_site.get("/outlets/nobody").status == 404


def test_pages_of_runs_follow_each_other(filled_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    with open_database(f"sqlite:///{path}") as database:
        for _ in range(40):
            run = database.runs.begin("quiet")
            run.outcome = RunOutcome.QUIET
            database.runs.finish(run)
    with serving(WebOptions(database_url=f"sqlite:///{path}", port=0)) as running:
        first = running.get("/outlets/quiet.json").json
        second = running.get(first["next"].removeprefix(running.url)).json
    ids = [run["run"] for page in (first, second) for run in page["runs"]]
    assert len(ids) == len(set(ids)) == 43
    assert first["previous"] is None
    assert second["next"] is None


def test_a_state_judged_long_ago_says_nothing_of_today() -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    run = Run(outlet="a", started_at=now - timedelta(hours=25), ended_at=now - timedelta(hours=25))
    health = Health(HealthState.OK, now)
    hourly, daily = timedelta(hours=1), timedelta(days=1)
    assert outlet_state.show_state(health, run, hourly, now) is ShownState.NOT_READ
    assert outlet_state.show_state(health, run, daily, now) is ShownState.OK
    assert outlet_state.show_state(None, run, daily, now) is ShownState.NOT_READ
    unchosen = outlet_state.show_state(health, run, daily, now, is_chosen=False)
    assert unchosen is ShownState.NOT_READ


def test_a_day_that_was_not_read_is_no_day_without_news() -> None:
    days = [
        HealthDay(day=LAST_DAY, runs=4, bad=1, seen=3, new=0),
        HealthDay(day=LAST_DAY - timedelta(days=1), runs=2, bad=2),
        HealthDay(day=LAST_DAY - timedelta(days=3), runs=1),
    ]
    states = [each.state for each in outlet_state.make_days(days, LAST_DAY, 5)]
    unread, failed, read = DayState.NOT_READ, DayState.FAILED, DayState.READ
    assert states == [unread, unread, unread, failed, read]


def test_the_usual_week_is_the_median_of_earlier_weeks_that_were_read() -> None:
    def week(back: int, new: int, read_days: int = 7) -> list[HealthDay]:
        first = LAST_DAY - timedelta(days=7 * back)
        return [
            HealthDay(day=first - timedelta(days=n), runs=1, seen=1, new=new)
            for n in range(read_days)
        ]

    days = [*week(0, 9), *week(1, 1), *week(2, 2), *week(3, 30), *week(4, 50, read_days=4)]
    assert outlet_state.sum_week(days, LAST_DAY) == 63
    assert outlet_state.usual_week(days, LAST_DAY) == 14
    assert outlet_state.usual_week(week(0, 9), LAST_DAY) is None
