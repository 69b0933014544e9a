"""Nothing that a command for alerts starts outlives the time that it has (threat R17)."""

import asyncio
import sys
from pathlib import Path

import pytest

from cli.service import alerting
from cli.service.alerting import CommandChannel, try_send
from tests.watching import alive, until

MESSAGE = {"text": "kcna is broken", "lines": ["kcna is broken"], "changes": []}
# Starts a process in a session of its own, and tells its pid.
LEAVES = """
import subprocess, sys, time
left = subprocess.Popen([sys.executable, "-c", sys.argv[2]], start_new_session=True)
open(sys.argv[1], "a").write(f"{left.pid}\\n")
"""
WAITS = "import time; time.sleep(600)"
IS_DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITS}"
# Its parent ends at once, so it belongs to nobody: a daemon.
IS_A_DAEMON = """
import os, sys, time
file = sys.argv[1]
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
open(file, "a").write(f"{os.getpid()}\\n")
time.sleep(600)
"""
FORKS_AND_FORKS = """
import os, sys, time
for _ in range(40):
    if not os.fork():
        os.setsid()
        open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
        time.sleep(600)
time.sleep(600)
"""


def tell(*arguments: str) -> str:
    return asyncio.run(try_send(CommandChannel((sys.executable, "-c", *arguments)), MESSAGE))


@pytest.mark.threats("R17")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((LEAVES, WAITS), ""),
        ((LEAVES, IS_DEAF), ""),
        ((LEAVES + WAITS, WAITS), "it had not ended after 2 s and was killed"),
        ((LEAVES + IS_DEAF, IS_DEAF), "it had not ended after 2 s and was killed"),
        ((IS_A_DAEMON,), ""),
        ((FORKS_AND_FORKS,), "it had not ended after 2 s and was killed"),
    ],
    ids=["child", "deaf child", "both wait", "both are deaf", "daemon", "many"],
)
def test_what_a_command_leaves_behind_ends_in_its_time(
    arguments: tuple[str, ...], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "DELIVERY_TIMEOUT_SECONDS", 2.0)
    file = tmp_path / "pids"
    assert tell(arguments[0], str(file), *arguments[1:]) == problem
    pids = [int(pid) for pid in file.read_text().split()]
    assert pids
    assert until(lambda: not any(map(alive, pids)), 20)


@pytest.mark.threats("R17")
def test_a_delivery_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pids"

    async def cancel_when_it_runs() -> None:
        arguments = (sys.executable, "-c", LEAVES + WAITS, str(file), WAITS)
        sending = asyncio.create_task(try_send(CommandChannel(arguments), MESSAGE))
        while not file.exists() or not file.read_text():
            await asyncio.sleep(0.02)
        sending.cancel()
        await asyncio.wait({sending})

    asyncio.run(cancel_when_it_runs())
    assert until(lambda: not any(alive(int(pid)) for pid in file.read_text().split()), 20)


def test_a_signal_that_ends_a_command_is_told_as_a_shell_does() -> None:
    assert tell("import os; os.kill(os.getpid(), 9)") == "it ended with code 137"
