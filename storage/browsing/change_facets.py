"""Counts edits and changes of state by kind, nature, state and outlet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, Table, case, func, select

from dedup.changes.records import ChangeKind
from storage.browsing.change_lines import is_of_outlet, join_ruling, range_conditions
from storage.browsing.facets import FacetCount
from storage.browsing.time_limit import reading_within
from storage.changes.change_queries import is_not_boring
from storage.engine import TransactionalEngine
from storage.tables.articles import article
from storage.tables.changes import change, transition
from storage.tables.columns import AnyRow, AnySelect

MAX_COUNTED = 2_000
"""The most edits, and the most changes of state, that are counted: the latest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacets:
    """Numbers of edits by kind and nature, and of changes of state by state.

    An edit can have several kinds. `outlets`: edits and changes of state together. `announced`: edits
    that the page announces. `boring`: boring edits, which the other numbers leave out unless they
    were asked for. `is_capped`: only the latest ones are counted.
    """

    kinds: tuple[FacetCount, ...]
    natures: tuple[FacetCount, ...]
    states: tuple[FacetCount, ...]
    outlets: tuple[FacetCount, ...]
    announced: int
    boring: int
    is_capped: bool


def count_changes(
    database: TransactionalEngine,
    *,
    boring: bool = False,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> ChangeFacets:
    """Counts the edits and changes of state with `since` <= `found_at` < `until`.

    `boring`: counts boring edits like others. Raises TooSlow.
    """

    def conditions(table: Table) -> list[ColumnElement[bool]]:
        of_outlet = [] if outlet is None else [is_of_outlet(table, outlet)]
        return [*of_outlet, *range_conditions(table, since, until)]

    with reading_within(database) as connection:
        edits = _count_edits(connection, conditions(change))
        states = _count_states(connection, conditions(transition))
    return _sum(edits, states, boring=boring)


def _sum(edits: list[AnyRow], states: list[AnyRow], *, boring: bool) -> ChangeFacets:
    shown = [row for row in edits if boring or row.is_shown]
    kinds, natures = Counter[str](), Counter[str]()
    outlets, state_counts = Counter[str](), Counter[str]()
    for row in shown:
        natures[str(row.nature)] += row.number
        outlets[row.outlet] += row.number
        kinds.update({kind.value: row._mapping[kind] for kind in ChangeKind})
    for row in states:
        state_counts[row.state] += row.number
        outlets[row.outlet] += row.number
    totals = sum(row.number for row in edits), sum(row.number for row in states)
    return ChangeFacets(
        kinds=_sort(kinds),
        natures=_sort(natures),
        states=_sort(state_counts),
        outlets=_sort(outlets),
        announced=sum(row.number for row in shown if not row.silent),
        boring=sum(row.number for row in edits if not row.is_shown),
        is_capped=max(totals) >= MAX_COUNTED,
    )


def _count_edits(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[AnyRow]:
    is_shown = case((is_not_boring(), 1), else_=0).label("is_shown")
    kinds = [change.c[kind] for kind in ChangeKind]
    query = select(change.c.article_id, change.c.nature, change.c.silent, is_shown, *kinds)
    latest = _latest(join_ruling(query.select_from(change)), change, conditions)
    sums = [func.count(case((latest.c[kind], 1))).label(kind.value) for kind in ChangeKind]
    return _group(connection, latest, ("nature", "silent", "is_shown"), sums)


def _count_states(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[AnyRow]:
    query = select(transition.c.article_id, transition.c.state)
    return _group(connection, _latest(query, transition, conditions), ("state",))


def _group(
    connection: Connection,
    latest: Subquery[Any],
    names: Sequence[str],
    sums: Sequence[ColumnElement[int]] = (),
) -> list[AnyRow]:
    """Counts the rows by the outlet of their article and by these columns."""
    groups = [article.c.outlet, *(latest.c[name] for name in names)]
    counted = select(*groups, func.count().label("number"), *sums).join_from(
        latest, article, article.c.id == latest.c.article_id
    )
    return list(connection.execute(counted.group_by(*groups)).all())


def _latest(query: AnySelect, table: Table, conditions: list[ColumnElement[bool]]) -> Subquery[Any]:
    latest = query.where(*conditions).order_by(table.c.found_at.desc()).limit(MAX_COUNTED)
    return latest.subquery("latest")


def _sort(counts: Counter[str]) -> tuple[FacetCount, ...]:
    """Returns the numbers above zero, the highest first."""
    in_order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value=value, count=count) for value, count in in_order if count)
