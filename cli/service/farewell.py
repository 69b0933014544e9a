"""What the service says once it has stopped: the board on the terminal is gone by then."""

from typing import TYPE_CHECKING

from storage.engine import parse_url
from storage.guard.secrets import show_address
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.processes.run_report import RunReport


def farewell_lines(report: "RunReport", url: str, logs: "Path") -> list[str]:
    """Returns how many runs ended and how, whether the network was out, and where all is.

    `url`: of the database. `logs`: the folder of the log files.
    """
    question = report.network.question
    return [
        _format_runs(report),
        *([question] if question else []),
        f"database: {_describe_database(url)}, logs: {logs}",
    ]


def _format_runs(report: "RunReport") -> str:
    if not report.outcomes:
        return "no run ended"
    outcomes = ", ".join(f"{number:,} {name}" for name, number in report.outcomes.most_common())
    runs = format_count(report.outcomes.total(), "run")
    return f"{runs}: {outcomes}; {format_count(report.new_articles, 'new article')}"


def _describe_database(url: str) -> str:
    parsed = parse_url(url)
    return str(parsed.database) if parsed.get_backend_name() == "sqlite" else show_address(url)
