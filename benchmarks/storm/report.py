"""Prints the table of a storm."""

import os
import platform
from collections.abc import Sequence

from benchmarks.storm.storm import TaskResult

_INTRODUCTION = """\
# Storm

`python -m benchmarks.storm {arguments}`: each task is killed with SIGKILL at a random moment of its length, or at
an edge (a commit, a rename, the first write to a file, a removal). Then it is started again, and what is left is
compared with an undisturbed run. Python {python}, {processors} cores, {seconds:,.0f} s in all.

| task | database | kills | of these at an edge | lost | double | runs with differences | broken rules, damage, half files | left behind | reruns that failed | seconds |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""
_EXPLANATION = """
Lost, double: rows and files that an undisturbed run leaves and this one did not, or the other way round, without the times of
the own clock and the numbers of rows. Rules: storage/invariants.py, `PRAGMA integrity_check`, PostgreSQL's amcheck.
Left behind: drafts and temporary files after the rerun, but not the file of four bytes with which Python's own tempfile tries
the folder at the start of a process. Service: schedulers, their forkservers, crawls, database
sessions and the server of PostgreSQL itself (`pg_ctl stop -m immediate`). Sessions cut: SIGTERM and SIGKILL to the sessions of a crawl, which
must end well without a second start. Seconds are those of the workers, which share the cores.
"""


def format_report(results: Sequence[TaskResult], arguments: str, seconds: float) -> str:
    """Returns the report as Markdown. `arguments`: of the command line. `seconds`: wall clock."""
    lines = [
        f"| {each.task} | {each.database} | {_figures(each)} |"
        for each in sorted(results, key=lambda each: (each.task, each.database))
    ]
    whole = TaskResult("all", "")
    for each in results:
        whole.add(each)
    heading = _INTRODUCTION.format(
        arguments=arguments,
        python=platform.python_version(),
        processors=os.cpu_count(),
        seconds=seconds,
    )
    problems = [
        f"- {each.task}, {each.database}: {line}" for each in results for line in each.problems
    ]
    told = "\n".join(["", "## Problems", "", *problems, ""]) if problems else ""
    return heading + "\n".join([*lines, f"| all | | {_figures(whole)} |", ""]) + _EXPLANATION + told


def _figures(result: TaskResult) -> str:
    counts = (
        *(result.kills, result.aimed, result.lost, result.double, result.differing),
        *(result.broken, result.leftovers, result.failed_reruns, round(result.seconds)),
    )
    return " | ".join(f"{each:,}" for each in counts)
