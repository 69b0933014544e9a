"""Selects the known articles that are to be fetched again."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from storage.changes.change_queries import (
    DUE_QUERY,
    LIVE_QUERY,
    READ_LAST_QUERY,
    VALIDATORS_QUERY,
)
from storage.changes.rows import DueArticle
from storage.changes.url_shape import url_shape
from storage.changes.version_details import fields_present
from storage.engine import Facet
from storage.records import CaptureOutcome
from storage.tables.columns import AnyRow

_MAX_WITNESSES, _ASKED = 3, 30
_FULL_ANSWERS = (CaptureOutcome.NEW, CaptureOutcome.SAME, CaptureOutcome.EDITED)


class Revisits(Facet):
    """Articles that are due for a revisit, and the siblings that serve as witnesses.

    A witness is a live article at an address of the same shape. If it answers normally in the same
    run, an article that is not found is really missing.
    """

    def due(
        self, outlet_name: str, now: datetime, limit: int, *, validators: bool = False
    ) -> list[DueArticle]:
        """Returns at most `limit` articles of an outlet that are due, longest due first.

        If some of them were not found the last time, witnesses for them come before all others.
        `validators`: with the ETag and Last-Modified of the last capture.
        """
        if limit <= 0:
            return []

        def work(connection: Connection) -> list[DueArticle]:
            rows = connection.execute(
                DUE_QUERY, {"of": outlet_name, "now": now, "room": limit}
            ).all()
            selected = [*_find_witnesses(connection, outlet_name, now, rows), *rows]
            due = [_due(row) for row in selected[:limit]]
            return [_with_validators(connection, each) for each in due] if validators else due

        return self._database.read(work)

    def sibling(self, outlet_name: str, due: DueArticle, now: datetime) -> DueArticle | None:
        """Returns a live article that can be a witness for `due`, or None.

        Its address has the same shape, and it has at least the same fields. Only the 30 live
        articles that become due first are tried.
        """

        def work(connection: Connection) -> DueArticle | None:
            parameters = {"of": outlet_name, "now": now, "room": _ASKED}
            for candidate in map(_due, connection.execute(LIVE_QUERY, parameters)):
                is_similar = url_shape(candidate.url) == url_shape(due.url) and set(
                    due.known_fields
                ) <= set(candidate.known_fields)
                if is_similar and candidate.article_id != due.article_id:
                    return candidate
            return None

        return self._database.read(work)

    def witnesses(self, outlet_name: str, asked: Collection[str], limit: int) -> list[DueArticle]:
        """Returns at most `limit` articles of an outlet, those first that could be read last.

        `asked`: identities to leave out. Only the latest 30 articles beside them are tried.
        """

        def work(connection: Connection) -> list[DueArticle]:
            parameters = {"of": outlet_name, "room": _ASKED + len(asked)}
            rows = connection.execute(READ_LAST_QUERY, parameters)
            return [_due(row) for row in rows if row.identity not in asked][:limit]

        return self._database.read(work)


def _find_witnesses(
    connection: Connection, outlet_name: str, now: datetime, rows: Sequence[AnyRow]
) -> list[AnyRow]:
    """Returns a live article for each shape of a suspect address, unless one is due anyway."""
    suspect_shapes = {url_shape(row.url) for row in rows if row.suspect_since is not None}
    witness_by_shape = {url_shape(row.url): row for row in rows if row.suspect_since is None}
    if not suspect_shapes - witness_by_shape.keys():
        return []
    parameters = {"of": outlet_name, "now": now, "room": _ASKED}
    for row in connection.execute(LIVE_QUERY, parameters):
        witness_by_shape.setdefault(url_shape(row.url), row)
    due_ids = {row.id for row in rows}
    witnesses = [
        witness_by_shape[shape] for shape in sorted(suspect_shapes) if shape in witness_by_shape
    ]
    return [row for row in witnesses if row.id not in due_ids][:_MAX_WITNESSES]


def _due(row: AnyRow) -> DueArticle:
    return DueArticle(
        article_id=row.id,
        identity=row.identity,
        url=row.url,
        key=row.key,
        canonical_url=row.canonical_url,
        due_at=row.next_check_at,
        is_suspect=row.suspect_since is not None,
        published_at=row.published_at,
        published_precision=row.published_precision or "",
        text_length=row.length,
        title=row.title,
        known_fields=fields_present(row.details),
    )


def _with_validators(connection: Connection, due: DueArticle) -> DueArticle:
    """Adds the ETag and Last-Modified of the last capture, if that was a full answer.

    After a 304 the next revisit requests the whole page, because some servers send wrong
    validators.
    """
    last_capture = connection.execute(VALIDATORS_QUERY, {"me": due.article_id}).one_or_none()
    if last_capture is None or last_capture.outcome not in _FULL_ANSWERS:
        return due
    return replace(due, etag=last_capture.etag, last_modified=last_capture.last_modified)
