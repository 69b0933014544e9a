"""Writes what the storm of a fleet measured as a table."""

import platform
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.fleet.evaluation import Verdict, percentile
from benchmarks.fleet.press import PressResult
from benchmarks.fleet.processes import EVERY, LEASE, LIMITS, OUTLETS, SILENT

ALLOWED_SECONDS = SILENT + 5
MAX_PICKUP, MAX_CPU_PERCENT, MAX_MEGABYTES, MAX_DRAIN = 0.1, 0.5, 100.0, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The results of one storm. Times are in seconds."""

    verdict: Verdict
    worker_kills: int
    clock_kills: int
    suspended: int
    made_up: list[float]
    not_made_up: int
    children_at_once: int
    late_ends_refused: int
    pickups: list[float]
    storm_pickup_p50: float
    idle_cpu_percent: float
    idle_megabytes: float
    drain_seconds: float
    drained_runs: int
    open_after_drain: int

    @property
    def is_bad(self) -> bool:
        """Whether anything was lost, done twice or at once, or made up for too late."""
        verdict = self.verdict
        return bool(
            verdict.lost
            or verdict.double
            or verdict.overlapping
            or verdict.unfinished
            or self.not_made_up
            or self.children_at_once
            or self.open_after_drain
            or max(self.made_up, default=0) > ALLOWED_SECONDS
        )


def format_report(measured: Measured, press: PressResult) -> list[str]:
    """Returns the report in Markdown, as lines."""
    verdict = measured.verdict
    rows = [
        ("slots given out", verdict.slots, ""),
        ("runs ok", verdict.ok, ""),
        ("runs killed", verdict.killed, ""),
        ("**slots lost**", verdict.lost, "0"),
        ("**slots or jobs done twice**", verdict.double, "0"),
        ("**runs of one outlet that overlap**", verdict.overlapping, "0"),
        ("**children of one outlet alive at once**", measured.children_at_once, "0"),
        ("jobs or runs left unfinished", verdict.unfinished, "0"),
        ("lines of workers that a job was given to another", measured.late_ends_refused, ""),
        ("runs hit and made up for", len(measured.made_up), ""),
        ("runs hit and not made up for", measured.not_made_up, "0"),
        ("made up for, p50", f"{percentile(measured.made_up, 50):.1f} s", ""),
        (
            "made up for, longest",
            f"{max(measured.made_up, default=0):.1f} s",
            f"{ALLOWED_SECONDS:.0f} s",
        ),
        ("job taken, all in the storm, p50", f"{1000 * measured.storm_pickup_p50:.1f} ms", ""),
        (
            "job taken by an idle worker, p50",
            f"{1000 * percentile(measured.pickups, 50):.1f} ms",
            "",
        ),
        (
            "job taken by an idle worker, p95",
            f"{1000 * percentile(measured.pickups, 95):.1f} ms",
            f"{1000 * MAX_PICKUP:.0f} ms",
        ),
        (
            "idle worker, CPU of a core",
            f"{measured.idle_cpu_percent:.2f} %",
            f"{MAX_CPU_PERCENT} %",
        ),
        (
            "idle worker, memory without forkserver",
            f"{measured.idle_megabytes:.0f} MB",
            f"{MAX_MEGABYTES:.0f} MB",
        ),
        (
            f"SIGTERM to all workers with {measured.drained_runs} runs, until they ended",
            f"{measured.drain_seconds:.1f} s",
            f"{MAX_DRAIN:.0f} s",
        ),
        ("open runs after that", measured.open_after_drain, "0"),
    ]
    intro = (
        f"`python -m benchmarks.fleet`, {datetime.now(UTC):%Y-%m-%d}, Python"
        f" {platform.python_version()}, PostgreSQL on the same machine. Two clocks"
        f" (`nkwire run --workers elsewhere`) and three workers (`nkwire worker --parallel"
        f" {LIMITS.parallel}`) on hosts of their own (UTS namespaces), {OUTLETS} outlets every"
        f" {EVERY.total_seconds():.0f} s, runs of 0.1 to 6 s in real child processes. A lease lasts"
        f" {LEASE:.0f} s, and a worker is silent after {SILENT:.0f} s."
    )
    kills = (
        f"SIGKILL: {measured.worker_kills} workers and {measured.clock_kills} clocks. Suspended for"
        f" longer than the silence: {measured.suspended} workers."
    )
    return [
        "# A storm over a fleet",
        "",
        intro,
        "",
        kills,
        "",
        "| | measured | at most |",
        "|---|--:|--:|",
        *(f"| {name} | {value} | {limit} |" for name, value, limit in rows),
        "",
        (
            f"Real crawls of an invented press on loopback for {press.seconds:.0f} s, by three hosts,"
            f" of which one worker is killed: {press.requests} requests,"
            f" {sum(press.runs.values())} runs ({_by_host(press)}), {press.killed} killed,"
            f" {press.others} ended otherwise. At most"
            f" {press.most_open} request of an outlet was open at a time."
        ),
    ]


def _by_host(press: PressResult) -> str:
    return ", ".join(f"{host} {number}" for host, number in sorted(press.runs.items()))
