"""Articles and captures into the database."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from storage.changes.states import Sight, sight_of
from storage.changes.writer import is_witnessed, keep_up, note_witness
from storage.engine import Connected, lock_placement
from storage.index.corpus import Corpus
from storage.records import Article, Capture, Receipt
from storage.saving.digests import digests
from storage.saving.prepare import Poison, Prepared, prepare
from storage.saving.rows import capture_values
from storage.saving.save import Batch, Refused
from storage.statements import insert_new
from storage.tables.articles import article, capture
from storage.tables.columns import AnyRow

GONE = "gone"
"""The outcome of a capture that found the article taken away: 404, 410, a page that says so."""


def save(corpus: Corpus, articles: Sequence[Article], run_id: int | None = None) -> list[Receipt]:
    """Store a batch in one transaction and answer when it is committed, one receipt for each.

    An article that cannot be stored is kept in quarantine and answered with REJECTED and the
    reason; the others of the batch are stored. Saving the same again adds nothing. Raises
    Unavailable, DiskFull or SchemeError; then nothing of the batch is stored.
    """
    if not articles:
        return []
    scheme, now = corpus.scheme, datetime.now(UTC)
    batch = [_prepare(each, now) for each in articles]
    good = [each for each in batch if isinstance(each, Prepared)]
    known = corpus.read(lambda connection: digests(connection, good, scheme))

    def work(connection: Connection) -> list[Receipt]:
        lock_placement(connection)
        return Batch(connection, scheme, run_id, now, corpus.fresh).save(batch, known)

    return corpus.write(work)


def record_capture(
    database: Connected,
    outlet: str,
    identity: str,
    fetched: Capture,
    outcome: str,
    run_id: int | None = None,
) -> bool:
    """Record a fetch of a known article that brought no text; False if it is not known.

    `outcome`: "not-modified", GONE, or any word for what the page was instead.
    """
    whose = (article.c.outlet == outlet) & (article.c.identity == identity)

    def work(connection: Connection) -> bool:
        row = connection.execute(select(article).where(whose)).one_or_none()
        if row is None:
            return False
        values = capture_values(fetched, outcome) | {"article_id": row.id, "run_id": run_id}
        values["witnessed"] = _note_sight(connection, row, fetched, outcome, run_id)
        connection.execute(insert_new(connection, capture), values)
        changes = _noted(row.last_captured_at, row.gone_at, fetched.fetched_at, outcome)
        connection.execute(update(article).where(article.c.id == row.id), changes)
        keep_up(connection, row.id, versions=False)
        return True

    return database.write(work)


def _note_sight(
    connection: Connection, row: AnyRow, fetched: Capture, outcome: str, run_id: int | None
) -> bool | None:
    """Remember an article that answered; of one that was not found, whether a sibling answered."""
    sight, at = sight_of(outcome), fetched.fetched_at
    if sight is Sight.PRESENT:
        note_witness(connection, row.outlet, row.url, at, run_id)
    if sight is not Sight.MISSING:
        return None
    return is_witnessed(connection, row.outlet, row.url, at, run_id)


def _prepare(each: Article, now: datetime) -> Prepared | Refused:
    try:
        return prepare(each, now)
    except Poison as poison:
        return Refused(each, str(poison))


def _noted(
    last: datetime | None, gone: datetime | None, at: datetime, outcome: str
) -> dict[str, datetime | None]:
    latest = max(last, at) if last else at
    if latest != at:
        return {"last_captured_at": latest, "gone_at": gone}
    return {"last_captured_at": at, "gone_at": (gone or at) if outcome.startswith(GONE) else None}
