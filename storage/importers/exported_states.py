"""Restores from an export which articles were deleted, and when their state changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from storage.changes.article_state import ArticleState
from storage.clean import clean_text
from storage.importers.exported_rows import parse_id
from storage.importers.stated_dates import parse_time
from storage.records import ExportedState
from storage.tables.articles import article
from storage.tables.changes import transition

_SET_STATE = update(article).where(article.c.id == bindparam("me"))
_STATES = frozenset(ArticleState)


def restore_states(
    connection: Connection,
    states: Mapping[int, ExportedState],
    rows: Iterable[Mapping[str, Any]],
    ids: Mapping[int, int],
) -> None:
    """Stores the states of articles by id, and their changes of state.

    `rows`: those of `STATE_COLUMNS`. `ids`: the id in this database for each exported article id.
    The captures that prove a state are not in an export: the next one decides anew.
    """
    values = [
        {"me": article_id, "state": each.state} | each.times()
        for article_id, each in states.items()
        if each.state in _STATES
    ]
    if values:
        connection.execute(_SET_STATE, values)
    transitions = [_transition_row(row, ids) for row in rows]
    if known := [each for each in transitions if each]:
        connection.execute(insert(transition), known)


def _transition_row(row: Mapping[str, Any], ids: Mapping[int, int]) -> dict[str, Any] | None:
    times = {name: parse_time(row.get(name))[0] for name in ("after_at", "before_at", "found_at")}
    article_id = ids.get(parse_id(row, "article"))
    is_complete = article_id and times["before_at"] and times["found_at"]
    states = {name: str(row.get(name)) for name in ("was", "state")}
    if not is_complete or not _STATES.issuperset(states.values()):
        return None
    texts = states | {"how": clean_text(str(row.get("how") or ""))}
    return {"article_id": article_id, **texts, **times}
