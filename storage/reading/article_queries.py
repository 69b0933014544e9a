"""The SQL statements for articles and stories, and the conversion of their rows."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    false,
    func,
    or_,
    select,
    union,
)

from dedup.statements.statement_level import StatementLevel
from storage.clean import storable_text
from storage.errors import InvalidRequest
from storage.identity import canonicalise, compute_identity
from storage.index.unplaced import story_or_self
from storage.reading.rows import ArticleFilters, ArticleRow, StoryMember, StoryRow, VersionRow
from storage.records import Dateline, PageClass, TimePrecision
from storage.tables.articles import article, outlet, relation, story, version
from storage.tables.columns import AnyRow, is_one_of
from storage.tables.list_indexes import article_time as article_time_of
from storage.tables.list_indexes import has_other_name

ARTICLE_TIME = article_time_of(article)
"""The time of an article: its publication, or `first_seen_at` if that is not known."""


def article_time(row: AnyRow | ArticleRow) -> datetime:
    """Returns `ARTICLE_TIME` of a row that has both columns."""
    time: datetime = row.published_at or row.first_seen_at
    return time


def filter_conditions(
    filters: ArticleFilters,
    *,
    table: FromClause = article,
    time: ColumnElement[datetime] | None = None,
) -> list[ColumnElement[bool]]:
    """Returns the filters as SQL conditions on `article`, or on the alias `table` of it.

    `time`: the time that `since` and `until` mean; None: `article_time`. The id in `story` must be a
    current one: see `resolve_story`. Raises InvalidRequest for unknown statement levels.
    """
    at = article_time_of(table) if time is None else time
    conditions: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "since": lambda value: at >= value,
        "until": lambda value: at < value,
        "outlet": lambda value: is_one_of(table.c.outlet, value),
        "language": lambda value: table.c.language == value,
        "story": lambda value: table.c.story_id == value,
        "dated": lambda value: (
            table.c.published_at.is_not(None) if value else table.c.published_at.is_(None)
        ),
        "statement_level": lambda value: table.c.statement_level.in_(parse_statement_levels(value)),
    }
    return [conditions[name](value) for name, value in filters.items() if value is not None]


def is_undated() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Returns the conditions for the articles without a date, in the words of an index.

    The index with `published_at` begins with the outlet.
    """
    return article.c.outlet.in_(select(outlet.c.name)), article.c.published_at.is_(None)


def parse_statement_levels(values: Collection[str]) -> list[StatementLevel]:
    """Returns the statement levels of these names. Raises InvalidRequest for an unknown one."""
    try:
        return [StatementLevel(each) for each in values]
    except ValueError:
        raise InvalidRequest(
            f"no such statement level among {', '.join(values)}; there are {', '.join(StatementLevel)}"
        ) from None


def select_named(connection: Connection, names: Collection[str]) -> list[int]:
    """Returns the ids of the articles with one of these as URL, canonical URL, key or external id.

    An address with other tracking parameters, another scheme or `www.` is the same address.
    """
    names = [storable_text(name) for name in names]  # as they are stored
    names += [each for each in map(canonicalise, names) if each not in names]
    queries = [select(article.c.id).where(article.c.url.in_(names))]
    queries += [
        select(article.c.id).where(column.in_(names), has_other_name(column))
        for column in (article.c.canonical_url, article.c.key, article.c.external_id)
    ]
    identities = [compute_identity("", "", name) for name in names if "://" in name]
    queries.append(
        # The index begins with the outlet.
        select(article.c.id).where(
            article.c.outlet.in_(select(outlet.c.name)), article.c.identity.in_(identities)
        )
    )
    # One select for each index: for a single condition with OR, PostgreSQL may scan the table.
    return sorted(connection.scalars(union(*queries)))


def _relation_to_lead() -> ColumnElement[str]:
    """Returns the SQL expression for the `relation` of an `ArticleRow`.

    It is the kind of the merging relation to the lead document, else of the merging relation with
    the highest Jaccard.
    """
    lead_id, article_id = story.c.lead_id, article.c.id
    relation_to_lead = (
        select(relation.c.kind)
        .where(
            relation.c.merges,
            or_(
                and_(relation.c.a == lead_id, relation.c.b == article_id),
                and_(relation.c.a == article_id, relation.c.b == lead_id),
            ),
        )
        .correlate(article, story)
        .scalar_subquery()
    )

    def nearest(end_id: ColumnElement[int]) -> ColumnElement[str]:
        closest_first = relation.c.jaccard.desc()
        query = select(relation.c.kind).where(end_id == article_id, relation.c.merges)
        return query.correlate(article).order_by(closest_first).limit(1).scalar_subquery()

    kind = func.coalesce(relation_to_lead, nearest(relation.c.b), nearest(relation.c.a), "")
    return case((lead_id == article_id, ""), else_=kind)


ARTICLES_QUERY = (
    select(
        article,
        *(
            version.c[name]
            for name in [
                "title",
                "text",
                "lead",
                "authors",
                "section",
                "tags",
                "dateline",
                "captions",
            ]
        ),
        *(
            version.c[name]
            for name in ["published_source", "published_raw", "modified_at", "rights"]
        ),
        version.c.rules_version,
        func.coalesce(story.c.lead_id == article.c.id, false()).label("is_lead"),
        _relation_to_lead().label("relation"),
    )
    .join_from(article, version, version.c.id == article.c.version_id)
    .outerjoin(story, story.c.id == article.c.story_id)
)
_MEMBER_COLUMNS = (
    "id",
    "outlet",
    "url",
    "external_id",
    "language",
    "published_at",
    "published_precision",
    "first_seen_at",
    "statement_level",
)
STORIES_QUERY = (
    select(
        article.c.story_id,
        *(article.c[name] for name in _MEMBER_COLUMNS),
        (story.c.lead_id == article.c.id).label("is_lead"),
        version.c.title,
        version.c.text,
        version.c.lead,
        version.c.rights,
    )
    .join_from(article, story, story.c.id == article.c.story_id)
    .outerjoin(version, and_(version.c.id == article.c.version_id, story.c.lead_id == article.c.id))
)
_UNCONVERTED_FIELDS = tuple(
    field.name
    for field in fields(ArticleRow)
    if field.name
    not in {
        *("authors", "tags", "captions", "dateline"),
        *("page_class", "published_precision", "story_id"),
    }
)


def article_row(row: AnyRow) -> ArticleRow:
    """Converts a row of `ARTICLES_QUERY`."""
    values = row._mapping
    return ArticleRow(
        **{name: values[name] for name in _UNCONVERTED_FIELDS},
        story_id=story_or_self(row.story_id, row.id),
        authors=tuple(row.authors or ()),
        tags=tuple(row.tags or ()),
        captions=tuple(row.captions or ()),
        dateline=Dateline(**row.dateline) if row.dateline else None,
        page_class=PageClass(row.page_class),
        published_precision=_parse_precision(row.published_precision),
    )


def story_row(rows: Sequence[AnyRow]) -> StoryRow:
    """Converts the rows of `STORIES_QUERY` that belong to one story."""
    members = {row: _story_member(row) for row in rows}
    lead = next((row for row in rows if row.is_lead), rows[0])
    return StoryRow(
        id=lead.story_id,
        lead=members[lead],
        members=tuple(members.values()),
        title=lead.title,
        text=lead.text,
        lead_text=lead.lead,
        rights=lead.rights,
    )


def _story_member(row: AnyRow) -> StoryMember:
    values = {name: row._mapping[name] for name in _MEMBER_COLUMNS}
    precision = _parse_precision(values.pop("published_precision"))
    return StoryMember(**values, published_precision=precision)


def version_row(row: AnyRow, current_version_id: int | None) -> VersionRow:
    """Converts a row of `version`."""
    converted = {"current", "evidence", "page_class", "published_precision"}
    names = {field.name for field in fields(VersionRow)} - converted
    return VersionRow(
        **{name: row._mapping[name] for name in names},
        current=row.id == current_version_id,
        page_class=PageClass(row.page_class),
        published_precision=_parse_precision(row.published_precision),
        evidence=row.evidence or {},
    )


def _parse_precision(value: str | None) -> TimePrecision | None:
    return TimePrecision(value) if value else None
