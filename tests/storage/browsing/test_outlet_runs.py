from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from storage import Database
from storage.browsing.latest_lines import load_latest_lines
from storage.browsing.outlet_runs import load_gaps, load_runs
from storage.browsing.selection import TimeOf
from storage.changes.gaps import GapReason
from storage.records import Article, RunOutcome
from storage.tables.runs import run as run_table

START = datetime(2026, 3, 1, tzinfo=UTC)


def _run(
    database: Database, outlet: str, hours: float, outcome: RunOutcome, kind: str = "crawl"
) -> int:
    run = database.runs.begin(outlet, kind=kind)
    run.started_at = START + timedelta(hours=hours)
    run.ended_at, run.outcome = run.started_at + timedelta(minutes=1), outcome
    database.write(
        lambda connection: connection.execute(
            update(run_table).where(run_table.c.id == run.id), {"started_at": run.started_at}
        )
    )
    database.runs.finish(run)
    return run.id


def test_runs_are_read_page_by_page_and_only_of_the_outlet(database: Database) -> None:
    ids = [_run(database, "a", hour, RunOutcome.OK) for hour in (0, 2, 1, 1)]
    _run(database, "b", 3, RunOutcome.OK)
    first = load_runs(database, "a", limit=3)
    assert [each.id for each in first.rows] == [ids[1], ids[3], ids[2]]
    second = load_runs(database, "a", limit=3, before=first.next)
    assert [each.id for each in second.rows] == [ids[0]]
    assert second.next is None
    back = load_runs(database, "a", limit=3, after=second.previous)
    assert [each.id for each in back.rows] == [each.id for each in first.rows]


def test_gaps_are_found_in_the_crawls_of_the_period_only(database: Database) -> None:
    for hour in (0.0, 50.0, 51.0, 52.0, 53.0):
        _run(database, "a", hour, RunOutcome.UNREACHABLE if hour == 52 else RunOutcome.OK)
    _run(database, "a", 51.5, RunOutcome.FAILED, kind="import")
    _run(database, "b", 51, RunOutcome.FAILED)
    end, pause = START + timedelta(hours=53, minutes=2), timedelta(hours=1)
    all_gaps = load_gaps(database, "a", since=START, now=end, every=pause)
    assert [each.why for each in all_gaps] == [GapReason.NOT_RUNNING, GapReason.UNREACHABLE]
    late = load_gaps(database, "a", since=START + timedelta(hours=40), now=end, every=pause)
    assert late == all_gaps[1:]


def test_the_last_run_of_an_outlet_is_the_one_that_began_last(database: Database) -> None:
    newest = _run(database, "a", 5, RunOutcome.OK)
    _run(database, "a", 1, RunOutcome.OK)
    other = _run(database, "b", 0, RunOutcome.OK)
    assert {name: run.id for name, run in database.runs.last_by_outlet().items()} == {
        "a": newest,
        "b": other,
    }


def test_the_latest_article_of_each_outlet_is_found(database: Database) -> None:
    def article(outlet: str, key: str, hours: int) -> Article:
        at = START + timedelta(hours=hours)
        url = f"https://{outlet}.example/{key}"
        return Article(outlet=outlet, url=url, key=key, title=key, text="Text.", published_at=at)

    database.save([article("a", "late", 9), article("a", "early", 1), article("b", "only", 2)])
    found = load_latest_lines(database, ["a", "b", "nobody"])
    assert {name: line.title for name, line in found.items()} == {"a": "late", "b": "only"}
    seen = load_latest_lines(database, ["a"], TimeOf.SEEN)
    assert seen["a"].title in {"late", "early"}
    assert load_latest_lines(database, []) == {}
