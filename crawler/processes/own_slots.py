"""How a pool of children of this process takes slots: a run ends with the process that began it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.processes.lease_holder import LeaseHolder
    from storage import Database
    from storage.runs.schedule_state import TakenSlot
    from storage.runs.slots import Cadence


class OwnSlots:
    """Base of pools whose runs are processes of this host (`crawler.processes.outlet_pool`)."""

    problem = ""  # what is due only waits for a place

    def take_slot(
        self, database: "Database", cadence: "Cadence", slot: "TakenSlot", lease: "LeaseHolder"
    ) -> bool:
        """Takes a slot for the owner of the lease, in the database. Returns whether it did.

        It does not while a worker of a service before this one reads the outlet.
        """
        if database.workers.are_reading(cadence.outlet):
            return False
        outlet, slot_at = cadence.outlet, slot.slot_at or datetime.now(UTC)
        return database.schedule.take_slot(outlet, slot_at, lease.owner, lease_name=lease.name)

    def left_running(self, database: "Database") -> Mapping[str, "TakenSlot"]:
        """Returns nothing: children do not outlive the process that started them."""
        return {}

    async def watch(self, seconds: float, lease: "LeaseHolder") -> None:
        """Waits: each child is watched by its own task."""
        await asyncio.sleep(seconds)
