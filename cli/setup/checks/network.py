"""Checks what the hosts of a few outlets answered: the network, our clock, their robots.txt. Pure."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from statistics import median
from typing import TYPE_CHECKING

from cli.setup.checks.finding import Finding, ok, problem, warning
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.processes.host_probe import HostAnswer

MAX_OFFSET_SECONDS = 30.0
WRONG_CLOCK_SECONDS = 300.0
MAX_JUMP_SECONDS = 2.0
CLOCK_ADVICE = "set the clock: `timedatectl set-ntp true`, or your system's time service"
BLOCKING_STATUSES = frozenset({401, 403, 407, 429, 451})


def judge_network(answers: "Sequence[HostAnswer]") -> Finding:
    """Decides whether the network is there: one answer of any status is enough."""
    failed = [each for each in answers if not each.status]
    if not answers:
        return warning("network", "no outlet to ask", "choose outlets with `outlets`")
    if not failed:
        return ok("network", f"{', '.join(each.host for each in answers)} answer")
    lines = "; ".join(f"{each.host}: {each.problem}" for each in failed)
    if len(failed) < len(answers):
        return warning("network", lines, "maybe these outlets are down: look again later")
    if all(each.is_dns for each in failed):
        advice = "names do not resolve: check the network and the name server (/etc/resolv.conf)"
    else:
        advice = (
            "check the network, the name server and the firewall;"
            " nkwire connects directly, without a proxy"
        )
    return problem("network", lines, advice)


def judge_clock(answers: "Sequence[HostAnswer]", jump: float = 0.0) -> Finding:
    """Decides by the Date headers (RFC 9110, 6.6.1) whether our clock is right.

    `jump`: seconds that the clock moved more than the time that passed, while the checks ran.
    """
    if abs(jump) > MAX_JUMP_SECONDS:
        return warning("clock", f"it was set by {_length(jump)} while this ran", CLOCK_ADVICE)
    offsets = [offset for each in answers if (offset := clock_offset(each)) is not None]
    if not offsets:
        return warning("clock", "not compared: no host sent the time", "look again with a network")
    offset = median(offsets)
    if abs(offset) < MAX_OFFSET_SECONDS:
        return ok("clock", f"as those of {format_count(len(offsets), 'host')}")
    side = "ahead of" if offset > 0 else "behind"
    detail = f"it is {_length(offset)} {side} {format_count(len(offsets), 'host')}"
    if abs(offset) < WRONG_CLOCK_SECONDS:
        return warning("clock", detail, CLOCK_ADVICE)
    return problem("clock", f"{detail}: times of articles would be wrong", CLOCK_ADVICE)


def clock_offset(answer: "HostAnswer") -> float | None:
    """Returns by how many seconds our clock is ahead of a host; None if it sent no time.

    A cache sends the Date of the answer that it keeps, and the answer's Age.
    """
    try:
        sent_at = parsedate_to_datetime(answer.date)
    except (ValueError, TypeError, OverflowError):
        return None
    if sent_at.tzinfo is None:
        sent_at = sent_at.replace(tzinfo=UTC)
    age = int(answer.age) if answer.age.isascii() and answer.age.isdigit() else 0
    return answer.received_at - sent_at.timestamp() - min(age, 10**9)


def judge_robots(answers: "Sequence[HostAnswer]") -> Finding:
    """Says which of the hosts forbid what nkwire would read there."""
    there = [each for each in answers if each.status]
    if not there:
        return warning("robots.txt", "not read: no host answered", "look again with a network")
    lines = [line for each in there if (line := _robots_line(each))]
    if not lines:
        return ok("robots.txt", _allowed_line(there))
    advice = "nkwire keeps to it and reads nothing there; leave such an outlet out, or ask it"
    return warning("robots.txt", "; ".join(lines), advice)


def _allowed_line(answers: "Sequence[HostAnswer]") -> str:
    """Says which hosts allow the sources, and which send on to a robots.txt that was not read."""
    moved = [each for each in answers if 300 <= each.status < 400]
    allowing = ", ".join(each.host for each in answers if each not in moved)
    return "; ".join(
        [
            *([f"{allowing} allow the sources"] if allowing else []),
            *(f"the redirect of {each.host} ({each.status}) is not followed" for each in moved),
        ]
    )


def _robots_line(answer: "HostAnswer") -> str:
    if answer.forbidden:
        return (
            f"{answer.host} forbids {len(answer.forbidden)} of {format_count(answer.sources, 'source')}"
            f" of {answer.outlet}"
        )
    if answer.status in BLOCKING_STATUSES:
        return f"{answer.host} answers {answer.status}: maybe it blocks this address"
    if answer.status >= 500:
        return f"{answer.host} answers {answer.status}: nothing may be fetched until it is readable"
    return ""


def _length(seconds: float) -> str:
    """Returns a length of time in words, such as `2 days, 1:00:05`."""
    return str(timedelta(seconds=round(abs(seconds))))
