"""What is remembered of sources between runs: validators, the last body, when it was asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from crawler.crawl.failures import Failure, after
from storage.records import SourceState

if TYPE_CHECKING:
    from storage import Database

# A server may repeat an ETag although the feed has changed, so now and then none is sent.
FULL_POLL_EVERY = timedelta(hours=24)


class Polls:
    """The sources' states before this run, and after it."""

    def __init__(self, outlet: str) -> None:
        self.outlet = outlet
        self.number = 0  # of sources
        self.before: dict[str, SourceState] = {}
        self.after: dict[str, SourceState] = {}

    def load(self, database: "Database", sources: tuple[str, ...]) -> None:
        self.number = len(sources)
        for source in sources:
            if state := database.sources.state(self.outlet, source):
                self.before[source] = state

    def last_polled(self, source: str) -> datetime | None:
        state = self.before.get(source)
        return state.polled_at if state else None

    def validators(self, source: str, now: datetime) -> dict[str, str]:
        """Request headers that let the source answer "not modified"; none if a full poll is due."""
        state = self.before.get(source)
        if state is None or state.changed_at is None or now - state.changed_at > FULL_POLL_EVERY:
            return {}
        headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
        return {name: value for name, value in headers.items() if value}

    def answered(
        self, source: str, body: bytes, etag: str, last_modified: str, at: datetime
    ) -> bool:
        """Note a full answer; True if it differs from the last one, by its hash."""
        before = self.before.get(source)
        digest = sha256(body).hexdigest()
        changed = before is None or before.body_sha256 != digest
        self.after[source] = SourceState(
            outlet=self.outlet,
            source=source,
            etag=etag[:500],
            last_modified=last_modified[:100],
            body_sha256=digest,
            polled_at=at,
            changed_at=at if changed or before is None else before.changed_at,
        )
        return changed

    def unchanged(self, source: str, at: datetime) -> None:
        if before := self.before.get(source):
            kept = ("outlet", "source", "etag", "last_modified", "body_sha256", "changed_at")
            known = {name: getattr(before, name) for name in kept}
            self.after[source] = SourceState(**known, polled_at=at)

    def failed(
        self, source: str, failure: Failure, problem: str, at: datetime, every: timedelta
    ) -> None:
        """Note that a source did not answer as it should; see `crawler.crawl.failures`."""
        before = self.before.get(source) or SourceState(outlet=self.outlet, source=source)
        self.after[source] = after(before, failure, problem, at, every)

    def put_off(self, now: datetime) -> set[str]:
        """Sources that failed and are not to be asked yet; none if that would be all of them."""
        waiting = {
            name for name, each in self.before.items() if each.next_at and now < each.next_at
        }
        return waiting if len(waiting) < self.number else set()

    def save(self, database: "Database", *, complete: bool) -> None:
        """Keep the states; after an incomplete run without validators, so that all is asked again."""
        for state in self.after.values():
            database.sources.save(state if complete else replace(state, etag="", last_modified=""))
