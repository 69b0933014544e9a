"""Logs how each run of the service ended, and when the network of this machine seems to be out."""

import logging
from collections import Counter

from crawler.processes.children import ChildResult
from storage.health.network_watch import GOES_ON, NetworkWatch
from storage.records import RunOutcome, SaveOutcome, StopReason

log = logging.getLogger("nkwire.scheduler")


class RunReport:
    """Logs one line for each run, and one for an outage of our own network. Counts them.

    `outcomes`: the number of runs that ended, by outcome. `new_articles`: what they stored.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[RunOutcome] = Counter()
        self.new_articles = 0
        self.network = NetworkWatch()

    def add(self, result: ChildResult, outlet_count: int, left: int, *, is_stopping: bool) -> None:
        """Logs the end of a run. `left`: runs that go on, which is said while the service stops.

        `outlet_count`: how many outlets the service reads.
        """
        run = result.to_run()
        if run.outcome:
            self.outcomes[run.outcome] += 1
        self.new_articles += run.stored(SaveOutcome.NEW)
        outage_line = "" if run.is_cut_off else self.network.observe(run, outlet_count)
        ending = ""
        if is_stopping and left:
            ending = f"; {left} still {'runs' if left == 1 else 'run'}"
        is_said_by_outage = not outage_line and self.network.is_quiet_about(run) and not is_stopping
        is_bad = result.exit_code and result.stop_reason is not StopReason.SERVICE_STOPPED
        level = logging.DEBUG if is_said_by_outage else logging.WARNING if is_bad else logging.INFO
        log.log(level, "%s%s", run.format_line(), ending)
        if outage_line:
            log.warning("%s%s", outage_line, f" {GOES_ON}" if self.network.question else "")
