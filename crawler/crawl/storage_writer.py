"""Writes articles and captures to the database in batches, from one thread.

An article counts as stored only after the database has returned its receipt. What cannot be stored
is written to a file for `nkwire import`, and counted as lost.
"""

import asyncio
import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from crawler.errors import log_failure
from storage.counts import Count
from storage.files.making import append_file, append_whole, make_folders
from storage.identity import compute_identity
from storage.records import (
    STORED_COUNTS,
    Article,
    Capture,
    CaptureOutcome,
    CaptureResult,
    Receipt,
    Run,
    SaveOutcome,
)

if TYPE_CHECKING:
    from crawler.outlet import Outlet
    from storage import Database

log = logging.getLogger(__name__)

BATCH_SIZE = 100
BATCH_WAIT_SECONDS = 0.5  # how long a batch waits for more articles
MAX_QUEUED_ARTICLES = 400  # the crawl pauses while so many wait


@dataclass(frozen=True, slots=True)
class Visit:
    """A fetch that is recorded by its result: no article, not modified, moved, gone."""

    identity: str
    capture: Capture
    result: CaptureResult


class RunRecord(Protocol):
    """What the writer reads and changes of a run; `crawler.crawl.session.Session` implements it."""

    run: Run
    outlet: "type[Outlet]"
    aliases: defaultdict[str, set[str]]

    def count(self, cause: Count, number: int = 1) -> None:
        """Adds to one of the run's counts."""

    def add_note(self, note: str) -> None:
        """Keeps a note that explains the run's outcome."""


class StorageWriter:
    """Takes articles from the event loop and stores them from its own thread."""

    def __init__(self, session: RunRecord, database: "Database", spill_path: Path) -> None:
        self.storage_error = ""
        self._session = session
        self._database = database
        self._spill_path = spill_path
        self._queue: queue.SimpleQueue[Article | Visit | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="nkwire-writer", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    async def put_article(self, article: Article) -> None:
        """Queues an article; waits while the database is behind."""
        while self._queue.qsize() >= MAX_QUEUED_ARTICLES and self._thread.is_alive():
            await asyncio.sleep(0.02)
        self._queue.put(article)

    def put_visit(self, visit: Visit) -> None:
        """Queues a visit."""
        self._queue.put(visit)

    async def close(self) -> None:
        """Stores what is queued and ends the thread."""
        self._queue.put(None)
        while self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, 1.0)

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch: list[Article] = []
            visits: list[Visit] = []
            is_open = self._fill_batch(batch, visits)
            self._save_articles(batch)
            try:
                if visits and not self.storage_error:
                    self._record_visits(visits)
            except Exception as error:  # noqa: BLE001  it is logged
                log_failure(log, error, "%d visits could not be noted", len(visits))
                self._session.count(Count.LOST_VISITS, len(visits))

    def _fill_batch(self, batch: list[Article], visits: list[Visit]) -> bool:
        """Fills a batch from the queue. Returns False once the queue is closed."""
        wait: float | None = None
        while len(batch) + len(visits) < BATCH_SIZE:
            try:
                item = self._queue.get(timeout=wait)
            except queue.Empty:
                return True
            wait = BATCH_WAIT_SECONDS
            if item is None:
                return False
            (visits if isinstance(item, Visit) else batch).append(item)  # type: ignore[arg-type]
        return True

    def _save_articles(self, batch: Sequence[Article]) -> None:
        if not batch:
            return
        if self.storage_error:
            self._spill_articles(batch, self.storage_error)
            return
        try:
            receipts = self._database.save(batch, self._session.run.id)
        except Exception as error:  # noqa: BLE001  it is logged
            log_failure(log, error, "storing %d articles failed", len(batch))
            self.storage_error = f"{type(error).__name__}: {error}"
            self._spill_articles(batch, self.storage_error)
            return
        for article, receipt in zip(batch, receipts, strict=True):
            self._count_receipt(article, receipt)
        self._save_aliases(batch)

    def _count_receipt(self, article: Article, receipt: Receipt) -> None:
        self._session.count(STORED_COUNTS[receipt.outcome])
        if receipt.outcome is SaveOutcome.REJECTED:
            self._session.add_note(f"{article.url} was put into quarantine: {receipt.reason}")
            log.warning("%s was put into quarantine: %s", article.url, receipt.reason)

    def _save_aliases(self, articles: Sequence[Article]) -> None:
        """Records listed addresses that led to a stored article with another identity."""
        outcomes: dict[str, tuple[datetime, CaptureOutcome]] = {}
        for article in articles:
            listed_identities = self._session.aliases.pop(article.url, set())
            identity = compute_identity(article.key, article.canonical_url, article.url)
            if article.capture is not None:
                alias = article.capture.fetched_at, CaptureOutcome.ALIAS
                outcomes |= dict.fromkeys(listed_identities - {identity}, alias)
        self._save_visits(outcomes)

    def _save_visits(self, outcomes: dict[str, tuple[datetime, CaptureOutcome]]) -> None:
        try:
            self._database.visits.record(self._session.outlet.name, outcomes)
        except Exception as error:  # noqa: BLE001  it is logged
            # The only harm: these addresses are fetched once more.
            log_failure(log, error, "%d visits could not be noted", len(outcomes))
            self._session.count(Count.LOST_VISITS, len(outcomes))

    def _record_visits(self, visits: Sequence[Visit]) -> None:
        """Adds captures to known articles, and remembers all other addresses as visited."""
        outlet, run_id = self._session.outlet.name, self._session.run.id
        outcomes: dict[str, tuple[datetime, CaptureOutcome]] = {}
        for visit in visits:
            capture, result = visit.capture, visit.result
            if not self._database.record_capture(outlet, visit.identity, capture, result, run_id):
                outcomes[visit.identity] = (capture.fetched_at, result.outcome)
        self._save_visits(outcomes)

    def _spill_articles(self, batch: Sequence[Article], reason: str) -> None:
        self._session.count(Count.LOST, len(batch))
        try:
            make_folders(self._spill_path.parent)
            rows = [orjson.dumps(article_to_import_row(article)) + b"\n" for article in batch]
            with append_file(self._spill_path) as file:
                append_whole(file, b"".join(rows))
            self._session.add_note(
                f"{reason}; they are in {self._spill_path}: nkwire import {self._spill_path}"
            )
        except (OSError, TypeError) as error:
            self._session.add_note(
                f"{reason}; nor could they be written to {self._spill_path}: {error}"
            )


def article_to_import_row(article: Article) -> dict[str, Any]:
    """Returns the article as a row for `nkwire import`, without its capture."""
    fields = asdict(article)
    del fields["capture"]
    return {
        name: _replace_surrogates(value)
        for name, value in fields.items()
        if value not in ("", (), None, {})
    }


def _replace_surrogates(value: Any) -> Any:
    """Replaces lone surrogates in all texts, since UTF-8 cannot encode them."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list | tuple):
        return [_replace_surrogates(part) for part in value]
    if isinstance(value, dict):
        return {
            _replace_surrogates(name): _replace_surrogates(part) for name, part in value.items()
        }
    return value
