"""The SQL statements for changes, states and articles that are due for a revisit."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, or_, select, true

from dedup.changes.records import ChangeKind, ChangeNature
from storage.changes.article_state import ArticleState
from storage.changes.rows import ChangeFilters
from storage.errors import InvalidRequest
from storage.tables.articles import article, capture, is_article, version
from storage.tables.changes import change, ruling, transition
from storage.tables.columns import UtcDateTime, is_one_of

if TYPE_CHECKING:
    from collections.abc import Callable

_ARTICLE_COLUMNS = (
    article.c.outlet,
    article.c.url,
    version.c.title,
    article.c.published_at,
    article.c.published_precision,
    article.c.first_seen_at,
)

CHANGES_QUERY = (
    select(change, ruling.c.boring.label("ruled"), ruling.c.note, *_ARTICLE_COLUMNS)
    .join_from(change, article, article.c.id == change.c.article_id)
    .join(version, version.c.id == article.c.version_id)
    .outerjoin(ruling, and_(ruling.c.old_id == change.c.old_id, ruling.c.new_id == change.c.new_id))
)
TRANSITIONS_QUERY = (
    select(transition, *_ARTICLE_COLUMNS)
    .join_from(transition, article, article.c.id == transition.c.article_id)
    .join(version, version.c.id == article.c.version_id)
)

_REVISIT_QUERY = select(
    article.c.id,
    article.c.identity,
    article.c.url,
    article.c.key,
    article.c.canonical_url,
    article.c.published_at,
    article.c.published_precision,
    article.c.next_check_at,
    article.c.suspect_since,
    func.coalesce(func.length(version.c.text), 0).label("length"),
    func.coalesce(version.c.title, "").label("title"),
    version.c.details,
).outerjoin_from(article, version, version.c.id == article.c.version_id)
_LOST_STATES = (ArticleState.MISSING.value, ArticleState.GONE.value)
_ROW_LIMIT = bindparam("room", type_=BigInteger)

# A run selects its revisits with this one query. It uses the index ix_article_outlet_next_check_at.
DUE_QUERY = (
    _REVISIT_QUERY.where(
        article.c.outlet == bindparam("of"),
        article.c.next_check_at <= bindparam("now", type_=UtcDateTime),
    )
    .order_by(article.c.next_check_at)
    .limit(_ROW_LIMIT)
)
LIVE_QUERY = (
    _REVISIT_QUERY.where(
        article.c.outlet == bindparam("of"),
        article.c.next_check_at > bindparam("now", type_=UtcDateTime),
        article.c.suspect_since.is_(None),
    )
    .order_by(article.c.next_check_at)
    .limit(_ROW_LIMIT)
)
# Articles that were there when they were asked for last. It uses the index
# ix_article_outlet_last_captured_at.
READ_LAST_QUERY = (
    _REVISIT_QUERY.where(
        article.c.outlet == bindparam("of"),
        article.c.last_captured_at.is_not(None),
        article.c.suspect_since.is_(None),
        article.c.state == ArticleState.LIVE.value,
        is_article(),
    )
    .order_by(article.c.last_captured_at.desc())
    .limit(_ROW_LIMIT)
)
# Each time an article of an outlet became missing while a sibling of it answered.
LOSSES_QUERY = (
    select(article.c.id, transition.c.found_at, article.c.state.in_(_LOST_STATES).label("is_lost"))
    .join_from(transition, article, article.c.id == transition.c.article_id)
    .where(
        article.c.outlet == bindparam("of"),
        transition.c.state == ArticleState.MISSING.value,
        transition.c.found_at > bindparam("since", type_=UtcDateTime),
    )
)
# Articles not found recently, and no sibling either. `until` limits the index range that is read.
SUSPECTS_QUERY = select(article.c.id, article.c.suspect_since.label("found_at")).where(
    article.c.outlet == bindparam("of"),
    article.c.next_check_at <= bindparam("until", type_=UtcDateTime),
    article.c.suspect_since > bindparam("since", type_=UtcDateTime),
    article.c.state.not_in(_LOST_STATES),
)
RECORDED_CAPTURES_QUERY = (
    select(
        capture.c.article_id,
        article.c.outlet,
        article.c.identity,
        article.c.key,
        article.c.canonical_url,
        article.c.url.label("article_url"),
        article.c.published_at,
        func.coalesce(article.c.published_precision, "").label("published_precision"),
        *(capture.c[name] for name in ("url", "fetched_at", "status", "body_sha256")),
        capture.c.warc_file,
        capture.c.warc_offset,
        func.coalesce(version.c.title, "").label("title"),
        func.coalesce(version.c.text, "").label("text"),
    )
    .join_from(capture, article, article.c.id == capture.c.article_id)
    .outerjoin(version, version.c.id == capture.c.version_id)
    .where(capture.c.warc_file != "")
    .order_by(capture.c.article_id, capture.c.fetched_at)
)
VALIDATORS_QUERY = (
    select(capture.c.etag, capture.c.last_modified, capture.c.outcome)
    .where(capture.c.article_id == bindparam("me"))
    .order_by(capture.c.fetched_at.desc())
    .limit(1)
)


def is_not_boring() -> ColumnElement[bool]:
    """Returns the condition for changes that are not boring.

    The ruling of a person decides; without a ruling the `boring` reason of the classifier does.
    """
    by_machine = and_(ruling.c.boring.is_(None), change.c.boring == "")
    return or_(ruling.c.boring.is_(False), by_machine)


def is_of_kind(kind: str) -> ColumnElement[bool]:
    """Returns the condition for changes of a kind (headline, numbers ...) or nature (rewrite ...).

    Raises InvalidRequest for any other word.
    """
    if kind in tuple(ChangeKind):
        return change.c[kind].is_(true())
    if kind in tuple(ChangeNature):
        return change.c.nature == kind
    raise InvalidRequest(f"no such kind of change: {kind}")


def filter_conditions(
    found_at: ColumnElement[Any], filters: ChangeFilters
) -> list[ColumnElement[bool]]:
    """Returns the filters that changes and transitions share as SQL conditions."""
    conditions: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "since": lambda value: found_at >= value,
        "until": lambda value: found_at < value,
        "outlet": lambda value: is_one_of(article.c.outlet, value),
        "article": lambda value: article.c.id == value,
    }
    return [conditions[name](value) for name, value in filters.items() if value is not None]
