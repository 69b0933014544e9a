"""Jobs, workers and the sweep, in SQL alone (PostgreSQL)."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from crawler.fleet.extra import prepare_jobs
from storage import Database, open_database
from storage.counts import Count
from storage.errors import JobLost, SchemaError, StorageError
from storage.fleet.job_tables import have_jobs
from storage.fleet.orders import Order
from storage.fleet.sweep import SILENT_SECONDS
from storage.records import RunOutcome, StopReason
from tests.storage.fleet.conftest import LEADER, SLOT, worker_row

pytestmark = pytest.mark.postgres

HandOut = Callable[..., bool]
Fetch = Callable[[int], int | None]
Register = Callable[..., int]
COUNTS = """SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"""


def job_counts(database: Database) -> tuple[int, ...]:
    """How many jobs wait, go on, have failed."""
    return tuple(database.read(lambda c: c.execute(text(COUNTS)).one()))


def sweep(database: Database) -> list[tuple[str, bool]]:
    given_up = database.jobs.give_up_silent(LEADER, lease_name="scheduler")
    assert given_up is not None
    return [(each.outlet, each.is_again) for each in given_up]


def test_a_slot_and_its_job_are_written_together_or_not_at_all(
    database: Database, hand_out: HandOut, fetch: Fetch, worker: Register
) -> None:
    database.write(
        lambda c: c.execute(text("ALTER TABLE procrastinate_jobs ADD CHECK (lock <> 'herald')"))
    )
    with pytest.raises(StorageError):
        hand_out("herald")  # the job is refused when the slot has been taken
    assert not database.schedule.last_taken(SLOT).get("herald")
    assert hand_out("kcna")
    assert database.schedule.last_taken(SLOT)["kcna"].slot_at == SLOT
    assert job_counts(database) == (1, 0, 0)
    assert not hand_out("rodong", owner="beta:1:bb:1")  # who does not lead gives nothing out
    assert not hand_out("kcna", SLOT + timedelta(hours=1))  # one run waits already
    fetch(worker("a"))
    assert not hand_out("kcna", SLOT + timedelta(hours=1))  # and now it goes on
    assert database.workers.are_reading("kcna")  # which a service without workers heeds too
    assert not database.workers.are_reading("rodong")
    assert job_counts(database) == (0, 1, 0)


def test_a_slot_is_given_out_while_a_long_transaction_stores_articles_of_the_outlet(
    database: Database, hand_out: HandOut
) -> None:
    database.runs.begin("kcna")

    def store(connection: Connection) -> bool:
        row = "INSERT INTO run (outlet, kind, host, pid, started_at, cause)"
        connection.execute(text(f"{row} VALUES ('kcna', 'crawl', 'a', 1, now(), '')"))
        return hand_out("kcna")

    assert database.write(store)


def test_what_a_silent_worker_left_gets_a_new_slot_and_its_late_end_is_refused(
    database: Database, hand_out: HandOut, fetch: Fetch, worker: Register
) -> None:
    hand_out("kcna")
    number = worker("a", silent=0.2)
    job = fetch(number)
    run = database.runs.begin("kcna", job=job, slot_at=SLOT)
    assert database.workers.beat(worker_row("a"), number).held == {job}
    assert sweep(database) == []
    database.write(lambda c: c.execute(text("SELECT pg_sleep(0.3)")))
    assert sweep(database) == [("kcna", True)]
    assert sweep(database) == []
    assert job_counts(database) == (1, 0, 1)
    (killed,) = database.runs.latest("kcna")
    assert (killed.outcome, killed.stop_reason) == (RunOutcome.KILLED, StopReason.DIED)
    assert killed.cause == "its worker on a was silent"
    run.outcome = RunOutcome.OK
    with pytest.raises(JobLost, match="given to another worker"):
        database.runs.finish(run)
    with pytest.raises(JobLost):  # a child that began late
        database.runs.begin("kcna", job=job)
    assert database.runs.latest("kcna")[0].outcome is RunOutcome.KILLED
    assert database.workers.beat(worker_row("a"), number).held == frozenset()
    (made_up,) = database.jobs.open_runs()
    assert made_up.slot_at is not None
    assert made_up.slot_at > SLOT
    assert made_up.job != job


def test_a_run_that_had_ended_is_not_made_up_for(
    database: Database, hand_out: HandOut, fetch: Fetch, worker: Register
) -> None:
    hand_out("kcna")
    number = worker("a", silent=0.1)
    run = database.runs.begin("kcna", job=fetch(number), slot_at=SLOT)
    run.outcome = RunOutcome.OK
    database.runs.finish(run)  # and the worker dies before it says so
    database.write(lambda c: c.execute(text("SELECT pg_sleep(0.2)")))
    assert sweep(database) == [("kcna", False)]
    assert job_counts(database) == (0, 0, 1)
    assert database.runs.latest("kcna")[0].outcome is RunOutcome.OK


def test_what_a_run_of_the_past_left_is_ordered_once_if_its_worker_dies_at_the_end(
    database: Database, fetch: Fetch, worker: Register
) -> None:
    order = Order(outlet="kcna", since=SLOT, until=SLOT + timedelta(days=30))
    database.jobs.order([order])
    number = worker("a", silent=0.1)
    job = fetch(number)
    assert job is not None
    run = database.runs.begin("kcna", job=job, selective=True)
    run.outcome, run.counts = RunOutcome.OK, {Count.LISTED_OVER.value: 7}
    database.runs.finish(run)  # and the worker dies before it orders the rest
    database.write(lambda c: c.execute(text("SELECT pg_sleep(0.2)")))
    assert sweep(database) == [("kcna", True)]
    assert job_counts(database) == (1, 0, 1)
    assert not database.jobs.order_again(job, order)  # as one that dies after it has
    assert database.jobs.order_again(job, Order(outlet="kcna", since=SLOT))
    assert job_counts(database) == (2, 0, 1)


def test_jobs_of_a_removed_worker_and_runs_without_job_are_given_up(
    database: Database, hand_out: HandOut, fetch: Fetch, worker: Register
) -> None:
    hand_out("kcna")
    hand_out("rodong")
    number = worker("a")
    database.runs.begin("kcna", job=fetch(number))
    lost = fetch(number)
    left = database.runs.begin("rodong", job=lost)
    prune = text("SELECT procrastinate_prune_stalled_workers_v1(-1)")  # as another program may
    ended = text("SELECT procrastinate_finish_job_v1(:job, 'failed', false)")
    database.write(lambda c: c.execute(ended, {"job": lost}).all())
    assert database.write(lambda c: len(c.execute(prune).all())) == 1
    assert not database.workers.beat(worker_row("a"), number).is_known
    assert sweep(database) == [("kcna", True)]
    runs = {run.outlet: run for run in database.runs.latest()}
    assert runs["rodong"].id == left.id
    assert {run.outcome for run in runs.values()} == {RunOutcome.KILLED}
    assert job_counts(database) == (1, 0, 2)
    assert database.jobs.give_up_silent("beta", lease_name="scheduler") is None


def test_a_run_of_the_schedule_goes_before_the_past_and_one_outlet_has_one_run(
    database: Database, hand_out: HandOut, fetch: Fetch, worker: Register
) -> None:
    past = [Order(outlet="kcna", since=SLOT, until=SLOT + timedelta(days=n)) for n in range(1, 4)]
    database.jobs.order(past)
    hand_out("rodong")
    hand_out("kcna")
    number = worker("a")
    taken = [fetch(number) for _ in range(3)]
    assert taken[2] is None  # the past of kcna waits for its run of the schedule
    assert [each.outlet for each in database.jobs.open_runs()] == ["rodong", "kcna"]
    finish = text("SELECT procrastinate_finish_job_v1(:job, 'succeeded', false)")
    database.write(lambda c: c.execute(finish, {"job": taken[1]}).all())
    assert fetch(number) is not None
    assert fetch(number) is None


def test_status_names_silent_hosts_and_queues_that_nobody_serves(
    database: Database, hand_out: HandOut, fetch: Fetch, worker: Register
) -> None:
    assert database.workers.status().lines() == []
    fetch_as = worker("a")
    worker("b", silent=0.1)
    database.jobs.order([Order(outlet="x", browser=True, since=SLOT)])
    hand_out("kcna")
    fetch(fetch_as)
    database.write(lambda c: c.execute(text("SELECT pg_sleep(0.2)")))
    hosts, waiting, problem = database.workers.status().lines()
    assert hosts == "hosts: a 1 of 4, b silent 0 s"
    assert waiting.startswith("waiting for a worker: 1, the first for 0 s")
    assert problem.startswith("no worker serves the queue browser, and 1 wait there")
    worker("c", queues=("default", "browser"))
    assert database.workers.status().problems() == []
    database.workers.remove("c")
    assert len(database.workers.status().problems()) == 1


def test_old_jobs_are_deleted_and_open_ones_stay(
    database: Database, hand_out: HandOut, fetch: Fetch, worker: Register
) -> None:
    hand_out("kcna")
    hand_out("rodong")
    job = fetch(worker("a"))
    finish = text("SELECT procrastinate_finish_job_v1(:job, 'succeeded', false)")
    database.write(lambda c: c.execute(finish, {"job": job}).all())
    assert database.jobs.forget_old() == 0
    assert database.jobs.forget_old(timedelta(0)) == 1
    assert job_counts(database) == (1, 0, 0)


def test_the_job_tables_are_made_once_and_those_of_another_version_are_refused(
    new_corpus: Callable[[str], str],
) -> None:
    url = new_corpus("postgresql")
    problems: list[Exception] = []

    def make() -> None:
        try:
            with open_database(url) as opened:
                prepare_jobs(opened)
        except Exception as error:  # noqa: BLE001  the test says it
            problems.append(error)

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with open_database(url) as opened:
        assert opened.read(have_jobs)
        drop = text("DROP FUNCTION procrastinate_retry_job_v2")
        opened.write(lambda c: c.execute(drop))
        with pytest.raises(SchemaError, match="procrastinate_retry_job_v2 is missing"):
            prepare_jobs(opened)


def test_a_worker_that_was_forgotten_is_stored_again_when_it_wakes_up(
    database: Database, worker: Register
) -> None:
    number = worker("a")
    database.workers.forget_old()
    assert len(database.workers.status().hosts) == 1
    database.workers.forget_old(timedelta(0))
    assert database.workers.status().hosts == ()
    assert not database.workers.beat(worker_row("a"), number).is_known
    assert [each.host for each in database.workers.status().hosts] == ["a"]


def test_a_job_whose_worker_never_said_that_it_lives_is_given_up_after_the_usual_time(
    database: Database, hand_out: HandOut, fetch: Fetch
) -> None:
    hand_out("kcna")
    asked = text("SELECT worker_id FROM procrastinate_register_worker_v1()")
    number = database.write(lambda c: c.scalar(asked))
    assert number is not None
    assert fetch(number) is not None  # and it is killed before its first beat and its first run
    age = text(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => :s)"
    )
    database.write(lambda c: c.execute(age, {"s": SILENT_SECONDS - 3}))
    assert sweep(database) == []
    database.write(lambda c: c.execute(age, {"s": SILENT_SECONDS + 1}))
    assert sweep(database) == [("kcna", True)]
    assert job_counts(database) == (1, 0, 1)


def test_orders_survive_their_way_through_json() -> None:
    order = Order(
        outlet="kcna",
        browser=True,
        slot_at=datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
        missed=2,
        since=SLOT,
        pages_left=7,
    )
    assert Order.from_arguments(order.to_arguments()) == order
