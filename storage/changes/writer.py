"""Updates changes, states and due times when captures of an article are stored.

It runs in the transaction that stores the captures. It derives everything again from all captures
of the article and compares the result with the stored rows. So captures may arrive in any order and
more than once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from dedup.changes.change_classifier import RULES_VERSION
from dedup.changes.change_classifier import classify_change as compare
from dedup.changes.names_and_numbers import concerns_leader
from storage.changes.article_state import (
    ArticleState,
    Observation,
    ObservationKind,
    Transition,
    classify_outcome,
    replay_observations,
)
from storage.changes.listing_comparison import ListingPeriod, listing_observations
from storage.changes.revisit_intervals import LEADER_REPORT_INTERVALS, NO_REVISITS, next_revisit_at
from storage.changes.version_changes import (
    NOT_MODIFIED,
    ImportedVersion,
    ShownVersion,
    VersionChange,
    find_version_changes,
)
from storage.changes.version_details import (
    format_kinds,
    is_own_agency,
    to_compared_version,
)
from storage.tables.articles import article, capture, outlet, version
from storage.tables.changes import change, listed, ruling, transition
from storage.tables.columns import AnyRow

_ARTICLE_ID: BindParameter[int] = bindparam("me")
_ARTICLE_QUERY = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.url,
        article.c.state,
        article.c.suspect_since,
        article.c.next_check_at,
        article.c.published_at,
        article.c.first_seen_at,
        article.c.last_captured_at,
        outlet.c.rank,
        outlet.c.ladder,
        version.c.title,
    )
    .join_from(article, outlet, outlet.c.name == article.c.outlet)
    .outerjoin(version, version.c.id == article.c.version_id)
    .where(article.c.id == _ARTICLE_ID)
)
_CAPTURES_QUERY = (
    select(
        capture.c.id,
        capture.c.fetched_at,
        capture.c.outcome,
        capture.c.status,
        capture.c.truncated,
        capture.c.witnessed,
        capture.c.version_id,
    )
    .where(capture.c.article_id == _ARTICLE_ID)
    .order_by(capture.c.fetched_at)
)
_IMPORTED_QUERY = select(version.c.id, version.c.stored_at).where(
    version.c.article_id == _ARTICLE_ID, version.c.captured_at.is_(None)
)
_LISTED_QUERY = select(listed).where(listed.c.article_id == _ARTICLE_ID)
_STORED_CHANGES_QUERY = select(change).where(change.c.article_id == _ARTICLE_ID)
_RULING_QUERY = select(ruling).where(
    ruling.c.old_id == bindparam("old"), ruling.c.new_id == bindparam("new")
)
_STORED_TRANSITIONS_QUERY = select(transition).where(transition.c.article_id == _ARTICLE_ID)


def update_change_state(connection: Connection, article_id: int, *, versions: bool = True) -> None:
    """Updates the state and due time of an article, and with `versions` also its changes."""
    row = connection.execute(_ARTICLE_QUERY, {"me": article_id}).one()
    captures = connection.execute(_CAPTURES_QUERY, {"me": article_id}).all()
    if versions:
        _update_changes(connection, row, captures)
    _update_state(connection, row, captures)


def first_revisit_at(
    *,
    title: str,
    published_at: datetime | None,
    seen_at: datetime,
    checked_at: datetime,
    rank: int,
    interval_seconds: Sequence[int] | None,
) -> datetime | None:
    """Returns when a new article is due for its first revisit; None for never.

    `interval_seconds`: the outlet's own revisit intervals, None for the default ones.
    """
    return next_revisit_at(
        appeared_at=min(published_at or seen_at, seen_at),
        checked_at=checked_at,
        state=ArticleState.LIVE,
        suspect_since=None,
        intervals=_effective_intervals(title, rank, interval_seconds),
    )


def _update_changes(connection: Connection, row: AnyRow, captures: Sequence[AnyRow]) -> None:
    imported = connection.execute(_IMPORTED_QUERY, {"me": row.id}).all()
    wanted = {
        (step.old_id, step.new_id, step.found_at): step
        for step in find_version_changes(
            [ImportedVersion(each.id, each.stored_at) for each in imported],
            [_to_shown_version(each) for each in captures if not each.truncated],
        )
    }
    rows = connection.execute(_STORED_CHANGES_QUERY, {"me": row.id}).all()
    held = {
        (each.old_id, each.new_id, each.found_at): each
        for each in rows
        if each.rules == RULES_VERSION
    }
    stale = [
        each.id
        for each in rows
        if held.get(_change_key(each)) is not each or _change_key(each) not in wanted
    ]
    if stale:
        connection.execute(delete(change).where(change.c.id.in_(stale)))
        _transfer_rulings(connection, [each for each in rows if each.id in stale], wanted.values())
    for key, step in wanted.items():
        if key not in held:
            _insert_change(connection, row, step)
        elif (held[key].after_at, held[key].before_at) != (step.after, step.before):
            values = {"after_at": step.after, "before_at": step.before}
            connection.execute(update(change).where(change.c.id == held[key].id), values)


def _transfer_rulings(
    connection: Connection, stale: Sequence[AnyRow], wanted: Iterable[VersionChange]
) -> None:
    """Transfers a person's ruling to the change that replaces the one it was made for.

    Newer rules may give other versions. It is the same change if the same capture showed it first.
    """
    after = {step.found_at: step for step in wanted}
    for was in stale:
        now = after.get(was.found_at)
        if now is None or (now.old_id, now.new_id) == (was.old_id, was.new_id):
            continue
        said = connection.execute(
            _RULING_QUERY, {"old": was.old_id, "new": was.new_id}
        ).one_or_none()
        held = connection.execute(
            _RULING_QUERY, {"old": now.old_id, "new": now.new_id}
        ).one_or_none()
        if said is not None and held is None:
            values = said._asdict() | {"old_id": now.old_id, "new_id": now.new_id}
            connection.execute(insert(ruling), values)


def _change_key(row: AnyRow) -> tuple[int, int, datetime]:
    return row.old_id, row.new_id, row.found_at


def _to_shown_version(row: AnyRow) -> ShownVersion:
    return ShownVersion(row.fetched_at, row.version_id, row.outcome == NOT_MODIFIED)


def _insert_change(connection: Connection, row: AnyRow, step: VersionChange) -> None:
    asked = select(version).where(version.c.id.in_([step.old_id, step.new_id]))
    rows = {each.id: each for each in connection.execute(asked)}
    own = is_own_agency(row.outlet, row.rank)
    old, new = (to_compared_version(rows[i], own_agency=own) for i in (step.old_id, step.new_id))
    told = compare(old, new)
    if told is None:
        return
    values = {
        "article_id": row.id,
        "old_id": step.old_id,
        "new_id": step.new_id,
        "after_at": step.after,
        "before_at": step.before,
        "found_at": step.found_at,
        "kinds": format_kinds(told.kinds),
        "nature": told.nature.value,
        "added": told.added,
        "removed": told.removed,
        "share": told.share,
        "silent": told.silent,
        "boring": told.boring,
        "rules": RULES_VERSION,
    }
    connection.execute(insert(change), values)


def _update_state(connection: Connection, row: AnyRow, captures: Sequence[AnyRow]) -> None:
    if not captures:
        return
    spells = [
        ListingPeriod(each.source, each.first_at, each.last_at, each.dropped_at)
        for each in connection.execute(_LISTED_QUERY, {"me": row.id})
    ]
    looks = [_to_observation(each) for each in captures] + listing_observations(spells)
    standing, wanted = replay_observations(looks)
    _update_transitions(connection, row.id, wanted)
    suspect = _suspect_since(looks)
    last = captures[-1].fetched_at
    values: dict[str, Any] = {
        "state": standing.state.value,
        "suspect_since": suspect,
        "next_check_at": _next_revisit(row, standing.state, suspect, last),
    }
    if any(getattr(row, name) != value for name, value in values.items()):
        connection.execute(update(article).where(article.c.id == row.id), values)


def _update_transitions(
    connection: Connection, article_id: int, wanted: Sequence[Transition]
) -> None:
    rows = connection.execute(_STORED_TRANSITIONS_QUERY, {"me": article_id}).all()
    new = [_transition_values(article_id, each) for each in wanted]
    held = {tuple(getattr(row, name) for name in _TRANSITION_COLUMNS): row.id for row in rows}
    asked = {tuple(values[name] for name in _TRANSITION_COLUMNS): values for values in new}
    if stale := [i for key, i in held.items() if key not in asked]:
        connection.execute(delete(transition).where(transition.c.id.in_(stale)))
    if fresh := [values for key, values in asked.items() if key not in held]:
        connection.execute(insert(transition), fresh)


_TRANSITION_COLUMNS = ("article_id", "was", "state", "after_at", "before_at", "found_at", "how")


def _transition_values(article_id: int, made: Transition) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "was": made.was.value,
        "state": made.state.value,
        "after_at": made.after,
        "before_at": made.before,
        "found_at": made.found_at,
        "how": made.how,
    }


def _to_observation(row: AnyRow) -> Observation:
    how = f"HTTP status {row.status}" if row.outcome == "gone" else row.outcome
    return Observation(
        row.fetched_at, classify_outcome(row.outcome), witnessed=bool(row.witnessed), how=how
    )


def _suspect_since(looks: Sequence[Observation]) -> datetime | None:
    """Returns the first of the misses since the article was last present, witnessed or not."""
    since: datetime | None = None
    for look in sorted(looks, key=lambda look: look.at):
        if look.kind is ObservationKind.MISSING:
            since = since or look.at
        elif look.kind is ObservationKind.PRESENT:
            since = None
    return since


def _next_revisit(
    row: AnyRow, state: ArticleState, suspect_since: datetime | None, looked: datetime
) -> datetime | None:
    return next_revisit_at(
        appeared_at=min(row.published_at or row.first_seen_at, row.first_seen_at),
        checked_at=looked,
        state=state,
        suspect_since=suspect_since,
        intervals=_effective_intervals(row.title or "", row.rank, row.ladder),
    )


def _effective_intervals(
    title: str, rank: int, ladder: Sequence[int] | None
) -> tuple[timedelta, ...]:
    """Returns the outlet's own intervals, () for the default ones.

    Reports on the leader by his own agency also get `LEADER_REPORT_INTERVALS`.
    """
    own = tuple(timedelta(seconds=seconds) for seconds in ladder or ())
    if own == NO_REVISITS:
        return own
    return (
        tuple(sorted({*own, *LEADER_REPORT_INTERVALS}))
        if rank == 0 and concerns_leader(title)
        else own
    )
