"""The service's metrics for Prometheus; computed only when they are asked for."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from cli.service.fleet_metrics import collect_fleet
from cli.service.free_space import free_bytes, watched_folders
from scheduler import Scheduler
from storage import Database
from storage.errors import StorageError
from storage.health.assessment import HealthState
from storage.records import COMPLETE_OUTCOMES, RunOutcome

# The end of a run is committed within this time, so runs that ended earlier are counted once.
SETTLE_TIME = timedelta(minutes=15)
MEASURE_TIME_FACTOR = 200  # measuring the WARC files takes at most 1/200 of the time
MIN_MEASURE_INTERVAL_SECONDS = 30.0


class Metrics(Collector):
    """Collects metrics of one service and its database. Thread-safe."""

    def __init__(self, scheduler: Scheduler, database: Database, home: Path) -> None:
        self._scheduler = scheduler
        self._database = database
        self._runs = RunTally(database)
        self._warcs = FolderSize(home / "warc")
        self._folders = watched_folders(home, database.engine.url)
        self._lock = threading.Lock()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def render(self, accept: str) -> tuple[str, bytes]:
        """Returns content type and body, in the format that an Accept header asks for."""
        encode, content_type = choose_encoder(accept)
        with self._lock:
            return content_type, encode(self._registry)

    def describe(self) -> list[Metric]:
        """Returns nothing, so that registering does not query the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yields all metrics; `nkwire_database_up` is 0 if the database does not answer."""
        yield from self._collect_scheduler()
        up = GaugeMetricFamily("nkwire_database_up", "Whether the database answers.")
        try:
            yield from list(self._collect_database())
            up.add_metric([], 1)
        except StorageError:
            up.add_metric([], 0)
        yield up
        yield self._collect_free_bytes()
        yield GaugeMetricFamily(
            "nkwire_warc_bytes", "Bytes of the recorded answers.", value=self._warcs.measure()
        )

    def _collect_free_bytes(self) -> Metric:
        free = GaugeMetricFamily(
            "nkwire_free_bytes", "Bytes that are free on a disk.", labels=["folder"]
        )
        for name, folder in self._folders.items():
            free.add_metric([name], free_bytes(folder))
        return free

    def _collect_scheduler(self) -> Iterator[Metric]:
        scheduler = self._scheduler
        yield GaugeMetricFamily(
            "nkwire_leader", "1 if this service leads, 0 if it stands by.", scheduler.is_leader
        )
        yield GaugeMetricFamily(
            "nkwire_scheduler_lag_seconds",
            "How late the most overdue job is.",
            scheduler_lag_seconds(scheduler),
        )
        yield GaugeMetricFamily(
            "nkwire_fetching_stopped",
            "1 while nothing is fetched because too little room is left.",
            bool(scheduler.held_because),
        )
        yield GaugeMetricFamily(
            "nkwire_children_running", "Outlets being read now.", len(scheduler.pool.running)
        )

    def _collect_database(self) -> Iterator[Metric]:
        database = self._database
        runs = CounterMetricFamily("nkwire_runs", "Runs that ended.", labels=["outcome"])
        counts, successes = self._runs.count()
        for outcome in RunOutcome:
            runs.add_metric([outcome], counts[outcome])
        yield runs
        age = GaugeMetricFamily(
            "nkwire_last_success_age_seconds",
            "Time since an outlet was last read (ok, quiet or degraded).",
            labels=["outlet"],
        )
        now = datetime.now(UTC)
        is_read = self._scheduler.cadences.keys()  # of others no alarm is wanted
        for outlet, at in sorted(successes.items()):
            if outlet not in is_read:
                continue
            age.add_metric([outlet], max(0.0, (now - at).total_seconds()))
        yield age
        health = GaugeMetricFamily(
            "nkwire_outlet_health",
            "1 for the state that an outlet is in.",
            labels=["outlet", "state"],
        )
        for outlet, outlet_health in sorted(database.health.current().items()):
            if outlet not in is_read:
                continue
            for state in HealthState:
                health.add_metric([outlet, state], outlet_health.state is state)
        yield health
        yield from collect_fleet(database.workers.status())
        yield GaugeMetricFamily("nkwire_articles", "Articles stored.", database.articles.count())
        yield GaugeMetricFamily("nkwire_database_bytes", "Disk space.", database.bytes_used())


def scheduler_lag_seconds(scheduler: Scheduler) -> float:
    """Returns by how many seconds the most overdue job is late.

    0 if no job is late or the scheduler stands by.
    """
    running = scheduler.pool.running
    due = [at for name, at in scheduler.next_runs().items() if name not in running]
    return max(0.0, (datetime.now(UTC) - min(due)).total_seconds()) if due else 0.0


class RunTally:
    """Counts runs by outcome, and finds each outlet's last success; reads settled runs once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settled_until: datetime | None = None
        self._counts_by_outcome: Counter[RunOutcome] = Counter()
        self._successes: dict[str, datetime] = {}

    def count(self) -> tuple[Counter[RunOutcome], dict[str, datetime]]:
        """Returns the runs by outcome, and when each outlet was last read with success.

        Raises StorageError.
        """
        settled = datetime.now(UTC) - SETTLE_TIME
        if self._settled_until and settled < self._settled_until - SETTLE_TIME:
            # The clock was set back: runs that end now lie before what was counted.
            self._settled_until = None
            self._counts_by_outcome.clear()
            self._successes.clear()
        self._add(self._counts_by_outcome, self._successes, self._settled_until, settled)
        self._settled_until = settled
        counts, successes = self._counts_by_outcome.copy(), dict(self._successes)
        self._add(counts, successes, settled, None)
        return counts, successes

    def _add(
        self,
        counts: Counter[RunOutcome],
        successes: dict[str, datetime],
        after: datetime | None,
        until: datetime | None,
    ) -> None:
        for group in self._database.runs.count_ended(after, until):
            counts[group.outcome] += group.count
            if group.outcome in COMPLETE_OUTCOMES:
                last = successes.get(group.outlet, group.last_ended_at)
                successes[group.outlet] = max(last, group.last_ended_at)


class FolderSize:
    """Measures the bytes below a folder, seldom if measuring takes long."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bytes = 0
        self._measure_again_at = 0.0

    def measure(self) -> int:
        """Returns the bytes; measures anew if the last measurement is old."""
        start = time.monotonic()
        if start >= self._measure_again_at:
            self._bytes = sum(_iter_file_sizes(self._folder))
            duration = time.monotonic() - start
            self._measure_again_at = start + max(
                MIN_MEASURE_INTERVAL_SECONDS, duration * MEASURE_TIME_FACTOR
            )
        return self._bytes


def _iter_file_sizes(folder: Path) -> Iterator[int]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _iter_file_sizes(Path(entry.path))
                else:
                    yield entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return
