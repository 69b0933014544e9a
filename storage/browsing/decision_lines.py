"""Reads what persons decided, for a page: the latest decision first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from dedup.records import DecisionVerb
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.tables.articles import article, decision, version
from storage.tables.changes import change, ruling

MAX_LINES = 200
"""The most decisions that are listed, and the most rulings."""
MAX_NAMED = 12
"""The most articles of one decision that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedArticle:
    """An article that a decision is about."""

    id: int
    outlet: str
    language: str
    title: str
    story_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """What was decided at one moment: two articles merged, or one split from others.

    `articles`: a split names first the article that left. `more`: articles that are not named.
    """

    decided_at: datetime
    verb: DecisionVerb
    note: str
    articles: tuple[DecidedArticle, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingLine:
    """A ruling on an edit. `change_id`: None if the edit is not listed any more."""

    decided_at: datetime
    boring: bool
    note: str
    old_id: int
    new_id: int
    change_id: int | None
    article: DecidedArticle


def load_decision_lines(
    database: TransactionalEngine, limit: int = MAX_LINES
) -> list[DecisionLine]:
    """Returns the latest decisions on articles. Raises TooSlow."""
    moments = (
        select(decision.c.decided_at).distinct().order_by(decision.c.decided_at.desc()).limit(limit)
    )
    query = select(decision).where(decision.c.decided_at.in_(moments))
    query = query.order_by(decision.c.decided_at.desc(), decision.c.a, decision.c.b)
    with reading_within(database) as connection:
        groups: dict[tuple[Any, ...], list[tuple[int, int]]] = defaultdict(list)
        for row in connection.execute(query):
            groups[row.decided_at, row.verb, row.note].append((row.a, row.b))
        ids_of = {key: _in_order(pairs) for key, pairs in groups.items()}
        named = {each for ids in ids_of.values() for each in ids[:MAX_NAMED]}
        rows = connection.execute(_ARTICLES_QUERY.where(article.c.id.in_(named))).all()
    articles = {row.id: DecidedArticle(**row._mapping) for row in rows}
    return [
        DecisionLine(
            decided_at=decided_at,
            verb=DecisionVerb(verb),
            note=note,
            articles=tuple(articles[each] for each in ids[:MAX_NAMED]),
            more=max(0, len(ids) - MAX_NAMED),
        )
        for (decided_at, verb, note), ids in ids_of.items()
    ]


def load_ruling_lines(database: TransactionalEngine, limit: int = MAX_LINES) -> list[RulingLine]:
    """Returns the latest rulings on edits. Raises TooSlow."""
    # The rulings come first: SQLite may begin with all articles where it has no statistics.
    latest = (
        select(ruling)
        .order_by(ruling.c.decided_at.desc(), ruling.c.new_id)
        .limit(limit)
        .subquery("latest")
    )
    query = (
        _ARTICLES_QUERY.add_columns(
            *(latest.c[name] for name in ("decided_at", "boring", "note", "old_id", "new_id")),
            change.c.id.label("change_id"),
        )
        .join(_NEW, _NEW.c.article_id == article.c.id)
        .join(latest, latest.c.new_id == _NEW.c.id)
        .outerjoin(
            change,
            (change.c.article_id == article.c.id)  # this column has an index
            & (change.c.old_id == latest.c.old_id)
            & (change.c.new_id == latest.c.new_id),
        )
        .order_by(latest.c.decided_at.desc(), latest.c.new_id)
    )
    with reading_within(database) as connection:
        rows = connection.execute(query).all()
    return [
        RulingLine(
            decided_at=row.decided_at,
            boring=row.boring,
            note=row.note,
            old_id=row.old_id,
            new_id=row.new_id,
            change_id=row.change_id,
            article=DecidedArticle(
                **{name: row._mapping[name] for name in DecidedArticle.__dataclass_fields__}
            ),
        )
        for row in rows
    ]


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Returns the articles of some pairs; first the one that is in all of them, if there is one."""
    common = set(pairs[0]).intersection(*pairs) if len(pairs) > 1 else set()
    others = {each for pair in pairs for each in pair} - common
    return [*sorted(common), *sorted(others)]


_NEW = version.alias("new_version")
_ARTICLES_QUERY = select(
    article.c.id,
    article.c.outlet,
    article.c.language,
    version.c.title,
    func.coalesce(article.c.story_id, -article.c.id).label("story_id"),
).join_from(article, version, version.c.id == article.c.version_id)
