"""Which unfinished runs have ended: by pid on their own machine, else by their scheduler or by age."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname

import pytest

import storage
from benchmarks.soak.hosts import can_make_hosts, host_command
from storage import Database
from storage.files import machine
from storage.files.machine import is_one_start, machine_name
from storage.records import WORKER_PREFIX, RunOutcome, StopReason
from storage.runs.liveness import TAKEN_OVER_CAUSE, UNKNOWN_END_CAUSE

pytestmark = pytest.mark.threats("R14")
LEADER = "host-a:7:0a1b2c3d:1790000000:0000-1"
FORMER_LEADER = "host-b:7:9f8e7d6c:1780000000:1111-1"
OTHER = "0123456789abcdef-4026531836"
BEGIN_AND_DIE = """
import os, signal, sys
from storage import open_database
database = open_database(sys.argv[1])
for owner in ("", sys.argv[2]):
    run = database.runs.begin("kcna", owner=owner)
print(run.pid, run.machine, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def other_container() -> str:
    """Another pid namespace of this machine."""
    return f"{machine_name().partition('-')[0]}-1"


def test_a_pid_is_looked_up_only_on_its_own_machine(database: Database, dead_pid: int) -> None:
    def begin(pid: int, host: str, machine: str) -> int:
        return database.runs.begin("kcna", pid=pid, host=host, machine=machine).id

    here, alive = gethostname(), os.getpid()
    dead = {
        begin(dead_pid, here, machine_name()),
        begin(dead_pid, "renamed", machine_name()),
        begin(dead_pid, here, ""),
    }
    begin(alive, here, machine_name())
    begin(alive, "renamed", machine_name())
    begin(alive, here, "")
    begin(dead_pid, "another", "")
    begin(dead_pid, here, other_container())
    # A copy of this machine with its name. A file has one user: for it this is an earlier start.
    copy = begin(dead_pid, here, OTHER)
    if database.file:
        dead.add(copy)
    closed = database.runs.close_dead()
    assert {each.id for each in closed} == dead
    assert {each.cause for each in closed} == {UNKNOWN_END_CAUSE}
    assert database.runs.count(outcome="running") == 9 - len(dead)


def test_a_leader_closes_what_another_one_left_on_another_machine(
    database: Database, dead_pid: int
) -> None:
    def begin(owner: str, pid: int = dead_pid, machine: str | None = None) -> int:
        where = other_container() if machine is None else machine
        return database.runs.begin("kcna", owner=owner, pid=pid, machine=where).id

    left = begin(FORMER_LEADER)
    kept = {
        begin(""),
        begin(LEADER),
        begin(f"{WORKER_PREFIX}{FORMER_LEADER}"),
        begin(
            FORMER_LEADER, os.getpid(), machine_name()
        ),  # it was suspended, and its child goes on
    }
    assert database.runs.close_dead() == []
    [closed] = database.runs.close_dead(leader=LEADER)
    assert closed.id == left
    assert (closed.outcome, closed.stop_reason) == (RunOutcome.KILLED, StopReason.DIED)
    assert closed.is_cut_off
    assert closed.cause == TAKEN_OVER_CAUSE
    assert {each.id for each in database.runs.latest(outcome="running")} == kept


def test_what_nobody_knows_of_ends_after_a_day(database: Database) -> None:
    now = datetime.now(UTC)
    old, recent = (
        database.runs.begin("kcna", machine=other_container(), started_at=now - age)
        for age in (timedelta(hours=25), timedelta(hours=23))
    )
    assert [each.id for each in database.runs.close_dead(leader=LEADER)] == [old.id]
    assert [each.id for each in database.runs.latest(outcome="running")] == [recent.id]


def test_a_process_table_of_its_own_is_another_machine(database: Database, corpus_url: str) -> None:
    if not can_make_hosts():
        pytest.skip("this user may not make namespaces")
    begin_and_die = [sys.executable, "-c", BEGIN_AND_DIE, corpus_url, FORMER_LEADER]
    command = host_command(gethostname(), begin_and_die)
    root = Path(storage.__file__).parents[1]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    pid, name = done.stdout.split()
    assert int(pid) < 10  # of a process that lives here
    assert name != machine_name()
    assert is_one_start(name, machine_name())
    assert database.runs.close_dead() == []
    [closed] = database.runs.close_dead(leader=LEADER)
    assert (closed.owner, closed.cause) == (FORMER_LEADER, TAKEN_OVER_CAUSE)
    [open_run] = database.runs.latest(outcome="running")
    assert open_run.owner == ""


def test_a_machine_is_named_by_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name(machine_id: str | None, boot_id: str | None, namespace: str) -> str:
        files: list[Path] = []
        for text in (machine_id, boot_id):
            files.append(tmp_path / f"{len(files)}-{text}")
            if text is not None:
                files[-1].write_text(f"{text}\n")
        link = tmp_path / f"pid-{namespace}"
        if namespace and not link.is_symlink():
            link.symlink_to(f"pid:[{namespace}]")
        monkeypatch.setattr(machine, "MACHINE_ID_FILES", tuple(files))
        monkeypatch.setattr(machine, "PID_NAMESPACE_FILE", link)
        return machine_name()

    assert name("m1", "b1", "11") == name("m1", "b1", "11")
    names = [
        name("m1", "b1", "11"),
        name("m1", "b2", "11"),  # a copy of a virtual machine
        name("m2", "b1", "11"),
        name("m1", "b1", "12"),  # a container
        name(None, "b1", "11"),  # a container without a machine id
        name(None, "b2", "11"),
        name(None, None, ""),  # another system than Linux
    ]
    assert len(set(names)) == len(names)
    monkeypatch.setattr(machine, "gethostname", lambda: "renamed")
    assert name("m1", "b1", "11") == names[0]
    assert name(None, None, "") != names[-1]
