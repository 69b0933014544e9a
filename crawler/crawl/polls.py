"""Remembers each source between runs: its validators, its last body's hash, its last poll."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from crawler.crawl.source_backoff import FailureSeverity, longest_wait, state_after_failure
from storage.records import SourceState
from storage.runs.clock import is_waiting

if TYPE_CHECKING:
    from storage import Database

# Some servers repeat an ETag although the feed has changed, so sometimes none is sent.
FULL_POLL_INTERVAL = timedelta(hours=24)


class SourcePolls:
    """The states of an outlet's sources before and after this run."""

    def __init__(self, outlet: str) -> None:
        self.outlet = outlet
        self.source_count = 0
        self.previous_states: dict[str, SourceState] = {}
        self.new_states: dict[str, SourceState] = {}

    def load(self, database: "Database", sources: tuple[str, ...]) -> None:
        """Loads the stored states of these sources."""
        self.source_count = len(sources)
        for source in sources:
            if state := database.sources.state(self.outlet, source):
                self.previous_states[source] = state

    def last_polled_at(self, source: str) -> datetime | None:
        """Returns when a source was polled before this run, in UTC; None if never."""
        state = self.previous_states.get(source)
        return state.polled_at if state else None

    def conditional_headers(self, source: str, now: datetime) -> dict[str, str]:
        """Returns headers for a conditional GET (RFC 9110, 13.1); none if a full poll is due."""
        state = self.previous_states.get(source)
        if state is None or state.changed_at is None:
            return {}
        # A change in the future was recorded while the clock was ahead.
        if abs(now - state.changed_at) > FULL_POLL_INTERVAL:
            return {}
        headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
        return {name: value for name, value in headers.items() if value}

    def record_response(
        self, source: str, body: bytes, etag: str, last_modified: str, polled_at: datetime
    ) -> bool:
        """Records a full answer. Returns whether its body differs from the last one, by SHA-256."""
        previous = self.previous_states.get(source)
        digest = sha256(body).hexdigest()
        changed = previous is None or previous.body_sha256 != digest
        self.new_states[source] = SourceState(
            outlet=self.outlet,
            source=source,
            etag=etag[:500],
            last_modified=last_modified[:100],
            body_sha256=digest,
            polled_at=polled_at,
            changed_at=polled_at if changed or previous is None else previous.changed_at,
        )
        return changed

    def record_not_modified(self, source: str, polled_at: datetime) -> None:
        """Records a 304 answer: the poll time is new, failures are cleared."""
        if previous := self.previous_states.get(source):
            copied_fields = (
                "outlet",
                "source",
                "etag",
                "last_modified",
                "body_sha256",
                "changed_at",
            )
            values = {name: getattr(previous, name) for name in copied_fields}
            self.new_states[source] = SourceState(**values, polled_at=polled_at)

    def record_failure(
        self,
        source: str,
        severity: FailureSeverity,
        problem: str,
        failed_at: datetime,
        poll_interval: timedelta,
    ) -> None:
        """Records a failed poll, and when the source may be asked again.

        See `crawler.crawl.source_backoff`.
        """
        previous = self.previous_states.get(source) or SourceState(
            outlet=self.outlet, source=source
        )
        self.new_states[source] = state_after_failure(
            previous, severity, problem, failed_at, poll_interval
        )

    def sources_in_backoff(self, now: datetime, poll_interval: timedelta) -> set[str]:
        """Returns the sources that failed and must wait; none if all of them would have to.

        `poll_interval`: the usual time between polls.
        """
        waiting = {
            source
            for source, state in self.previous_states.items()
            if is_waiting(now, state.next_at, longest_wait(state, poll_interval))
        }
        return waiting if len(waiting) < self.source_count else set()

    def save(self, database: "Database", *, complete: bool) -> None:
        """Stores the states.

        After an incomplete run the validators are left out, so that the next run reads everything.
        """
        for state in self.new_states.values():
            database.sources.save(state if complete else replace(state, etag="", last_modified=""))
