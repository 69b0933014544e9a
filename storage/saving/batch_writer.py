"""Stores a batch of articles in one transaction.

A process killed at any moment leaves the whole batch or nothing of it. An article that cannot be
stored goes to quarantine, and the others are kept.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import DBAPIError

from dedup.signature.scheme import Scheme
from storage.batches import batched
from storage.changes.version_details import (
    Details,
    HeldVersion,
    fields_known_absent,
    mark_fields_absent,
)
from storage.changes.witnesses import load_witnesses, mark_absent_by_witness, record_witnesses
from storage.changes.writer import first_revisit_at, update_change_state
from storage.drivers.driver_errors import is_row_error
from storage.engine import savepoint
from storage.errors import StorageError
from storage.index import dedup_queries as lookups
from storage.index.article_placement import TextAnalysis, place_article
from storage.index.carriers import text_cues
from storage.index.pending_keys import PendingKeys
from storage.index.sql_index import SqlIndex, load_documents
from storage.records import Article, CaptureOutcome, CaptureResult, PageClass, Receipt, SaveOutcome
from storage.saving import version_history as history
from storage.saving.kept_numbers import HighestNumbers, KeptNumbers
from storage.saving.lowered_rights import lower_rights
from storage.saving.new_articles import (
    INSERT_CAPTURE,
    InsertedArticle,
    insert_articles,
    insert_versions,
)
from storage.saving.prepare import PreparedArticle, RejectedArticle
from storage.saving.rows import (
    build_history,
    capture_row,
    current_version_values,
    drop_empty_values,
    first_seen_changes,
    latest_answers,
    latest_capture_changes,
    new_article_values,
    quarantine_row,
    ranks_by_outlet,
    version_row,
)
from storage.search import fulltext
from storage.statements import insert_or_ignore
from storage.tables.articles import (
    article,
    capture,
    outlet,
    quarantine,
    revisit_ladder,
    version,
)
from storage.tables.columns import AnyRow

log = logging.getLogger(__name__)

ARTICLE_QUERY = select(article).where(
    article.c.outlet == bindparam("of"), article.c.identity == bindparam("who")
)
# Not a list of pairs: SQLite would scan the whole table for several pairs.
_ARTICLES_QUERY = select(article).where(
    article.c.outlet.in_(bindparam("of", expanding=True)),
    article.c.identity.in_(bindparam("who", expanding=True)),
)
VERSIONS_QUERY = select(
    *(version.c[name] for name in ("id", "content_sha256", "details", "captured_at", "page_class"))
).where(version.c.article_id == bindparam("me"))
CAPTURES_QUERY = select(capture.c.fetched_at, capture.c.version_id).where(
    capture.c.article_id == bindparam("me")
)
_TIME_COLUMNS = {"published_precision", "first_seen_at", "last_poll_without_at"}
_OUTLETS_QUERY = select(outlet.c.name, outlet.c.rank, revisit_ladder())


class BatchWriter:
    """Stores articles within one transaction; the caller holds the placement lock.

    `now`: the time of storing. `pending_keys`: the pending keys of the process. `highest`: of an
    import that keeps the numbers of an export. `places`: whether whole texts without a story get
    one; see `storage.index.unplaced`.
    """

    def __init__(
        self,
        connection: Connection,
        scheme: Scheme,
        run_id: int | None,
        now: datetime,
        pending_keys: PendingKeys | None = None,
        highest: HighestNumbers | None = None,
        *,
        places: bool = True,
    ) -> None:
        self._connection = connection
        self._numbers = KeptNumbers(connection, highest) if highest else None
        self._index = SqlIndex(connection, scheme, pending_keys)
        self._run_id = run_id
        self._now = now
        self._places = places
        self._ranks: dict[str, int] = {}
        self._revisit_intervals: dict[str, tuple[timedelta, ...] | None] = {}
        self._existing_rows: dict[tuple[str, str], AnyRow | None] = {}
        # Safe to cache: `save` writes all witnesses before it stores the first article.
        self._load_witnesses = cache(partial(load_witnesses, connection))

    def save(
        self,
        batch: Sequence[PreparedArticle | RejectedArticle],
        analyses: Mapping[str, TextAnalysis],
    ) -> list[Receipt]:
        """Stores all articles and returns one receipt for each, in order.

        `analyses`: those of new texts by content hash; a missing one is computed here. The
        receipts name the stories at the end of the batch. Raises StorageError.
        """
        prepared_articles = [each for each in batch if isinstance(each, PreparedArticle)]
        self._add_outlets(ranks_by_outlet(new.article for new in prepared_articles))
        self._load_existing(prepared_articles)
        record_witnesses(self._connection, latest_answers(prepared_articles), self._run_id)
        receipts = self._try_store_all(batch, analyses)
        if receipts is None:
            self._load_existing(prepared_articles)
            receipts = [self._store_or_quarantine(each, analyses) for each in batch]
        article_ids = [receipt.article_id for receipt in receipts if receipt.article_id]
        self._index.finish()
        fulltext.update_entries(self._connection, article_ids)
        story_ids = dict(
            self._connection.execute(lookups.STORY_IDS_QUERY, {"ids": article_ids}).all()
        )
        return [
            Receipt(item.outcome, item.article_id, story_ids.get(item.article_id) or 0, item.reason)
            for item in receipts
        ]

    def _try_store_all(
        self,
        batch: Sequence[PreparedArticle | RejectedArticle],
        analyses: Mapping[str, TextAnalysis],
    ) -> list[Receipt] | None:
        """Stores all in few statements; if any article fails, stores nothing and returns None."""
        try:
            with savepoint(self._connection):
                inserted = self._insert_unknown(
                    [each for each in batch if isinstance(each, PreparedArticle)]
                )
                receipts = [self._store_or_place(each, inserted, analyses) for each in batch]
                self._index.flush()
                return receipts
        except StorageError:
            raise
        except DBAPIError as error:
            if not is_row_error(error):
                raise
        except Exception:
            log.info("a batch cannot be stored together: each by itself now", exc_info=True)
        self._index.reset_after_rollback()
        return None

    def _store_or_place(
        self,
        entry: PreparedArticle | RejectedArticle,
        inserted_by_id: Mapping[int, InsertedArticle],
        analyses: Mapping[str, TextAnalysis],
    ) -> Receipt:
        if isinstance(entry, RejectedArticle):
            return self._quarantine(entry.article, entry.reason)
        analysis = analyses.get(entry.content_sha256)
        inserted = inserted_by_id.get(id(entry))
        return (
            self._store_article(entry, analysis)
            if inserted is None
            else self._place_inserted(inserted, analysis)
        )

    def _store_or_quarantine(
        self, entry: PreparedArticle | RejectedArticle, analyses: Mapping[str, TextAnalysis]
    ) -> Receipt:
        if isinstance(entry, RejectedArticle):
            return self._quarantine(entry.article, entry.reason)
        try:
            with savepoint(self._connection):
                receipt = self._store_article(entry, analyses.get(entry.content_sha256))
                self._index.flush()
                return receipt
        except StorageError:
            raise
        except DBAPIError as error:
            if not is_row_error(error):
                raise
            reason = f"the database refused it: {str(error.orig).strip()}"
        except Exception as error:
            log.exception("storing %s failed", entry.article.url)
            reason = f"{type(error).__name__}: {error}"
        self._index.reset_after_rollback()
        return self._quarantine(entry.article, reason)

    def _store_article(self, new: PreparedArticle, analysis: TextAnalysis | None) -> Receipt:
        new = replace(new, details=self._adjusted_details(new))
        row = self._existing_row(new.article.outlet, new.identity)
        if row is None:
            return self._place_inserted(self._insert_articles([new])[0], analysis)
        return self._update_known(row, new, analysis)

    def _load_existing(self, batch: Sequence[PreparedArticle]) -> None:
        """Loads the rows of the batch's known articles; None marks unknown ones."""
        for chunk in batched(batch):
            empty = {(new.article.outlet, new.identity): None for new in chunk}
            outlets, identities = (sorted(set(each)) for each in zip(*empty, strict=True))
            rows = self._connection.execute(_ARTICLES_QUERY, {"of": outlets, "who": identities})
            found = {(row.outlet, row.identity): row for row in rows}
            self._existing_rows |= empty | {key: found[key] for key in empty.keys() & found.keys()}

    def _existing_row(self, outlet_name: str, identity: str) -> AnyRow | None:
        """Returns the current row of an article; a preloaded row is used only once."""
        if (outlet_name, identity) in self._existing_rows:
            return self._existing_rows.pop((outlet_name, identity))
        self._index.flush_stories()  # else a stub of this batch would look as if it were not placed
        return self._connection.execute(
            ARTICLE_QUERY, {"of": outlet_name, "who": identity}
        ).one_or_none()

    def _insert_unknown(self, batch: Sequence[PreparedArticle]) -> dict[int, InsertedArticle]:
        """Inserts the unknown articles, before any is placed; returns them by `id()` of input."""
        first = {(new.article.outlet, new.identity): new for new in reversed(batch)}
        unknown = [
            new for key, new in reversed(first.items()) if self._existing_rows.get(key, ()) is None
        ]
        for new in unknown:
            del self._existing_rows[new.article.outlet, new.identity]
        inserted = self._insert_articles(
            [replace(new, details=self._adjusted_details(new)) for new in unknown]
        )
        return dict(zip(map(id, unknown), inserted, strict=True))

    def _insert_articles(self, articles: Sequence[PreparedArticle]) -> list[InsertedArticle]:
        pairs = [(new, self._build_article_row(new)) for new in articles]
        inserted = insert_articles(self._connection, pairs, self._now, self._run_id, self._numbers)
        for each in inserted:
            self._index.mark_inserted(each.id)
        return inserted

    def _build_article_row(self, new: PreparedArticle) -> dict[str, Any]:
        values = new_article_values(new, self._now) | {"run_id": self._run_id}
        return values | {"next_check_at": self._first_revisit_at(new, values["first_seen_at"])}

    def _place_inserted(self, stored: InsertedArticle, analysis: TextAnalysis | None) -> Receipt:
        """Puts an article that was just inserted into its story, unless that waits."""
        is_whole = stored.prepared.article.page_class is PageClass.ARTICLE
        if is_whole and not self._places:
            return Receipt(SaveOutcome.NEW, stored.id)
        if self._numbers and (exported := stored.prepared.article.exported):
            self._index.wanted_story_ids[stored.id] = exported.story
        document = stored.document(self._ranks[stored.prepared.article.outlet])
        if is_whole:
            place_article(self._index, document, analysis)
        else:
            self._index.move_to_own_story(stored.id)
            self._index.replace_carrier(document, text_cues(document))
        return Receipt(SaveOutcome.NEW, stored.id)

    def _update_known(
        self, row: AnyRow, new: PreparedArticle, analysis: TextAnalysis | None
    ) -> Receipt:
        """Stores a further capture of a known article, and a new version if the text changed."""
        versions, new = self._load_history(row.id, new)
        recorded = versions.find_capture(new.captured_at)
        match = versions.match_version(new.content_sha256, new.captured_at, new.article.page_class)
        changes = first_seen_changes(row, new)
        version_id = match.version_id
        if not version_id and not match.is_redundant_stub:
            version_id = self._add_version(
                row.id, new, recorded.at if recorded else new.captured_at
            )
            versions.add_version(
                history.StoredVersion(version_id, new.content_sha256, new.article.page_class)
            )
        if recorded is None and new.captured_at:
            self._add_capture(row.id, new, version_id or None, match.capture_outcome)
            changes |= latest_capture_changes(row, new)
        elif recorded and version_id and recorded.version_id != version_id:
            self._set_shown_version(row.id, recorded, version_id)
        if version_id:
            versions.record_capture(new.captured_at, version_id)
        if versions.current_version_id() != row.version_id:
            changes |= drop_empty_values(current_version_values(new)) | {
                "version_id": versions.current_version_id()
            }
        self._apply_changes(row, changes, analysis)
        lower_rights(self._connection, row.id, new)
        update_change_state(self._connection, row.id)
        is_edited = not match.version_id and not match.is_redundant_stub
        return Receipt(SaveOutcome.EDITED if is_edited else SaveOutcome.UNCHANGED, row.id)

    def _apply_changes(
        self, row: AnyRow, changes: dict[str, Any], analysis: TextAnalysis | None
    ) -> None:
        if changes:
            self._connection.execute(update(article).where(article.c.id == row.id), changes)
        if changes.keys() & _TIME_COLUMNS:
            self._index.mark_changed(row.id)
        is_waiting = row.story_id is None
        if is_waiting and not self._places:
            return
        if not is_waiting and not changes.keys() & {"version_id", "published_at", "seen_at"}:
            return
        document = load_documents(self._connection, [row.id])[row.id]
        if changes.get("page_class", row.page_class) == PageClass.ARTICLE:
            place_article(self._index, document, analysis if "version_id" in changes else None)
        else:
            self._index.replace_carrier(document, text_cues(document))

    def _adjusted_details(self, new: PreparedArticle) -> Details | None:
        fetched = new.article.capture
        if fetched is None or new.details is None or fetched.truncated:
            return new.details
        page = (new.article.outlet, new.article.url, fetched.fetched_at, self._run_id)
        return mark_absent_by_witness(self._load_witnesses, *page, new.details)

    def _load_history(
        self, article_id: int, new: PreparedArticle
    ) -> tuple[history.VersionHistory, PreparedArticle]:
        """Loads the history of an article, and completes `new`.

        Fields that this capture is already known to lack are marked absent in its details.
        """
        parameters = {"me": article_id}
        execute = self._connection.execute
        versions = [HeldVersion(*row) for row in execute(VERSIONS_QUERY, parameters)]
        captures = [history.VersionCapture(*row) for row in execute(CAPTURES_QUERY, parameters)]
        recorded = build_history(versions, captures).find_capture(new.captured_at)
        if recorded and new.details is not None:
            details = next((row.details for row in versions if row.id == recorded.version_id), None)
            absent = fields_known_absent(details)
            new = replace(new, details=mark_fields_absent(new.details, absent))
        return build_history(versions, captures, new), new

    def _first_revisit_at(self, new: PreparedArticle, seen_at: datetime) -> datetime | None:
        if new.captured_at is None:
            return None
        return first_revisit_at(
            title=new.article.title,
            published_at=new.article.published_at,
            seen_at=seen_at,
            checked_at=new.captured_at,
            rank=self._ranks[new.article.outlet],
            intervals=self._revisit_intervals.get(new.article.outlet),
        )

    def _set_shown_version(
        self, article_id: int, recorded: history.VersionCapture, version_id: int
    ) -> None:
        """Corrects the version of a recorded capture that was extracted again with other rules."""
        is_shown = (capture.c.article_id == article_id) & (capture.c.fetched_at == recorded.at)
        self._connection.execute(update(capture).where(is_shown), {"version_id": version_id})

    def _add_version(
        self, article_id: int, new: PreparedArticle, captured_at: datetime | None
    ) -> int:
        row = version_row(new, article_id, captured_at, self._now)
        return insert_versions(self._connection, [new], [row], self._numbers)[0]

    def _add_capture(
        self, article_id: int, new: PreparedArticle, version_id: int | None, outcome: CaptureOutcome
    ) -> None:
        if fetched := new.article.capture:
            row = capture_row(fetched, CaptureResult(outcome), article_id, version_id, self._run_id)
            self._connection.execute(INSERT_CAPTURE, row)

    def _add_outlets(self, ranks: Mapping[str, int]) -> None:
        rows = self._connection.execute(_OUTLETS_QUERY.where(outlet.c.name.in_(ranks))).all()
        self._ranks = {row.name: row.rank for row in rows}
        self._revisit_intervals = {row.name: row.ladder for row in rows}
        for name in sorted(ranks.keys() - self._ranks.keys()):
            row = {"name": name, "rank": ranks[name], "added_at": self._now}
            self._connection.execute(insert_or_ignore(self._connection, outlet), row)
            self._ranks[name] = ranks[name]

    def _quarantine(self, rejected: Article, reason: str) -> Receipt:
        row = quarantine_row(rejected, reason, self._run_id, self._now)
        self._connection.execute(insert_or_ignore(self._connection, quarantine), row)
        return Receipt(SaveOutcome.REJECTED, reason=reason)
