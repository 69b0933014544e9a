"""Saves articles, and captures that brought no text."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from storage.changes.article_state import ObservationKind, classify_outcome
from storage.changes.witnesses import is_witnessed, record_witness
from storage.changes.writer import update_change_state
from storage.dialects import lock_placement
from storage.engine import TransactionalEngine
from storage.index.corpus import Corpus
from storage.records import Article, Capture, CaptureOutcome, CaptureResult, Receipt
from storage.saving.batch_writer import BatchWriter
from storage.saving.digests import analyse_new_texts
from storage.saving.kept_numbers import HighestNumbers
from storage.saving.prepare import (
    InvalidArticleError,
    PreparedArticle,
    RejectedArticle,
    prepare_article,
)
from storage.saving.rows import capture_values
from storage.statements import insert_or_ignore
from storage.tables.articles import article, capture


def save(
    corpus: Corpus,
    articles: Sequence[Article],
    run_id: int | None = None,
    highest: HighestNumbers | None = None,
    *,
    places: bool = True,
) -> list[Receipt]:
    """Stores a batch in one transaction and returns one receipt for each article, in order.

    An article that cannot be stored goes to quarantine; its receipt is REJECTED with the reason.
    The other articles are stored. Saving the same batch again adds nothing. `highest`: of an import
    that keeps the numbers of an export. `places`: whether whole texts that are in no story are
    compared with the others; without it, they are in no story until `recluster` places all of them.
    Raises Unavailable, DiskFull or DedupSchemeError; then nothing of the batch is stored.
    """
    if not articles:
        return []
    scheme, now = corpus.scheme, datetime.now(UTC)
    batch = [_prepare_or_reject(each, now) for each in articles]
    prepared_articles = [each for each in batch if isinstance(each, PreparedArticle)]
    analyses = (
        corpus.read(lambda connection: analyse_new_texts(connection, prepared_articles, scheme))
        if places
        else {}
    )

    def work(connection: Connection) -> list[Receipt]:
        lock_placement(connection)
        writer = BatchWriter(
            connection, scheme, run_id, now, corpus.pending_keys, highest, places=places
        )
        return writer.save(batch, analyses)

    return corpus.write(work)


def record_capture(
    database: TransactionalEngine,
    outlet: str,
    identity: str,
    fetched: Capture,
    result: CaptureResult,
    run_id: int | None = None,
) -> bool:
    """Records a fetch of a known article that brought no text; returns False if it is not known.

    Raises StorageError.
    """
    is_this_article = (article.c.outlet == outlet) & (article.c.identity == identity)

    def work(connection: Connection) -> bool:
        row = connection.execute(select(article).where(is_this_article)).one_or_none()
        if row is None:
            return False
        values = capture_values(fetched, result) | {"article_id": row.id, "run_id": run_id}
        values["witnessed"] = _record_sibling_evidence(
            connection, outlet, row.url, fetched, result.outcome, run_id
        )
        connection.execute(insert_or_ignore(connection, capture), values)
        changes = _capture_time_changes(
            row.last_captured_at, row.gone_at, fetched.fetched_at, result.outcome
        )
        connection.execute(update(article).where(article.c.id == row.id), changes)
        update_change_state(connection, row.id, versions=False)
        return True

    return database.write(work)


def _record_sibling_evidence(
    connection: Connection,
    outlet: str,
    url: str,
    fetched: Capture,
    outcome: CaptureOutcome,
    run_id: int | None,
) -> bool | None:
    """Records an article that answered, as evidence for pages with similar URLs.

    For a missing article, returns whether a page with a similar URL answered; otherwise None.
    """
    observation_kind, fetched_at = classify_outcome(outcome), fetched.fetched_at
    if observation_kind is ObservationKind.PRESENT:
        record_witness(connection, outlet, url, fetched_at, run_id)
    if observation_kind is not ObservationKind.MISSING:
        return None
    return is_witnessed(connection, outlet, url, fetched_at, run_id)


def _prepare_or_reject(incoming: Article, now: datetime) -> PreparedArticle | RejectedArticle:
    try:
        return prepare_article(incoming, now)
    except InvalidArticleError as error:
        return RejectedArticle(incoming, str(error))


def _capture_time_changes(
    last_captured_at: datetime | None,
    gone_at: datetime | None,
    fetched_at: datetime,
    outcome: CaptureOutcome,
) -> dict[str, datetime | None]:
    latest = max(last_captured_at, fetched_at) if last_captured_at else fetched_at
    if latest != fetched_at:
        return {"last_captured_at": latest, "gone_at": gone_at}
    return {
        "last_captured_at": fetched_at,
        "gone_at": (gone_at or fetched_at) if outcome is CaptureOutcome.GONE else None,
    }
