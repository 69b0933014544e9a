"""`nkwire doctor`: checks all that nkwire needs, and says what to do."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import ExitCode
from cli.options import PANEL_SETUP, DatabaseOption, JsonOption, examples, load_config
from cli.setup.checks.finding import Finding, Situation, Status, problem
from cli.show.printing import console, format_value, print_json, print_note
from cli.show.streams import unguarded
from dedup.errors import NkwireError
from storage.guard.secrets import conceal
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from subprocess import Popen

    from crawler.processes.host_probe import HostAnswer

PROBE_SECONDS = 18.0  # with two seconds to load Scrapy, more on a busy machine
LOCAL_SECONDS, CHECK_SECONDS = 14.0, 10.0  # of all checks of this machine, and of each of them
HOSTS = 3
MARKS: Mapping[Status, tuple[str, str]] = {
    Status.OK: ("ok", "green"),
    Status.WARNING: ("warning", "yellow"),
    Status.PROBLEM: ("problem", "bold red"),
}

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_SETUP,
    epilog=examples("nkwire doctor", "nkwire doctor --offline", "nkwire doctor --json"),
)
def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave out the network: no host is asked.")
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Check all that nkwire needs: a checklist with what to do.

    Checks versions, settings, folders, free space, limits, time zones, browser, database and
    archive. Asks the hosts of three outlets for their robots.txt, one request each: so it knows the
    network, the clock and what the hosts allow. Changes nothing; a small object that it puts into
    the archive is deleted again. Exits with 1 if there is a problem.
    """
    findings = [conceal_secrets(each) for each in _examine(database, offline=offline)]
    if as_json:
        print_json([_to_dict(each) for each in findings])
    else:
        _print_checklist(findings)
    print_note(_summarise(findings))
    has_problem = any(each.status is Status.PROBLEM for each in findings)
    return ExitCode.FAILED if has_problem else ExitCode.OK


def _examine(database: str, *, offline: bool) -> Iterator[Finding]:
    from cli.setup.checks import program

    yield program.check_versions()
    yield program.check_extras()
    situation, finding = _read_situation(database)
    yield finding
    if situation is None:
        return
    begun = time.time(), time.monotonic()
    probe, hosts = (None, {}) if offline else _start_probe(situation)
    for name, check in _local_checks().items():
        seconds_left = LOCAL_SECONDS - (time.monotonic() - begun[1])
        yield within_time(name, check, situation, max(0.5, min(CHECK_SECONDS, seconds_left)))
    if not offline:
        yield from _judge_answers(probe, hosts, *begun)


def _local_checks() -> Mapping[str, Callable[[Situation], Finding]]:
    from cli.setup.checks import archive, database, machine

    return {
        "contact": machine.check_contact,
        "home folder": machine.check_home,
        "free space": machine.check_space,
        "limits": machine.check_limits,
        "time zones": machine.check_time_zones,
        "browser": machine.check_browser,
        "database": database.check_database,
        "archive": archive.check_archive,
    }


def _read_situation(database: str) -> tuple[Situation | None, Finding]:
    from cli.setup.checks import program
    from crawler.cadences import cadence_texts
    from crawler.chosen import chosen_outlets

    try:
        config = load_config()
        finding = program.check_settings()
        outlets = chosen_outlets(config)
        cadence_texts(config)
    except NkwireError as error:
        advice = "correct it; the other checks need the settings: then run `nkwire doctor` again"
        return None, problem("settings", str(error), advice)
    return Situation(config, config.resolved_database_url(database), outlets), finding


def within_time(
    name: str,
    check: Callable[[Situation], Finding],
    situation: Situation,
    seconds: float = CHECK_SECONDS,
) -> Finding:
    """Returns what a check finds; a problem if it fails, or takes longer than some seconds.

    A check that hangs, such as on a network folder, goes on in its thread until the command ends.
    """
    found: list[Finding] = []

    def work() -> None:
        try:
            found.append(check(situation))
        except Exception as error:  # noqa: BLE001  the other checks go on
            line = " ".join(str(error).split()) or type(error).__name__
            found.append(problem(name, f"the check failed: {line}", "see the message"))

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no further thread may be started
        work()
    else:
        thread.join(seconds)
    silence = problem(
        name, f"no answer within {seconds:g} s", "look whether a disk or server hangs"
    )
    return found[0] if found else silence


def _start_probe(situation: Situation) -> "tuple[Popen[str] | OSError, dict[str, str]]":
    from crawler.processes.host_probe import choose_hosts, start_probe

    hosts = choose_hosts(situation.outlets.values(), HOSTS)
    try:
        return start_probe(list(hosts), PROBE_SECONDS), hosts
    except OSError as error:
        return error, hosts


def _judge_answers(
    probe: "Popen[str] | OSError | None", hosts: dict[str, str], began_at: float, ticks: float
) -> "Iterator[Finding]":
    from cli.setup.checks import network
    from crawler.processes.host_probe import read_answers

    if probe is None or isinstance(probe, OSError):
        reason = probe.strerror if probe else ""
        yield problem("network", f"not checked: {reason}", "allow more processes (ulimit -u)")
        return
    seconds_left = PROBE_SECONDS + 1 - (time.monotonic() - ticks)
    answers: Sequence[HostAnswer] = read_answers(probe, hosts, seconds_left)
    jump = (time.time() - began_at) - (time.monotonic() - ticks)
    yield network.judge_network(answers)
    yield network.judge_clock(answers, jump)
    yield network.judge_robots(answers)


def conceal_secrets(finding: Finding) -> Finding:
    """Returns the finding without secrets: an error may repeat an address with a password."""
    return replace(finding, detail=conceal(finding.detail), advice=conceal(finding.advice))


def _to_dict(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "status": str(finding.status),
        "detail": finding.detail,
        "advice": finding.advice,
    }


def _print_checklist(findings: "Sequence[Finding]") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in findings:
        word, style = MARKS[each.status]
        lines = [each.detail, *([f"-> {each.advice}"] if each.advice else [])]
        cell = "\n".join(map(format_value, lines))
        table.add_row(Text(word, style), Text(each.check), Text(cell))
    out = console()
    with out.capture() as drawn:
        out.print(table)
    # Drawn by rich from cells that are safe.
    print("\n".join(map(str.rstrip, drawn.get().splitlines())), file=unguarded(sys.stdout))


def _summarise(findings: "Sequence[Finding]") -> str:
    problems, warnings = (
        sum(each.status is status for each in findings)
        for status in (Status.PROBLEM, Status.WARNING)
    )
    if not problems and not warnings:
        return "all is well"
    return f"{format_count(problems, 'problem')}, {format_count(warnings, 'warning')}"
