"""Witnesses: live articles that show whether an outlet still prints what another one lacks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.changes.url_shape import field_witness_key, url_shape
from storage.changes.version_details import fields_not_found, fields_present, mark_fields_absent
from storage.tables.articles import article, capture
from storage.tables.changes import witness
from storage.tables.columns import AnyRow

WITNESS_WINDOW = timedelta(hours=1)  # how near a witness must be where no run is known
WITNESS_WINDOW_IN_RUN = timedelta(hours=12)  # and where it is of the same one
_MAX_SIBLINGS = 200


def is_witnessed(
    connection: Connection, outlet_name: str, url: str, at: datetime, run_id: int | None
) -> bool:
    """Whether a sibling of this address answered as it should, in the same run if there is one."""
    asked = select(witness).where(
        witness.c.outlet == outlet_name, witness.c.shape == url_shape(url)
    )
    row = connection.execute(asked).one_or_none()
    if row is None:
        return False
    if row.run_id == run_id is not None and abs(at - row.seen_at) > WITNESS_WINDOW_IN_RUN:
        return _has_sibling_capture(connection, outlet_name, url, at)
    return _is_valid_witness(row, at, run_id)


def _has_sibling_capture(connection: Connection, of: str, url: str, at: datetime) -> bool:
    """Whether a sibling showed its text about then, by all captures: a run over recordings spans years."""
    asked = (
        select(article.c.url)
        .join_from(article, capture, capture.c.article_id == article.c.id)
        .where(
            article.c.outlet == of,
            article.c.first_seen_at <= at + WITNESS_WINDOW_IN_RUN,
            article.c.last_captured_at >= at - WITNESS_WINDOW_IN_RUN,
            capture.c.fetched_at.between(at - WITNESS_WINDOW_IN_RUN, at + WITNESS_WINDOW_IN_RUN),
            capture.c.version_id.is_not(None),
        )
        .limit(_MAX_SIBLINGS)
    )
    return any(
        url_shape(each) == url_shape(url) and each != url for each in connection.scalars(asked)
    )


def load_witnesses(
    connection: Connection, outlet_name: str, shapes: frozenset[str]
) -> Sequence[AnyRow]:
    """When pages of these shapes answered last."""
    asked = select(witness).where(witness.c.outlet == outlet_name, witness.c.shape.in_(shapes))
    return connection.execute(asked).all()


def mark_absent_by_witness(
    load: Callable[[str, frozenset[str]], Sequence[AnyRow]],
    outlet_name: str,
    url: str,
    at: datetime,
    run_id: int | None,
    details: str,
) -> str:
    """The details of a page, with what it lacks while a sibling had it in the same run told apart.

    `held`: as `load_witnesses`. A layout that none of our rules knows has no byline anywhere, and so takes none away.
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
    details: str | None = None,
) -> None:
    """Remember that an article at an address of this shape answered, and what was found beside its text."""
    record_witnesses(connection, dict.fromkeys(witness_keys(outlet_name, url, details), at), run_id)


def witness_keys(outlet_name: str, url: str, details: str | None) -> list[tuple[str, str]]:
    """The outlet with the shape of the address, and with what a page of this shape has."""
    return [
        (outlet_name, each)
        for each in (
            url_shape(url),
            *(field_witness_key(url, name) for name in fields_present(details)),
        )
    ]


def record_witnesses(
    connection: Connection, seen_at_by_key: Mapping[tuple[str, str], datetime], run_id: int | None
) -> None:
    """Remember when pages of these outlets and shapes answered last."""
    rows = [
        {"outlet": of, "shape": kind, "seen_at": at, "run_id": run_id}
        for (of, kind), at in seen_at_by_key.items()
    ]
    if rows:
        connection.execute(_witness_upsert(connection.dialect.name), rows)


def _is_valid_witness(row: AnyRow, at: datetime, run_id: int | None) -> bool:
    if run_id is not None:
        # A run over recordings may span years.
        return bool(row.run_id == run_id and abs(at - row.seen_at) <= WITNESS_WINDOW_IN_RUN)
    return bool(abs(at - row.seen_at) <= WITNESS_WINDOW)


@cache
def _witness_upsert(dialect: str) -> Any:
    # Made once: for a row of four values, making the statement costs more than running it.
    new = (postgresql if dialect == "postgresql" else sqlite).insert(witness)
    return new.on_conflict_do_update(
        index_elements=["outlet", "shape"],
        set_={"seen_at": new.excluded.seen_at, "run_id": new.excluded.run_id},
        # Recordings may be read later than what they are older than.
        where=(witness.c.seen_at <= new.excluded.seen_at)
        | witness.c.run_id.is_distinct_from(new.excluded.run_id),
    )
