import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import Database, open_database
from storage.records import RunOutcome, SourceState
from storage.runs.slots import ScheduleOverride


@pytest.fixture
def opened(an_empty_folder: Path) -> Database:
    """The default database, with one run of kcna."""
    with open_database(f"sqlite:///{an_empty_folder / 'data' / 'nkwire.db'}") as database:
        database.leases.acquire("scheduler", "a", 60)
        slot = datetime.now(UTC) - timedelta(hours=9)
        database.schedule.take_slot("kcna", slot, "a", lease_name="scheduler")
        run = database.runs.begin("kcna", slot_at=slot, missed=4)
        run.outcome = RunOutcome.QUIET
        database.runs.finish(run)
        return database


def row(nkwire: Callable[..., Any], outlet: str) -> dict[str, Any]:
    rows = nkwire("schedule", "list", "--json").json
    return next(each for each in rows if each["outlet"] == outlet)


@pytest.mark.usefixtures("opened")
def test_the_schedule_says_what_comes_came_and_was_missed(nkwire: Callable[..., Any]) -> None:
    held = row(nkwire, "kcna")
    assert (held["outcome"], held["missed"], held["paused"]) == ("quiet", 4, False)
    assert held["next_at"] > held["last_at"]
    assert held["every_seconds"] == held["declared_seconds"]
    never = row(nkwire, "rodong")
    assert (never["last_at"], never["outcome"]) == (None, None)
    lines = nkwire("schedule", "list").out.splitlines()
    assert any(line.startswith("kcna ") and " quiet " in line for line in lines)


def test_a_stored_setting_that_cannot_be_read_any_more_is_told_in_the_list(
    nkwire: Callable[..., Any], opened: Database, an_empty_folder: Path
) -> None:
    with open_database(f"sqlite:///{an_empty_folder / 'data' / 'nkwire.db'}") as database:
        database.schedule.set_override("kcna", ScheduleOverride(cron="0 6 * * 6-1"))
    held = row(nkwire, "kcna")
    assert (held["cron"], held["every_seconds"]) == ("", held["declared_seconds"])
    assert held["remarks"][0].startswith("read as declared: '0 6 * * 6-1' is no cron expression")
    assert nkwire("schedule", "list").code == 0


@pytest.mark.usefixtures("opened")
def test_what_is_set_is_kept_beside_what_was_set_before(nkwire: Callable[..., Any]) -> None:
    said = nkwire("schedule", "set", "kcna", "20m", "--quiet", "23:00-06:00 Asia/Seoul")
    assert said.code == 0
    assert said.err.startswith("kcna: every 20m, quiet 23:00-06:00 Asia/Seoul, ")
    held = row(nkwire, "kcna")
    assert (held["every_seconds"], held["quiet"]) == (1200, "23:00-06:00 Asia/Seoul")
    assert "set by you" in held["remarks"]
    assert nkwire("schedule", "set", "kcna", "5 0,6 * * 1-5", "--jitter", "2m").code == 0
    assert "days of the month" in nkwire("schedule", "set", "kcna", "0 6 1 * mon").err
    assert nkwire("schedule", "set", "kcna", "5 0,6 * * 1-5").code == 0
    held = row(nkwire, "kcna")
    assert (held["cron"], held["jitter_seconds"]) == ("5 0,6 * * 1-5", 120)
    assert held["quiet"] == "23:00-06:00 Asia/Seoul"
    assert held["next_at"][13:16] == ":05"
    assert nkwire("schedule", "set", "kcna", "--quiet", "off", "--jitter", "0").code == 0
    held = row(nkwire, "kcna")
    assert (held["quiet"], held["jitter_seconds"]) == ("", 0)
    assert nkwire("schedule", "set", "kcna", "--default").code == 0
    held = row(nkwire, "kcna")
    assert (held["cron"], held["remarks"]) == ("", [])


@pytest.mark.usefixtures("opened")
def test_what_was_set_is_said_with_its_zone_its_quiet_hours_and_the_next_slot(
    nkwire: Callable[..., Any],
) -> None:
    said = nkwire("schedule", "set", "kcna", "5 0,6 * * *", "--quiet", "23:00-01:00 Asia/Seoul")
    assert re.fullmatch(
        r"kcna: 5 0,6 \* \* \* \(UTC\), quiet 23:00-01:00 Asia/Seoul, "
        r"(due now, then|next) \d{4}-\d\d-\d\d 0[06]:05 UTC\n",
        said.err,
    )
    said = nkwire("schedule", "set", "tass", "5 0,6 * * *")  # never read, so it is due
    assert ": 5 0,6 * * * (UTC), due now, then 2" in said.err
    slot = row(nkwire, "kcna")["next_slot_at"]
    assert datetime.fromisoformat(slot) > datetime.now(UTC)


@pytest.mark.usefixtures("opened")
def test_a_paused_outlet_is_not_read_until_it_is_resumed(nkwire: Callable[..., Any]) -> None:
    nkwire("schedule", "set", "kcna", "3h")
    assert nkwire("schedule", "pause", "kcna").err == "kcna: paused\n"
    held = row(nkwire, "kcna")
    assert (held["paused"], held["next_at"]) == (True, None)
    assert nkwire("schedule", "resume", "kcna").code == 0
    held = row(nkwire, "kcna")
    assert (held["paused"], held["every_seconds"]) == (False, 3 * 3600)


def test_sources_say_when_they_are_tried_again(
    nkwire: Callable[..., Any], opened: Database
) -> None:
    again = datetime.now(UTC) + timedelta(hours=3)
    with open_database(str(opened.engine.url)) as database:
        database.sources.save(
            SourceState(
                outlet="kcna",
                source="https://kcna.test/feed",
                failures=2,
                points=2.0,
                failure="hard",
                problem="HTTP status 410",
                failing_since=again - timedelta(hours=5),
                next_at=again,
            )
        )
    [state] = nkwire("schedule", "sources", "kcna", "--json").json
    assert (state["failure"], state["disabled"]) == ("hard", False)
    out = nkwire("schedule", "sources", "kcna").out
    assert "HTTP status 410" in out
    assert f"{again:%Y-%m-%d %H:%M}" in out
    said = nkwire("schedule", "sources", "kcna", "--reset", "--json")
    assert (said.err, said.json) == ("kcna: 1 source forgotten\n", [])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("set", "kcnaa", "30m"), "no outlet 'kcnaa': did you mean kcna"),
        (("pause", "nothing"), "no outlet 'nothing'"),
        (("set", "kcna", "soon"), "'soon' is no interval"),
        (("set", "kcna", "5s"), "30 seconds at least"),
        (("set", "kcna", "61 * * * *"), "'61 * * * *' is no cron expression"),
        (("set", "kcna", "*/5 * * *"), "it needs five fields"),
        (("set", "kcna", "0 0 30 2 *"), "bad day-of-month"),
        (("set", "kcna", "30m", "--quiet", "at night"), "'at night' are no quiet hours"),
        (("set", "kcna", "30m", "--quiet", "01:00-02:00 Mars/X"), "are no quiet hours"),
        (("set", "kcna", "30m", "--jitter", "a bit"), "'a bit' is no interval"),
        (("set", "kcna"), "nothing to set"),
        (("set", "kcna", "30m", "--default"), "--default removes all settings"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_is_wrong_is_told_in_one_line_and_changes_nothing(
    arguments: tuple[str, ...], told: str, nkwire: Callable[..., Any], opened: Database
) -> None:
    said = nkwire("schedule", *arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert said.err.count("\n") == 1
    with open_database(str(opened.engine.url)) as database:
        assert database.schedule.overrides() == {}
