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
from dedup.changes.records import ChangeKind
from storage.changes.article_state import (
    ArticleState,
    Observation,
    ObservationKind,
    Transition,
    classify_outcome,
    replay_observations,
)
from storage.changes.listing_comparison import ListingPeriod, listing_observations
from storage.changes.revisit_intervals import LEADER_REPORT_INTERVALS, next_revisit_at
from storage.changes.version_changes import (
    ImportedVersion,
    ShownVersion,
    VersionChange,
    find_version_changes,
)
from storage.changes.version_details import (
    is_own_agency,
    to_compared_version,
)
from storage.records import CaptureOutcome, CaptureResult
from storage.tables.articles import article, capture, outlet, revisit_ladder, version
from storage.tables.changes import change, listed, ruling, transition
from storage.tables.columns import AnyRow, in_bound_list

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
        revisit_ladder(),
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
        capture.c.detail,
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
_VERSIONS_QUERY = select(version).where(in_bound_list(version.c.id, "ids"))
_INSERT_CHANGE = insert(change)
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
    intervals: Sequence[timedelta] | None,
) -> datetime | None:
    """Returns when a new article is due for its first revisit; None for never.

    `intervals`: the outlet's own, () for no revisits, None for the default ones.
    """
    return next_revisit_at(
        appeared_at=_appeared_at(published_at, seen_at),
        checked_at=checked_at,
        state=ArticleState.LIVE,
        suspect_since=None,
        intervals=_effective_intervals(title, rank, intervals),
    )


def _update_changes(connection: Connection, row: AnyRow, captures: Sequence[AnyRow]) -> None:
    imported = connection.execute(_IMPORTED_QUERY, {"me": row.id}).all()
    expected = {
        (version_change.old_id, version_change.new_id, version_change.found_at): version_change
        for version_change in find_version_changes(
            [ImportedVersion(each.id, each.stored_at) for each in imported],
            [_to_shown_version(each) for each in captures if not each.truncated],
        )
    }
    rows = connection.execute(_STORED_CHANGES_QUERY, {"me": row.id}).all()
    stored = {
        (each.old_id, each.new_id, each.found_at): each
        for each in rows
        if each.rules == RULES_VERSION
    }
    stale_ids = [
        each.id
        for each in rows
        if stored.get(_change_key(each)) is not each or _change_key(each) not in expected
    ]
    if stale_ids:
        connection.execute(delete(change).where(change.c.id.in_(stale_ids)))
        _transfer_rulings(
            connection, [each for each in rows if each.id in stale_ids], expected.values()
        )
    for key, version_change in expected.items():
        if key not in stored:
            _insert_change(connection, row, version_change)
        elif (stored[key].after_at, stored[key].before_at) != (
            version_change.after,
            version_change.before,
        ):
            values = {"after_at": version_change.after, "before_at": version_change.before}
            connection.execute(update(change).where(change.c.id == stored[key].id), values)


def _transfer_rulings(
    connection: Connection, stale_changes: Sequence[AnyRow], expected: Iterable[VersionChange]
) -> None:
    """Transfers a person's ruling to the change that replaces the one it was made for.

    Newer rules may give other versions. It is the same change if the same capture showed it first.
    """
    change_by_time = {version_change.found_at: version_change for version_change in expected}
    for old in stale_changes:
        new = change_by_time.get(old.found_at)
        if new is None or (new.old_id, new.new_id) == (old.old_id, old.new_id):
            continue
        old_ruling = connection.execute(
            _RULING_QUERY, {"old": old.old_id, "new": old.new_id}
        ).one_or_none()
        new_ruling = connection.execute(
            _RULING_QUERY, {"old": new.old_id, "new": new.new_id}
        ).one_or_none()
        if old_ruling is not None and new_ruling is None:
            values = old_ruling._asdict() | {"old_id": new.old_id, "new_id": new.new_id}
            connection.execute(insert(ruling), values)


def _change_key(row: AnyRow) -> tuple[int, int, datetime]:
    return row.old_id, row.new_id, row.found_at


def _to_shown_version(row: AnyRow) -> ShownVersion:
    return ShownVersion(row.fetched_at, row.version_id, row.outcome is CaptureOutcome.NOT_MODIFIED)


def _insert_change(connection: Connection, row: AnyRow, version_change: VersionChange) -> None:
    ids = {"ids": [version_change.old_id, version_change.new_id]}
    rows = {each.id: each for each in connection.execute(_VERSIONS_QUERY, ids)}
    own_agency = is_own_agency(row.outlet, row.rank)
    old, new = (
        to_compared_version(rows[version_id], own_agency=own_agency)
        for version_id in (version_change.old_id, version_change.new_id)
    )
    difference = compare(old, new)
    if difference is None:
        return
    values = {
        "article_id": row.id,
        "old_id": version_change.old_id,
        "new_id": version_change.new_id,
        "after_at": version_change.after,
        "before_at": version_change.before,
        "found_at": version_change.found_at,
        "nature": difference.nature,
        "added": difference.added,
        "removed": difference.removed,
        "share": difference.share,
        "silent": difference.silent,
        "boring": difference.boring,
        "rules": RULES_VERSION,
    } | {kind.value: kind in difference.kinds for kind in ChangeKind}
    connection.execute(_INSERT_CHANGE, values)


def _update_state(connection: Connection, row: AnyRow, captures: Sequence[AnyRow]) -> None:
    if not captures:
        return
    periods = [
        ListingPeriod(each.source, each.first_at, each.last_at, each.dropped_at)
        for each in connection.execute(_LISTED_QUERY, {"me": row.id})
    ]
    observations = [_to_observation(each) for each in captures] + listing_observations(periods)
    status, transitions = replay_observations(observations)
    _update_transitions(connection, row.id, transitions)
    suspect_since = _suspect_since(observations)
    last_captured_at = captures[-1].fetched_at
    values: dict[str, Any] = {
        "state": status.state.value,
        "suspect_since": suspect_since,
        "next_check_at": _next_revisit(row, status.state, suspect_since, last_captured_at),
    }
    if any(getattr(row, name) != value for name, value in values.items()):
        connection.execute(update(article).where(article.c.id == row.id), values)


def _update_transitions(
    connection: Connection, article_id: int, transitions: Sequence[Transition]
) -> None:
    rows = connection.execute(_STORED_TRANSITIONS_QUERY, {"me": article_id}).all()
    expected_rows = [_transition_values(article_id, each) for each in transitions]
    stored = {tuple(getattr(row, name) for name in _TRANSITION_COLUMNS): row.id for row in rows}
    expected = {
        tuple(values[name] for name in _TRANSITION_COLUMNS): values for values in expected_rows
    }
    if stale_ids := [transition_id for key, transition_id in stored.items() if key not in expected]:
        connection.execute(delete(transition).where(transition.c.id.in_(stale_ids)))
    if new_rows := [values for key, values in expected.items() if key not in stored]:
        connection.execute(insert(transition), new_rows)


_TRANSITION_COLUMNS = ("article_id", "was", "state", "after_at", "before_at", "found_at", "how")


def _transition_values(article_id: int, state_change: Transition) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "was": state_change.was.value,
        "state": state_change.state.value,
        "after_at": state_change.after,
        "before_at": state_change.before,
        "found_at": state_change.found_at,
        "how": state_change.how,
    }


def _to_observation(row: AnyRow) -> Observation:
    result = CaptureResult(row.outcome, row.detail)
    is_gone_by_status = result == CaptureResult(CaptureOutcome.GONE)
    return Observation(
        row.fetched_at,
        classify_outcome(result.outcome),
        witnessed=bool(row.witnessed),
        how=f"HTTP status {row.status}" if is_gone_by_status else str(result),
    )


def _suspect_since(observations: Sequence[Observation]) -> datetime | None:
    """Returns the first of the misses since the article was last present, witnessed or not."""
    since: datetime | None = None
    for observation in sorted(observations, key=lambda observation: observation.at):
        if observation.kind is ObservationKind.MISSING:
            since = since or observation.at
        elif observation.kind is ObservationKind.PRESENT:
            since = None
    return since


def _next_revisit(
    row: AnyRow, state: ArticleState, suspect_since: datetime | None, checked_at: datetime
) -> datetime | None:
    return next_revisit_at(
        appeared_at=_appeared_at(row.published_at, row.first_seen_at),
        checked_at=checked_at,
        state=state,
        suspect_since=suspect_since,
        intervals=_effective_intervals(row.title or "", row.rank, row.ladder),
    )


def _appeared_at(published_at: datetime | None, first_seen_at: datetime) -> datetime:
    return min(published_at or first_seen_at, first_seen_at)


def _effective_intervals(
    title: str, rank: int, intervals: Sequence[timedelta] | None
) -> Sequence[timedelta] | None:
    """Returns the outlet's own intervals, None for the default ones.

    Reports on the leader by his own agency also get `LEADER_REPORT_INTERVALS`, unless the outlet
    has no revisits.
    """
    has_revisits = intervals is None or bool(intervals)
    if rank == 0 and has_revisits and concerns_leader(title):
        return sorted({*(intervals or ()), *LEADER_REPORT_INTERVALS})
    return intervals
