"""How the health of an outlet, its days and its cadence read in a terminal."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.health.days import Day
    from storage.health.judge import Health

CHARTED = 30  # days
BARS = "▁▂▃▄▅▆▇█"


def spoken(every: timedelta) -> str:
    """A cadence as people say it: 15 min, 1 h, 1 d."""
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h")):
        if every % unit == timedelta(0):
            return f"{every // unit} {name}"
    return f"{every / timedelta(minutes=1):g} min"


def spoken_health(health: "Health | None") -> str:
    """A state as people read it: ok, quiet, broken: dns."""
    if health is None:
        return ""
    return f"{health.state}: {health.cause}" if health.cause else str(health.state)


def chart(days: "Sequence[Day]", today: date) -> str:
    """New articles of the last days, a sign a day: · not read, × failed, _ nothing new, ▁ to █ some."""
    known = {day.day: day for day in days}
    most = max((day.new for day in days), default=0)

    def sign(day: "Day | None") -> str:
        if day is None or not day.runs:
            return "·"
        if day.bad == day.runs:
            return "×"
        return BARS[(day.new * len(BARS) - 1) // most] if day.new else "_"

    return "".join(sign(known.get(today - timedelta(days=n))) for n in range(CHARTED - 1, -1, -1))
