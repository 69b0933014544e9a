"""Witnesses: live articles that show whether the outlet still prints what another article lacks.

A witness has an address of the same shape (see `url_shape`) and answered normally. So a page that
is not found, or a field that a page lacks, was removed, and not lost in an outage or a redesign.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from storage.changes.url_shape import field_witness_key, url_shape
from storage.changes.version_details import (
    Details,
    fields_not_found,
    fields_present,
    mark_fields_absent,
)
from storage.statements import proposed, upsert
from storage.tables.articles import article, capture
from storage.tables.changes import witness
from storage.tables.columns import AnyRow

WITNESS_WINDOW = timedelta(hours=1)  # the greatest distance in time to a witness without a run
WITNESS_WINDOW_IN_RUN = timedelta(hours=12)  # the same for a witness of the same run
_MAX_SIBLINGS = 200
# A recording may be read after a newer page; it must not overwrite the later time.
_IS_NOT_OLDER = (witness.c.seen_at <= proposed(witness).seen_at) | (
    witness.c.run_id.is_distinct_from(proposed(witness).run_id)
)


def is_witnessed(
    connection: Connection, outlet_name: str, url: str, at: datetime, run_id: int | None
) -> bool:
    """Returns whether a sibling of this address answered normally, in the same run if there is one."""
    query = select(witness).where(
        witness.c.outlet == outlet_name, witness.c.shape == url_shape(url)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return False
    if row.run_id == run_id is not None and abs(at - row.seen_at) > WITNESS_WINDOW_IN_RUN:
        return _has_sibling_capture(connection, outlet_name, url, at)
    return _is_valid_witness(row, at, run_id)


def _has_sibling_capture(connection: Connection, outlet_name: str, url: str, at: datetime) -> bool:
    """Returns whether any capture near this time shows the text of a sibling.

    The table `witness` holds only the last time, but a run over recordings may span years.
    """
    query = (
        select(article.c.url)
        .join_from(article, capture, capture.c.article_id == article.c.id)
        .where(
            article.c.outlet == outlet_name,
            article.c.first_seen_at <= at + WITNESS_WINDOW_IN_RUN,
            article.c.last_captured_at >= at - WITNESS_WINDOW_IN_RUN,
            capture.c.fetched_at.between(at - WITNESS_WINDOW_IN_RUN, at + WITNESS_WINDOW_IN_RUN),
            capture.c.version_id.is_not(None),
        )
        .limit(_MAX_SIBLINGS)
    )
    return any(
        url_shape(sibling_url) == url_shape(url) and sibling_url != url
        for sibling_url in connection.scalars(query)
    )


def load_witnesses(
    connection: Connection, outlet_name: str, shapes: frozenset[str]
) -> Sequence[AnyRow]:
    """Returns the `witness` rows of these shapes: when such pages last answered."""
    query = select(witness).where(witness.c.outlet == outlet_name, witness.c.shape.in_(shapes))
    return connection.execute(query).all()


def mark_absent_by_witness(
    load: Callable[[str, frozenset[str]], Sequence[AnyRow]],
    outlet_name: str,
    url: str,
    at: datetime,
    run_id: int | None,
    details: Details,
) -> Details:
    """Marks the fields that a page lacks although a sibling had them in the same run.

    Returns the changed details. `load`: a function like `load_witnesses`, without the connection.
    If our rules do not know a new layout, they find no byline on any page. Then there is no
    witness, and no byline counts as removed.
    """
    names = {field_witness_key(url, name): name for name in fields_not_found(details)}
    if not names:
        return details
    rows = load(outlet_name, frozenset(names))
    return mark_fields_absent(
        details, [names[row.shape] for row in rows if _is_valid_witness(row, at, run_id)]
    )


def record_witness(
    connection: Connection,
    outlet_name: str,
    url: str,
    at: datetime,
    run_id: int | None,
    details: Details | None = None,
) -> None:
    """Records that an article at an address of this shape answered, and which fields it had."""
    record_witnesses(connection, dict.fromkeys(witness_keys(outlet_name, url, details), at), run_id)


def witness_keys(outlet_name: str, url: str, details: Details | None) -> list[tuple[str, str]]:
    """Returns the outlet with each key of a page: its shape, and its shape with each field it has."""
    return [
        (outlet_name, key)
        for key in (
            url_shape(url),
            *(field_witness_key(url, name) for name in fields_present(details)),
        )
    ]


def record_witnesses(
    connection: Connection, seen_at_by_key: Mapping[tuple[str, str], datetime], run_id: int | None
) -> None:
    """Records when pages of these outlets and shapes last answered."""
    rows = [
        {"outlet": outlet_name, "shape": shape, "seen_at": seen_at, "run_id": run_id}
        for (outlet_name, shape), seen_at in seen_at_by_key.items()
    ]
    if rows:
        connection.execute(
            upsert(connection, witness, ["outlet", "shape"], where=_IS_NOT_OLDER), rows
        )


def _is_valid_witness(row: AnyRow, at: datetime, run_id: int | None) -> bool:
    if run_id is not None:
        # A run over recordings may span years, so the same run is not enough.
        return bool(row.run_id == run_id and abs(at - row.seen_at) <= WITNESS_WINDOW_IN_RUN)
    return bool(abs(at - row.seen_at) <= WITNESS_WINDOW)
