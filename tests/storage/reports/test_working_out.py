"""What is kept of reports equals what is worked out from nothing, whatever came in between."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from dedup.records import DecisionVerb
from dedup.reports.cues import decode_cues
from dedup.reports.days import chronological_key, iter_days
from storage import Database
from storage.invariants import check_invariants
from storage.records import Article
from storage.reports import day_plan, working_out
from storage.reports.carriage import load_carriage
from storage.reports.day_plan import DayPlan, plan_days
from storage.reports.provenance import load_report_provenance
from storage.reports.report_writer import store_plan
from storage.reports.working_out import load_lag, rebuild_reports, work_out
from storage.tables.articles import article
from storage.tables.reports import carrier, carrying_story, report
from tests.storage.invented_reports import MakeCarrier

Group = frozenset[str]


def groups(database: Database) -> set[Group]:
    """The kept reports by the addresses of their articles."""
    return {frozenset(each.url for each in kept.articles) for kept in load_carriage(database)}


def rows(database: Database) -> dict[str, tuple[object, ...]]:
    """What is kept of each article, without numbers that differ from database to database."""
    return {
        each.url: (each.manner, each.at, kept.lead.url, len(kept.articles))
        for kept in load_carriage(database)
        for each in kept.articles
    }


def from_nothing(database: Database) -> set[Group]:
    """The reports by the functions that know no database, day by day over all stories."""
    query = select(carrying_story, carrier.c.cues).join_from(
        carrying_story, carrier, carrier.c.article_id == carrying_story.c.article_id
    )
    stories = database.read(lambda connection: connection.execute(query).all())
    story_of = {row.article_id: row.story_id for row in stories}
    cues = sorted((decode_cues(row.cues) for row in stories), key=chronological_key)
    found = [group for finished in iter_days(cues) for group in finished]
    members: dict[int | None, set[str]] = {}
    for row in database.read(lambda c: c.execute(select(article.c.story_id, article.c.url)).all()):
        members.setdefault(row.story_id, set()).add(row.url)
    return {
        frozenset(url for cues in group for url in members[story_of[cues.id]])
        for group in found
        if any(cues.carries for cues in group)
    }


def save_in_parts(database: Database, articles: Iterable[Article], chance: random.Random) -> None:
    """Saves in batches of any size, and works out after some of them."""
    waiting = list(articles)
    while waiting:
        size = chance.randint(1, 9)
        database.save(waiting[:size])
        del waiting[:size]
        if chance.random() < 0.5:
            work_out(database)
    work_out(database)


@pytest.mark.parametrize("seed", range(3))
def test_reports_do_not_depend_on_the_order_of_arrival(
    seed: int, database: Database, carriers: list[Article]
) -> None:
    chance = random.Random(seed)
    database.outlets.declare_ranks({"times": 1})
    save_in_parts(database, chance.sample(carriers, len(carriers)), chance)
    assert check_invariants(database) == []
    url = "https://outlet.test/{}".format
    assert {frozenset(map(url, range(4 * n, 4 * n + 4))) for n in range(4)} <= groups(database)
    assert groups(database) == from_nothing(database)
    kept = rows(database)
    assert len(kept) == 32
    rebuild_reports(database)
    assert rows(database) == kept


@pytest.mark.parametrize(("seed", "stories_per_plan"), [(0, 1), (1, 2_000)])
def test_edits_merges_and_splits_leave_what_would_be_worked_out_from_nothing(
    seed: int,
    stories_per_plan: int,
    database: Database,
    carriers: list[Article],
    make_carrier: MakeCarrier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(day_plan, "MAX_STORIES_PER_PLAN", stories_per_plan)
    chance = random.Random(seed)
    save_in_parts(database, chance.sample(carriers, len(carriers)), chance)
    ids = [row.id for row in database.articles.iter()]
    for step in range(20):
        change = chance.randrange(4)
        if change == 0:
            number = chance.randrange(32)
            moved = timedelta(days=chance.randint(-4, 4))
            database.save(
                [make_carrier(number, chance.randrange(8), step + 1, later=moved, at=step + 1)]
            )
        elif change == 1:
            silent = make_carrier(chance.randrange(32), None, step + 1, at=step + 1)
            database.save([silent])
        else:
            a, b = chance.sample(ids, 2)
            verb = DecisionVerb.MUST_LINK if change == 2 else DecisionVerb.CANNOT_LINK
            database.decisions.add(a, b, verb)
        if chance.random() < 0.5:
            work_out(database)
            assert check_invariants(database) == []
    work_out(database)
    assert check_invariants(database) == []
    assert groups(database) == from_nothing(database)
    kept = rows(database)
    rebuild_reports(database)
    assert rows(database) == kept


def test_a_plan_that_another_change_has_overtaken_is_not_stored(
    database: Database, carriers: list[Article]
) -> None:
    database.save(carriers[:8])
    with database.snapshot() as connection:
        plan = plan_days(connection)
    assert plan is not None
    database.save(carriers[8:12])
    late = carriers[12]
    late.published_at = carriers[0].published_at
    database.save([late])
    assert not database.write(lambda connection: store_plan(connection, plan))
    assert load_carriage(database) == []
    assert work_out(database)
    assert groups(database) == from_nothing(database)
    with database.snapshot() as connection:
        assert plan_days(connection) is None
    assert not database.write(lambda connection: store_plan(connection, plan))


def test_articles_that_keep_changing_do_not_stop_the_working_out(
    database: Database, carriers: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    database.save(carriers[:4])
    calls: list[bool] = []

    def plan_and_be_overtaken(connection: Connection) -> DayPlan | None:
        plan = plan_days(connection)
        if len(calls) < 3:  # the plan after that is made while writers wait
            late = replace(carriers[4 + len(calls)], published_at=carriers[0].published_at)
            database.save([late])
        calls.append(plan is not None)
        return plan

    monkeypatch.setattr(working_out, "plan_days", plan_and_be_overtaken)
    assert work_out(database)
    assert calls[:4] == [True] * 4
    assert groups(database) == from_nothing(database)


def test_what_waits_is_told_until_it_is_worked_out(
    database: Database, carriers: list[Article]
) -> None:
    before = datetime.now(UTC)
    assert not database.read(load_lag).is_behind
    database.save(carriers[:8])
    lag = database.read(load_lag)
    assert lag.waiting_days == len(set(days_of(carriers[:8])))
    assert lag.worked_out_until is not None
    assert before <= lag.worked_out_until <= datetime.now(UTC)
    assert not work_out(database, max_seconds=0)
    assert database.read(load_lag) == lag
    assert load_carriage(database) == []
    assert work_out(database)
    assert not database.read(load_lag).is_behind
    assert len(load_carriage(database)) == 2


def days_of(articles: Iterable[Article]) -> list[date]:
    """The days in Pyongyang on which these articles were published."""
    return [
        (each.published_at + timedelta(hours=9)).date() for each in articles if each.published_at
    ]


def test_only_the_days_that_a_change_touched_are_worked_out_again(
    database: Database, carriers: list[Article], make_carrier: MakeCarrier
) -> None:
    database.save(carriers)
    work_out(database)
    before = {kept.id: stamp(database, kept.id) for kept in load_carriage(database)}
    database.save([make_carrier(50, 0, later=timedelta(hours=1))])
    work_out(database)
    after = {kept.id: stamp(database, kept.id) for kept in load_carriage(database)}
    changed = {number for number in before if after[number] != before[number]}
    (grown,) = (
        kept for kept in load_carriage(database) if any("/50" in a.url for a in kept.articles)
    )
    assert changed == {grown.id}


def stamp(database: Database, number: int) -> datetime | None:
    """When a report was worked out."""
    return database.read(
        lambda c: c.scalar(select(report.c.worked_out_at).where(report.c.id == number))
    )


def test_a_changed_rank_has_all_articles_read_again(
    database: Database, make_carrier: MakeCarrier
) -> None:
    database.save([make_carrier(0, 0), make_carrier(1, 0), make_carrier(6, None)])
    work_out(database)
    (kept,) = load_carriage(database)
    assert kept.lead.outlet == "times"
    database.outlets.declare_ranks({"herald": 0, "times": 9, "copier": 0})
    assert database.read(load_lag).unread_articles == 3
    work_out(database)
    leads = {kept.lead.outlet: kept.has_agency_original for kept in load_carriage(database)}
    assert leads == {"herald": True, "copier": True}


def test_an_article_that_changes_within_a_batch_carries_what_its_last_text_carries(
    database: Database, make_carrier: MakeCarrier
) -> None:
    about = replace(make_carrier(1, 0, at=0), title="North Korea opens a park", text="Rain. " * 60)
    database.save([about, make_carrier(1, None, at=1), make_carrier(2, None, at=0)])
    assert database.read(lambda c: c.execute(select(carrier.c.article_id)).all()) == []
    database.save([make_carrier(2, None, 1, at=1), make_carrier(2, 0, at=2)])
    work_out(database)
    assert [kept.lead.outlet for kept in load_carriage(database)] == ["copier"]
    assert check_invariants(database) == []


def test_cues_that_are_damaged_or_of_another_version_are_read_from_the_text(
    database: Database, make_carrier: MakeCarrier
) -> None:
    database.save([make_carrier(0, 0), make_carrier(1, 0), make_carrier(3, 0)])
    work_out(database)

    def spoil(connection: Connection) -> None:
        ids = connection.scalars(select(carrier.c.article_id).order_by(carrier.c.article_id)).all()
        for article_id, column, value in ((ids[0], "cues", b"?"), (ids[1], "cues_version", "0")):
            is_this = carrier.c.article_id == article_id
            connection.execute(update(carrier).where(is_this).values({column: value}))

    database.write(spoil)
    database.save([make_carrier(2, 0)])
    work_out(database)
    (kept,) = load_carriage(database)
    assert len(kept.articles) == 4
    edges = load_report_provenance(database, kept.id).edges
    rebuild_reports(database)
    assert load_report_provenance(database, kept.id).edges == edges
