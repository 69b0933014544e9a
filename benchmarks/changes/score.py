"""Matches the injected events with the findings, and counts both."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from benchmarks.changes.scenario import EDITS, REMOVALS, Event, Scenario
from storage.changes.rows import Alarm, ChangeRow, TransitionRow

KINDS = {
    "headline": {"headline"},
    "lead": {"lead"},
    "body": {"body"},
    "cut": {"body"},
    "numbers": {"body", "numbers"},
    "names": {"body", "names"},
    "date": {"date"},
    "byline": {"byline"},
    "caption": {"caption"},
    "byline taken out": {"byline"},
    "caption taken out": {"caption"},
    "typography": {"body"},
    "white space": {"body"},
}
BORING = {"typography", "white space"}


@dataclass
class Score:
    """The counts by kind of event, and one line for each failure."""

    injected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false_positives: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    runs: dict[str, int] = field(default_factory=dict)
    revisits: str = ""

    def rows(self) -> list[dict[str, Any]]:
        """Returns one row for each kind of event."""
        names = sorted(self.injected | self.false_positives)
        return [
            {
                "event": n,
                "injected": self.injected[n],
                "found": self.found[n],
                "false": self.false_positives[n],
            }
            for n in names
        ]

    def is_perfect(self) -> bool:
        """Returns whether all events were found and no finding is false."""
        return self.injected == self.found and not self.false_positives.total()

    def table(self) -> str:
        """Returns the result as Markdown."""
        lines = ["| event | injected | found | false |", "|---|---:|---:|---:|"]
        lines += [
            f"| {r['event']} | {r['injected']} | {r['found']} | {r['false']} |" for r in self.rows()
        ]
        whole = (self.injected.total(), self.found.total(), self.false_positives.total())
        lines.append("| **all** | **{}** | **{}** | **{}** |".format(*whole))
        return "\n".join([*lines, "", f"runs: {self.runs}", self.revisits, *self.problems])


def match_findings(
    script: Sequence[Event],
    changes: Sequence[ChangeRow],
    transitions: Sequence[TransitionRow],
    alarms: Sequence[Alarm],
    runs: Counter[str],
) -> Score:
    """Matches each finding with the event that explains it.

    Events without a finding and findings without an event are failures.
    """
    result = Score(runs=dict(runs))
    unexplained: list[ChangeRow | TransitionRow] = [*changes, *transitions]
    for event in script:
        if event.number < 0:
            # Faults of the whole site must add no finding. One would count as false below.
            seen = event.kind != "alarm" or _has_alarm(event, alarms)
            result.injected[event.kind] += 1
            result.found[event.kind] += seen
            result.problems += [] if seen else [f"not found: {event}"]
            continue
        result.injected[event.kind] += 1
        explained = [each for each in unexplained if _explains(event, each)]
        if explained or event.kind == "moved":
            result.found[event.kind] += 1
        else:
            near = [
                _format_finding(each)
                for each in unexplained
                if _report_number(each) == event.number
            ]
            result.problems.append(f"not found: {event} {near}")
        # A removed article is first missing and later gone. It may also be unlisted in between.
        keep = explained if event.kind in REMOVALS else explained[:1]
        unexplained = [each for each in unexplained if each not in keep]
    for alarm in alarms:
        if not any(_explains_alarm(event, alarm) for event in script):
            result.false_positives["alarm"] += 1
            result.problems.append(f"false: {alarm.kind} {alarm.missing} at {alarm.raised_at}")
    for each in unexplained:
        result.false_positives[each.state if isinstance(each, TransitionRow) else each.nature] += 1
        result.problems.append(f"false: {_format_finding(each)}")
    return result


def _has_alarm(event: Event, alarms: Sequence[Alarm]) -> bool:
    """Returns whether the mass deletion raised an alarm within three days."""
    return any(alarm.kind == "mass-deletion" and _explains_alarm(event, alarm) for alarm in alarms)


def _explains_alarm(event: Event, alarm: Alarm) -> bool:
    """Returns whether the event explains the alarm.

    A mass deletion explains one, and so does a time in which the whole site did not answer.
    """
    until = (event.until or event.at) + timedelta(days=3)
    wanted = "mass-deletion" if event.kind == "alarm" else "nothing answers"
    if event.kind != "alarm" and not event.kind.endswith("-everywhere"):
        return False
    return alarm.kind == wanted and event.at < alarm.raised_at < until


def _report_number(found: ChangeRow | TransitionRow) -> int:
    mark = found.url.rsplit("/", 1)[-1]
    return _NUMBER_BY_HASH.get(mark, -1)


_NUMBER_BY_HASH = {
    md5(str(n).encode(), usedforsecurity=False).hexdigest(): n for n in range(20_000)
}


def _explains(event: Event, found: ChangeRow | TransitionRow) -> bool:
    if _report_number(found) != event.number or not _interval_contains(
        found.after_at, found.before_at, event.at
    ):
        return False
    if isinstance(found, TransitionRow):
        if event.kind in REMOVALS:
            states = {"unlisted"} if event.kind == "unlisted" else {"missing", "gone", "unlisted"}
            return found.state in states
        # After a move the listing has the new URL, so the old one is unlisted.
        wanted = {"restored": {"restored", "live"}, "relisted": {"live"}, "moved": {"unlisted"}}
        return found.state in wanted.get(event.kind, ())
    if event.kind == "retranslation":
        return found.nature == "retranslation" and not found.boring
    if event.kind not in EDITS or found.nature != "edit" or not found.silent:
        return False
    return set(found.kinds) == KINDS[event.kind] and bool(found.boring) == (event.kind in BORING)


def _interval_contains(after: datetime | None, before: datetime | None, at: datetime) -> bool:
    return (after is None or after <= at) and (before is None or at <= before)


def _format_finding(found: ChangeRow | TransitionRow) -> str:
    what = (
        found.state
        if isinstance(found, TransitionRow)
        else f"{found.nature} {' '.join(found.kinds)} {found.boring}"
    )
    return f"{_report_number(found)} {what} {found.after_at} .. {found.before_at}"


__all__ = ["Scenario", "Score", "match_findings"]
