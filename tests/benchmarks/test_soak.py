"""The soak of benchmarks/soak, of a few outlets and seconds."""

import random
import signal
from pathlib import Path

import pytest

from benchmarks.soak.hosts import can_make_hosts
from benchmarks.soak.mock_press import FAULTS, Fault, Plan
from benchmarks.soak.report import report, slope
from benchmarks.soak.soak import Soak, soak


@pytest.mark.threats("R10")
@pytest.mark.slow
def test_killed_at_random_the_service_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    plan = Plan(
        begin=0,
        outlets=5,
        every=3,
        gap=4,
        cycle=10,
        window=4,
        faults_until=14,
        news_until=16,
    )
    made = Soak(
        tmp_path,
        plan,
        f"sqlite:///{tmp_path}/nkwire.db",
        parallel=2,
        no_leader_kills_after=12,
        rng=random.Random(1),
        child_kill_interval=(2, 4),
        leader_kill_interval=(7, 8),
        hosts=("host-a", "host-b") if can_make_hosts() else ("", ""),
        host_down_seconds=10,
    )
    found = soak(made, max_wait_seconds=200)
    assert found.violations == []
    assert found.left_open == []
    assert len(found.hosts) == len(set(made.hosts))
    assert found.stored >= 5
    assert len(made.notes.leaders_killed) == 1
    # One that was just started again may not have begun to listen for the signal.
    assert set(made.notes.exit_codes) <= {0, -signal.SIGTERM}
    assert found.max_open_requests == 1
    assert "| lost | 0 |" in report(found, made.notes, plan)


def test_every_fault_is_somewhere_in_the_timetable() -> None:
    plan = Plan(begin=0, faults_until=4000)
    seen = {plan.fault_at(outlet, at) for outlet in range(30) for at in range(0, 4000, 20)}
    assert seen == {Fault.NONE, *FAULTS}


def test_a_fault_that_changes_is_none_that_lasts() -> None:
    plan = Plan(begin=0)
    start = next(at for at in range(1000) if plan.fault_at(0, at) is not Fault.NONE)
    assert plan.steady_fault(0, start, start + plan.window - 2) is plan.fault_at(0, start)
    assert plan.steady_fault(0, start, start + plan.window + 2) is None


def test_growth_is_told_by_run() -> None:
    assert slope([(0, 0, 100), (1, 10, 200), (2, 20, 300)]) == pytest.approx(10)
    assert slope([(0, 5, 100)]) == 0
