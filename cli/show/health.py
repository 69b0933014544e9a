"""Formats the health of an outlet, its days and its cadence for a terminal."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.health.assessment import Health
    from storage.health.days import HealthDay

CHART_DAYS = 30
BARS = "▁▂▃▄▅▆▇█"


def format_health(health: "Health | None") -> str:
    """Returns a health state in words: ok, quiet, broken: dns."""
    if health is None:
        return ""
    return f"{health.state}: {health.cause}" if health.cause else str(health.state)


def format_chart(days: "Sequence[HealthDay]", today: date) -> str:
    """Returns the new articles of the last CHART_DAYS days, one character a day.

    · is not read, × failed, _ nothing new, ▁ to █ a few to the most.
    """
    days_by_date = {day.day: day for day in days}
    max_new = max((day.new for day in days), default=0)

    def symbol(day: "HealthDay | None") -> str:
        if day is None or not day.runs:
            return "·"
        if day.bad == day.runs:
            return "×"
        return BARS[(day.new * len(BARS) - 1) // max_new] if day.new else "_"

    return "".join(
        symbol(days_by_date.get(today - timedelta(days=n))) for n in range(CHART_DAYS - 1, -1, -1)
    )
