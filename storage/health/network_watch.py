"""Notices within a few runs that the network of this machine is out, and that it is back.

`own_network` decides later, from stored runs, which of them are no evidence about their outlet.
"""

from collections import Counter
from datetime import UTC, datetime

from storage.counts import Count
from storage.health.own_network import MIN_OTHER_OUTLETS, MIN_OUTLETS, got_any_answer
from storage.records import Run, RunOutcome

GOES_ON = "nkwire goes on trying."


class NetworkWatch:
    """Watches the runs of one service. No I/O.

    `question`: while the network seems to be out, what to say; "" else.
    """

    def __init__(self) -> None:
        self.question = ""
        self._since: datetime | None = None
        self._silent: dict[str, Run] = {}  # by outlet, since the last answer

    def observe(self, run: Run, outlet_count: int) -> str:
        """Takes in a run that has ended. Returns one line if an outage begins or ends, else "".

        `outlet_count`: how many outlets the service reads. With fewer than MIN_OUTLETS nothing can
        be said.
        """
        answer = got_any_answer(run)
        if answer is None:
            return ""
        if answer:
            line = self._format_end(run) if self.question else ""
            self.question, self._since = "", None
            self._silent.clear()
            return line
        self._silent[run.outlet] = run
        self._since = self._since or run.started_at
        if len(self._silent) < max(MIN_OUTLETS, min(MIN_OTHER_OUTLETS, outlet_count)):
            return ""
        is_new = not self.question
        self.question = self._format_question()
        return self.question if is_new else ""

    def is_quiet_about(self, run: Run) -> bool:
        """Whether a run needs no line of its own: it only failed to reach its outlet, as others did."""
        is_unreachable = run.outcome is RunOutcome.UNREACHABLE
        return bool(self.question) and is_unreachable and run.outlet in self._silent

    def _format_question(self) -> str:
        number = len(self._silent)
        counts = Counter(bool(run.counts.get(Count.WHY_DNS)) for run in self._silent.values())
        cause = "no host name has an address" if counts[True] == number else "no host answered"
        since = f"{self._since:%H:%M} UTC" if self._since else ""
        return (
            f"Is this machine's network out? {number} outlets of {number} could not be reached since "
            f"{since}: {cause}. Check the cable or Wi-Fi, the name server (DNS), a firewall, a proxy."
        )

    def _format_end(self, run: Run) -> str:
        began = self._since or run.started_at
        minutes = (datetime.now(UTC) - began).total_seconds() / 60
        return (
            f"the network is back: {run.outlet} answered; it seemed to be out for {minutes:.0f} min"
        )
