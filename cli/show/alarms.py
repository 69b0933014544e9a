"""Alarms on mass deletions, as `nkwire changes` and `nkwire status` show them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.show.printing import print_note
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.changes.rows import Alarm

MAX_ALARMS = 5


def print_alarms(alarms: "Iterable[Alarm]") -> None:
    """Prints one line for each of the latest alarms on standard error, apart from the data."""
    for alarm in list(alarms)[:MAX_ALARMS]:
        message = f"{format_count(alarm.missing, 'known article')} not found in {format_count(alarm.checks, 'revisit')}, {alarm.cause}"
        print_note(f"{alarm.outlet}: {alarm.kind} ({alarm.raised_at:%Y-%m-%d %H:%M}): {message}")


def alarm_rows(alarms: "Iterable[Alarm]", outlet: str) -> list[dict[str, Any]]:
    """Returns the alarms of one outlet as dicts for JSON."""
    return [asdict(alarm) for alarm in alarms if alarm.outlet == outlet]
