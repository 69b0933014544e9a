"""Names the scheduler that leads, and says it in one line."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.files.processes import is_process_alive

UNKNOWN_LEADER = "another scheduler leads this database; this one takes over when it ends"


@dataclass(frozen=True, slots=True)
class Leader:
    """A scheduler, as the owner of a lease names it. `since`: when its process began."""

    host: str
    pid: int
    since: datetime

    def format_line(self) -> str:
        """Returns who leads and what happens next."""
        began = f"{self.since:%Y-%m-%d %H:%M} UTC"
        if self.host == socket.gethostname() and not is_process_alive(self.pid, self.since):
            return (
                f"the scheduler with pid {self.pid}, which led since {began}, has ended without a"
                " word; this one takes over within 10 seconds"
            )
        return (
            f"another scheduler leads this database: host {self.host}, pid {self.pid}, since "
            f"{began}; this one takes over when it ends"
        )


def new_owner() -> str:
    """Returns a name for this scheduler, which no other has: host, pid, a random part, its begin."""
    begin = int(datetime.now(UTC).timestamp())
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}:{begin}"


def leader_line(owner: str) -> str:
    """Returns who leads by the owner of the lease, which may be of an older version."""
    parts = owner.rsplit(":", 3)
    if len(parts) < 4 or not (parts[1].isdecimal() and parts[3].isdecimal()):
        return UNKNOWN_LEADER
    begin = datetime.fromtimestamp(int(parts[3][:11]), UTC)
    return Leader(parts[0], int(parts[1][:9]), begin).format_line()
