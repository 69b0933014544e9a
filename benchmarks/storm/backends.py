"""Cuts PostgreSQL's sessions and stops its server while a crawl writes to it."""

import os
import random
import signal
import time

import psycopg

from benchmarks.storm.killing import MAX_SECONDS, run_child
from benchmarks.storm.place import Place
from benchmarks.storm.server import Server
from benchmarks.storm.storm import Storm, TaskResult, last_words
from benchmarks.storm.tasks import CRAWL

NAME = "crawl, sessions cut"
SHOTS_PER_CRAWL = 12
SHOTS_PER_STOP = 30
"""Each time so many sessions are cut, the server is stopped at once and started again."""
_KILLED_SHARE = 0.1
"""Of the sessions that are ended with SIGKILL: then PostgreSQL ends all others and recovers."""


def shoot(storm: Storm, kills: int, stops: int = 0) -> TaskResult:
    """Cuts so many sessions of crawls, which must end well each time without a second start.

    `stops`: how often the server is stopped at least.
    """
    result, began = TaskResult(NAME, storm.kind), time.monotonic()
    server, start = storm.places.server, storm.start_of(CRAWL)
    assert server
    stopped = 0
    while result.kills < kills or stopped < stops:
        with storm.places.borrowed(start.template) as place:
            shooter = _Shooter(server, place, storm.chance, before=result.kills)
            ended = run_child(CRAWL.work, place, meanwhile=shooter.shoot)
            moment = f"after {shooter.shots} cut sessions and {shooter.stops} stops"
            result.kills += shooter.shots + shooter.stops
            stopped += shooter.stops
            if ended.code:
                words = last_words(place)
                result.note("failed_reruns", f"{moment}: ended with {ended.code}: {words}")
            result.compare(moment, start.expected, CRAWL.read(place))
            for each in storm.broken_rules(place):
                result.note("broken", f"{moment}: {each}")
        if time.monotonic() - began > 10 * MAX_SECONDS:
            break
    result.seconds = time.monotonic() - began
    return result


class _Shooter:
    """Cuts sessions of one database at random moments until it has cut enough.

    `before`: how many were cut in earlier crawls.
    """

    def __init__(self, server: Server, place: Place, chance: random.Random, *, before: int) -> None:
        self.shots = self.stops = 0
        self._server = server
        self._database = place.database_name
        self._chance = chance
        self._before = before
        self._next_at = 0.0

    def shoot(self) -> None:
        """Cuts a session if it is time for it. Called over and over while the crawl works."""
        if self.shots >= SHOTS_PER_CRAWL or time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + self._chance.uniform(0.01, 0.12)
        try:
            sessions = self._server.backends(self._database)
        except psycopg.Error:
            return  # it recovers from the last shot
        if not sessions:
            return
        if (self._before + self.shots + self.stops + 1) % SHOTS_PER_STOP == 0:
            self._server.restart_crashed()
            self.stops += 1
            return
        is_killed = self._chance.random() < _KILLED_SHARE
        os.kill(self._chance.choice(sessions), signal.SIGKILL if is_killed else signal.SIGTERM)
        self.shots += 1
