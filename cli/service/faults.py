"""Keeps a task beside the schedule alive."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from crawler.processes.lease_holder import DATABASE_ERRORS, problem_line

RETRY_SECONDS = 60.0

log = logging.getLogger("nkwire.service")


async def repeat_after_faults(work: Callable[[], Coroutine[object, object, None]]) -> None:
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
