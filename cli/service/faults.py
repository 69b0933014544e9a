"""Keeps tasks beside the schedule alive."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from crawler.processes.lease_holder import DATABASE_ERRORS, problem_line

Work = Callable[[], Coroutine[object, object, None]]

RETRY_SECONDS = 60.0

log = logging.getLogger("nkwire.service")


async def repeat_after_faults(work: Work) -> None:
    """Does the work; after a fault in it, tells the fault and begins again a minute later.

    So a fault beside the schedule neither ends the service nor goes unseen.
    """
    while True:
        try:
            return await work()
        except DATABASE_ERRORS as error:
            log.error("beside the schedule: %s", problem_line(error))
        except Exception:
            log.exception("a fault beside the schedule")
        await asyncio.sleep(RETRY_SECONDS)


@asynccontextmanager
async def running_beside(*works: Work) -> AsyncIterator[None]:
    """Runs these works with `repeat_after_faults` during the block, and cancels them at its end."""
    tasks = [asyncio.create_task(repeat_after_faults(work)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
