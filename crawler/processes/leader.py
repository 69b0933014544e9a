"""Names the scheduler that leads, and says it in one line."""

import os
import secrets
import socket
from datetime import UTC, datetime

from storage.files.machine import machine_name
from storage.files.processes import is_process_alive

UNKNOWN_LEADER = "another scheduler leads this database"


def new_owner() -> str:
    """Returns a name for this scheduler, which no other has.

    It is host:pid:random:begin:machine, with the begin in seconds since 1970.
    """
    begin = int(datetime.now(UTC).timestamp())
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}:{begin}:{machine_name()}"


def leader_line(owner: str) -> str:
    """Returns in one line who leads, and that its process is gone if this host can see that.

    `owner`: of the lease, as `new_owner` or an older version of nkwire named it; "" for nobody.
    """
    parts = owner.rsplit(":", 4)
    if len(parts) < 5 or not (parts[1].isdecimal() and parts[3].isdecimal()):
        return UNKNOWN_LEADER
    host, pid, machine = parts[0], int(parts[1][:9]), parts[4]
    begin = datetime.fromtimestamp(int(parts[3][:11]), UTC)
    began = f"{begin:%Y-%m-%d %H:%M} UTC"
    if machine == machine_name() and not is_process_alive(pid, begin):
        return (
            f"the scheduler with pid {pid}, which led since {began}, no longer runs; another one can "
            "lead within 10 seconds"
        )
    return f"{UNKNOWN_LEADER}: host {host}, pid {pid}, since {began}"
