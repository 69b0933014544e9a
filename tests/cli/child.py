"""The command in a child process, for what can be done once in a process, such as a crawl."""

import os
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import crawler.processes.run  # noqa: F401  a forkserver loads it once for all children
from cli.app import run
from tests.captured import captured


def command(arguments: Sequence[str], stands_in: Path, folder: Path) -> CompletedProcess[str]:
    os.chdir(stands_in)
    return captured(lambda: run([*arguments]), arguments, folder)
