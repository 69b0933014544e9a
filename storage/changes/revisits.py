"""Selects the known articles that are to be fetched again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from storage.changes.change_queries import DUE_QUERY, LIVE_QUERY, VALIDATORS_QUERY
from storage.changes.rows import DueArticle
from storage.changes.url_shape import url_shape
from storage.changes.version_details import fields_present
from storage.engine import Facet
from storage.tables.columns import AnyRow

_MAX_WITNESSES, _ASKED = 3, 30


class Revisits(Facet):
    """Articles that are due for a revisit, and the siblings that serve as witnesses.

    A witness is a live article at an address of the same shape. If it answers normally in the same
    run, an article that is not found is really missing.
    """

    def due(
        self, of: str, now: datetime, room: int, *, validators: bool = False
    ) -> list[DueArticle]:
        """Returns at most `room` articles of the outlet `of` that are due, longest due first.

        If some of them were not found the last time, witnesses for them come before all others.
        `validators`: with the ETag and Last-Modified of the last capture.
        """
        if room <= 0:
            return []

        def work(connection: Connection) -> list[DueArticle]:
            rows = connection.execute(DUE_QUERY, {"of": of, "now": now, "room": room}).all()
            chosen = [*_find_witnesses(connection, of, now, rows), *rows]
            due = [_due(row) for row in chosen[:room]]
            return [_with_validators(connection, each) for each in due] if validators else due

        return self._database.read(work)

    def sibling(self, of: str, due: DueArticle, now: datetime) -> DueArticle | None:
        """Returns a live article that can be a witness for `due`, or None.

        Its address has the same shape, and it has at least the same fields. Only the 30 live
        articles that become due first are tried.
        """

        def work(connection: Connection) -> DueArticle | None:
            asked = {"of": of, "now": now, "room": _ASKED}
            for each in map(_due, connection.execute(LIVE_QUERY, asked)):
                alike = url_shape(each.url) == url_shape(due.url) and set(due.known_fields) <= set(
                    each.known_fields
                )
                if alike and each.article_id != due.article_id:
                    return each
            return None

        return self._database.read(work)


def _find_witnesses(
    connection: Connection, of: str, now: datetime, rows: Sequence[AnyRow]
) -> list[AnyRow]:
    """Returns a live article for each shape of a suspect address, unless one is due anyway."""
    suspects = {url_shape(row.url) for row in rows if row.suspect_since is not None}
    healthy = {url_shape(row.url): row for row in rows if row.suspect_since is None}
    if not suspects - healthy.keys():
        return []
    asked = {"of": of, "now": now, "room": _ASKED}
    for row in connection.execute(LIVE_QUERY, asked):
        healthy.setdefault(url_shape(row.url), row)
    due = {row.id for row in rows}
    found = [healthy[each] for each in sorted(suspects) if each in healthy]
    return [row for row in found if row.id not in due][:_MAX_WITNESSES]


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
        known_fields=fields_present(row.details),
    )


def _with_validators(connection: Connection, due: DueArticle) -> DueArticle:
    """Adds the ETag and Last-Modified of the last capture, if that was a full answer.

    After a 304 the next revisit requests the whole page, because some servers send wrong
    validators.
    """
    last = connection.execute(VALIDATORS_QUERY, {"me": due.article_id}).one_or_none()
    if last is None or last.outcome not in ("new", "same", "edited"):
        return due
    return replace(due, etag=last.etag, last_modified=last.last_modified)
