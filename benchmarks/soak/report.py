"""Formats the soak's report as Markdown."""

import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from benchmarks.soak.evaluation import EXPECTED_CAUSES, FaultScore, SoakResult
from benchmarks.soak.mock_press import FAULTS, Fault, Plan

REFETCH_NOTE = (
    "Pages are fetched again where they were no article the first time (a captcha, an error page), or "
    "where the run was killed before they were stored; and stored ones by the ladder of second looks. Two "
    "requests are open at a host only in slow-loris windows: the press notices late that one was given up."
)
MemorySample = tuple[float, int, int]  # Unix time, runs so far, bytes


@dataclass(slots=True)
class ProcessNotes:
    """What the soak recorded about its processes.

    The key of `memory_samples` is a process id and a kind of process (service or forkserver).
    """

    children_killed: int = 0
    leaders_killed: list[float] = field(default_factory=list)
    exit_codes: list[int] = field(default_factory=list)
    memory_samples: Mapping[tuple[int, str], list[MemorySample]] = field(default_factory=dict)
    last_leader: int = 0


def report(result: SoakResult, notes: ProcessNotes, plan: Plan) -> str:
    """Returns the report as Markdown."""
    runs = sum(result.runs.values())
    outcomes = ", ".join(f"{number} {name}" for name, number in result.runs.most_common())
    lines = [
        "# Soak",
        "",
        _format_method(plan),
        "",
        "| | |",
        "|---|---|",
        f"| runs | {runs:,}: {outcomes} |",
        f"| runs by host | {', '.join(f'{host} {number}' for host, number in sorted(result.hosts.items()))} |",
        f"| schedulers killed with SIGKILL, with their hosts | {len(notes.leaders_killed)} |",
        f"| children killed with SIGKILL | {notes.children_killed} |",
        f"| exit codes of the last schedulers after SIGTERM | {', '.join(map(str, notes.exit_codes))} |",
        f"| articles published, stored | {result.published:,}, {result.stored:,} |",
        f"| lost | {len(result.missing)} |",
        f"| stored twice; stored and never published | {len(result.stored_twice)}; {len(result.never_published)} |",
        f"| slots run twice | {len(result.slots_twice)} |",
        f"| runs that nobody ended | {len(result.left_open)} |",
        f"| rules of storage/invariants.py broken | {len(result.broken_rules)} |",
        f"| from publication to capture, outlet well | {_latency(result, plan)} |",
        f"| requests per new article | {_requests(result)} |",
        f"| pages fetched again, of all page fetches | {result.refetched:,} of {result.pages:,} |",
        f"| of these second looks at stored pages, for edits | {result.revisits:,} |",
        f"| requests open at once, of one host; hosts | {result.max_open_requests}; {result.max_open_hosts} |",
        *(f"| {line} |" for line in _memory(notes)),
        "",
        REFETCH_NOTE,
        "",
        "## Faults",
        "",
        "Runs that lay wholly in a fault's window and met it, by what they said. Killed ones are left out.",
        "",
        "| injected | runs that met it | recognised | as |",
        "|---|---|---|---|",
        *(_row(fault, result.faults.get(fault, FaultScore())) for fault in FAULTS),
        "",
    ]
    misreported = [line for row in result.faults.values() for line in row.misreported]
    if misreported:
        lines += ["Told otherwise:", "", *(f"- {line[:300]}" for line in misreported[:40]), ""]
    if result.violations:
        lines += ["## Violations", "", *(f"- {line}" for line in result.violations[:40]), ""]
    return "\n".join(lines)


def _requests(result: SoakResult) -> str:
    rate = result.requests / max(1, result.stored)
    return f"{rate:.1f} ({result.requests:,}; robots.txt and the source at each run)"


def _format_method(plan: Plan) -> str:
    arguments = ["postgresql://..." if "://" in argument else argument for argument in sys.argv[1:]]
    command = " ".join(["python -m benchmarks.soak.soak", *arguments])
    return (
        f"`{command}`: {plan.outlets} invented outlets on loopback, "
        f"read every {plan.every * 0.8:.0f} to {plan.every * 1.2:.0f} s for {plan.news_until:.0f} s; hours "
        f"are seconds. Python {platform.python_version()}, Scrapy {version('scrapy')}, SQLAlchemy "
        f"{version('sqlalchemy')}; two cores, shared with other work."
    )


def _row(fault: Fault, score: FaultScore) -> str:
    causes = ", ".join(f"{cause} {number}" for cause, number in score.causes.most_common())
    expected = (
        " or ".join(sorted(EXPECTED_CAUSES[fault]))
        if fault in EXPECTED_CAUSES
        else "no fault of the outlet's"
    )
    expected = (
        "any cause" if fault in EXPECTED_CAUSES and len(EXPECTED_CAUSES[fault]) > 4 else expected
    )
    return f"| {fault} ({expected}) | {score.run_count} | {score.recognised} | {causes or '–'} |"


def _latency(result: SoakResult, plan: Plan) -> str:
    if len(result.latency) < 20:
        return "too few"
    quantiles = statistics.quantiles(result.latency, n=20)
    return (
        f"p50 {statistics.median(result.latency):.1f} s, p95 {quantiles[-1]:.1f} s "
        f"({len(result.latency):,} articles, cadence {plan.every:.0f} s)"
    )


def _memory(notes: ProcessNotes) -> list[str]:
    """Returns a line for each kind of process: memory and growth of its longest-lived process."""
    lines = []
    for process_kind in ("service", "forkserver"):
        sample_lists = [
            samples for (_, kind), samples in notes.memory_samples.items() if kind == process_kind
        ]
        if not sample_lists:
            continue
        longest = max(sample_lists, key=lambda samples: samples[-1][1] - samples[0][1])
        # The first fifth is left out, because loading at first use is no leak.
        steady = longest[len(longest) // 5 :]
        size = max(size for _, _, size in steady) / 2**20
        run_span = steady[-1][1] - steady[0][1]
        lines.append(
            f"memory of the {process_kind}, growth per 1,000 runs | {size:.0f} MB at most, "
            f"{slope(steady) * 1000 / 2**20:+.1f} MB (over {run_span:,} runs)"
        )
    return lines


def slope(samples: Sequence[MemorySample]) -> float:
    """Returns the growth of memory in bytes a run, by least squares."""
    runs = [float(run) for _, run, _ in samples]
    if len(set(runs)) < 2:
        return 0.0
    return statistics.linear_regression(runs, [float(size) for _, _, size in samples]).slope
