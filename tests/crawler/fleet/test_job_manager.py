"""What the job manager of a worker tells the database (PostgreSQL)."""

import asyncio

import pytest
from procrastinate.jobs import Status
from sqlalchemy import text

from crawler.fleet.extra import prepare_jobs
from crawler.fleet.job_manager import make_app
from storage import Database, open_database
from storage.fleet.orders import Order

STATE = text("SELECT status FROM procrastinate_jobs")


async def read(_job: int, _arguments: object) -> None:
    """Is never called: no worker of procrastinate runs."""


async def take_and_end(database: Database) -> list[str]:
    """The states of a job after its end was not recorded, and after another end that was."""
    app, manager = make_app(database.engine.url, read)
    states = []
    async with app.open_async():
        job = await manager.fetch_job(None, await manager.register_worker())
        assert job is not None
        assert job.id is not None
        assert manager.in_work == {job.id}
        manager.unrecorded.add(job.id)
        for _ in range(2):
            await manager.finish_job(job, Status.SUCCEEDED, delete_job=False)
            assert manager.in_work == set()
            states.append(str(database.read(lambda c: c.scalar(STATE))))
    return states


@pytest.mark.postgres
def test_a_job_whose_end_is_not_recorded_stays_open_for_the_leader(postgres_url: str) -> None:
    with open_database(postgres_url) as database:
        prepare_jobs(database)
        database.jobs.order([Order(outlet="kcna")])
        assert asyncio.run(take_and_end(database)) == ["doing", "succeeded"]
