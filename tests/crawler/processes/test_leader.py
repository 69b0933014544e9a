"""Who leads is named by host, pid and begin."""

import os
import socket
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from crawler.processes.leader import UNKNOWN_LEADER, leader_line, new_owner
from storage.files.machine import machine_name


def test_a_living_leader_is_named() -> None:
    line = leader_line(new_owner())
    assert line.startswith(
        f"another scheduler leads this database: host {socket.gethostname()}, pid {os.getpid()}, since "
    )


def test_a_leader_that_was_killed_is_called_so() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    host, _, rest = new_owner().split(":", 2)
    line = leader_line(f"{host}:{gone.pid}:{rest}")
    assert f"pid {gone.pid}" in line
    assert line.endswith("no longer runs; another one can lead within 10 seconds")


def test_a_leader_on_another_machine_is_not_looked_for_on_this_one() -> None:
    host = socket.gethostname()  # a copy of this machine has the same
    assert leader_line(f"{host}:1999999:ab:1700000000:0123456789abcdef-1").startswith(
        f"another scheduler leads this database: host {host}, pid 1999999, since 2023-11-14 22:13"
    )


def test_a_machine_that_was_renamed_is_this_one() -> None:
    owner = f"renamed:1999999:ab:1700000000:{machine_name()}"
    assert "no longer runs" in leader_line(owner)


@given(st.text(max_size=60) | st.from_regex(r"\w+:\d+:\w+:\d+:\w+-\d*", fullmatch=True))
def test_the_owner_of_any_lease_gives_one_line(owner: str) -> None:
    line = leader_line(owner)
    assert line.startswith(UNKNOWN_LEADER) or "no longer runs" in line


def test_an_owner_of_an_older_version_is_another_scheduler() -> None:
    older = ("", "host:12:ab12cd34", "host:12:ab12cd34:1700000000")
    assert {leader_line(each) for each in older} == {UNKNOWN_LEADER}
