"""Kills the processes of a running service: scheduler, forkserver, crawls, and database sessions."""

import os
import signal
import time
from contextlib import suppress

import psycopg

from benchmarks.soak import mock_press
from benchmarks.soak.evaluation import evaluate, find_missing
from benchmarks.soak.soak import Soak, worker_pids
from benchmarks.storm.place import Place
from benchmarks.storm.storm import Storm, TaskResult
from storage import Database, open_database

NAME = "service"
OUTLETS = 5
_MAX_SECONDS_PER_KILL = 6.0
_MAX_WAIT = 240.0
_PAUSE = (0.1, 0.9)
_VICTIMS = {"crawl": 12, "forkserver": 3, "scheduler": 2}
_DATABASE_VICTIMS = {"session": 6, "server": 1}


def kill_service(storm: Storm, kills: int) -> TaskResult:
    """Kills processes of two schedulers and their crawls so often; then they must store the rest."""
    result, began = TaskResult(NAME, storm.kind), time.monotonic()
    place = storm.places.make()
    plan = mock_press.Plan(
        begin=time.time() + 3600, outlets=OUTLETS, every=2, gap=3, faults_until=-1, news_until=kills
    )
    soak = Soak(place.folder, plan, place.url, 2, 0.0, storm.chance)
    open_database(place.url, seed=1).close()
    with open_database(place.url, patience=60) as database:
        try:
            soak.start_all()
            _Killer(storm, soak, place).kill(kills, result)
            _wait_until_stored(soak, database)
        finally:
            soak.stop()
        found = evaluate(database, soak.folder, soak.plan, time.time())
    result.lost += len(found.missing)
    result.double += len(found.stored_twice) + len(found.slots_twice) + len(found.never_published)
    result.differing += bool(result.lost or result.double)
    result.broken += len(found.broken_rules)
    result.problems += found.violations[:20]
    for each in storm.broken_rules(place):
        result.note("broken", each)
    storm.places.remove(place)
    result.seconds = time.monotonic() - began
    return result


def _wait_until_stored(soak: Soak, database: Database) -> None:
    end = time.time() + _MAX_WAIT
    while time.time() < end:
        soak.restart_dead()
        is_over = time.time() > soak.plan.begin + soak.plan.news_until
        if is_over and not find_missing(database, soak.plan, time.time()):
            return
        time.sleep(0.3)


class _Killer:
    """Chooses victims among the processes of a service and kills them."""

    def __init__(self, storm: Storm, soak: Soak, place: Place) -> None:
        self._storm = storm
        self._soak = soak
        self._database = place.database_name
        self._weights = _VICTIMS | (_DATABASE_VICTIMS if storm.places.server else {})

    def kill(self, kills: int, result: TaskResult) -> None:
        """Kills until it has killed so often; gives up where nothing is left to kill."""
        end = time.monotonic() + kills * _MAX_SECONDS_PER_KILL
        while result.kills < kills and time.monotonic() < end:
            time.sleep(self._storm.chance.uniform(*_PAUSE))
            self._soak.restart_dead()
            victims, weights = list(self._weights), list(self._weights.values())
            [victim] = self._storm.chance.choices(victims, weights)
            with suppress(ProcessLookupError, psycopg.Error):
                result.kills += self._kill_one(victim)

    def _kill_one(self, victim: str) -> bool:
        server = self._storm.places.server
        if victim == "server" and server:
            server.restart_crashed()
            return True
        if victim == "session" and server:
            return _strike(self._storm, server.backends(self._database), signal.SIGTERM)
        leader = self._soak.leader()
        if leader is None:
            return False
        if victim == "scheduler":
            return self._soak.kill_leader()
        forkservers = worker_pids(leader)
        crawls = [pid for each in forkservers for pid in worker_pids(each)]
        return _strike(self._storm, forkservers if victim == "forkserver" else crawls)


def _strike(storm: Storm, pids: list[int], how: signal.Signals = signal.SIGKILL) -> bool:
    if pids:
        os.kill(storm.chance.choice(pids), how)
    return bool(pids)
