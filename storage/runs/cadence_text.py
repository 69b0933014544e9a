"""Reads how often an outlet is read, as a person writes it: an interval or a cron expression."""

from storage.runs.slots import ScheduleOverride, parse_cron, parse_interval


def parse_cadence(text: str) -> ScheduleOverride:
    """Returns what `30m`, `2h`, `1d` or a cron expression of five fields (UTC) means.

    Raises InvalidScheduleError.
    """
    is_cron = len(text.split()) == 5 or bool(set(text) & set("*,/"))
    if is_cron:
        return ScheduleOverride(cron=parse_cron(text))
    return ScheduleOverride(every=parse_interval(text))
