"""Metrics of the workers on other hosts and of their queues."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from storage.fleet.workers import FleetStatus


def collect_fleet(status: FleetStatus) -> Iterator[Metric]:
    """Yields the workers by host and the queues; nothing where no workers are used."""
    if not status.queues:
        return
    workers = GaugeMetricFamily(
        "nkwire_workers", "Workers by what they are: alive or silent.", labels=["host", "state"]
    )
    running = GaugeMetricFamily(
        "nkwire_worker_runs", "Outlets that the workers of a host read now.", labels=["host"]
    )
    for host in sorted({each.host for each in status.hosts}):
        of_host = [each for each in status.hosts if each.host == host]
        silent = sum(each.silent_seconds is not None for each in of_host)
        workers.add_metric([host, "alive"], len(of_host) - silent)
        workers.add_metric([host, "silent"], silent)
        running.add_metric([host], sum(each.running for each in of_host))
    waiting = GaugeMetricFamily(
        "nkwire_queue_waiting", "Runs that wait for a worker.", labels=["queue"]
    )
    age = GaugeMetricFamily(
        "nkwire_queue_age_seconds", "How long the first run has waited.", labels=["queue"]
    )
    served = GaugeMetricFamily(
        "nkwire_queue_workers", "Workers that serve a queue.", labels=["queue"]
    )
    for queue in status.queues:
        waiting.add_metric([queue.queue], queue.waiting)
        age.add_metric([queue.queue], queue.oldest_seconds)
        served.add_metric([queue.queue], queue.workers)
    yield from (workers, running, waiting, age, served)
