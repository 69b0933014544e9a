"""Says what the scheduler asks of who runs its outlets: children of its own, or other hosts."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from storage.records import StopReason
from storage.runs.schedule_state import TakenSlot
from storage.runs.slots import Cadence

if TYPE_CHECKING:
    from crawler.processes.children import ChildResult, ProcessLimits
    from crawler.processes.lease_holder import LeaseHolder
    from storage import Database


class RunningOutlet(Protocol):
    """An outlet that is being read. `where`: on which host, or that it waits; "" is here."""

    @property
    def outlet(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def where(self) -> str: ...


class OutletPool(Protocol):
    """Runs outlets. `problem`: why some that are due are not begun, "" if all are."""

    limits: "ProcessLimits"
    problem: str

    @property
    def running(self) -> Mapping[str, RunningOutlet]:
        """The outlets that are being read, or wait for a worker, by name."""

    def take_slot(
        self, database: "Database", cadence: Cadence, slot: TakenSlot, lease: "LeaseHolder"
    ) -> bool:
        """Takes a slot for the owner of the lease, in the database. Returns whether it did."""

    def left_running(self, database: "Database") -> Mapping[str, TakenSlot]:
        """Returns the slots whose runs go on since before this scheduler led, by outlet."""

    async def run(self, outlet: str, *, browser: bool = False) -> "ChildResult | None":
        """Runs the outlet for the slot that was taken, until it ends; None if it was not begun."""

    async def watch(self, seconds: float, lease: "LeaseHolder") -> None:
        """Looks after the runs for some seconds."""

    def pids(self) -> set[int]:
        """Returns the pids of children of this process."""

    def allow_starts(self) -> None:
        """Lets runs begin again after a stop."""

    async def stop(self, reason: StopReason, cause: str) -> None:
        """Ends what this process has begun, and begins nothing more."""

    async def stop_forkserver(self) -> None:
        """Frees the memory that is only needed while runs begin."""
