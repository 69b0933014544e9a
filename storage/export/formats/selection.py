"""Selects the rows of an export by filters and streams them from one snapshot of the database.

All rows of an export show the same moment, even while a crawl is running.
"""

from array import array
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, func, select

from storage.batches import ROWS_PER_BATCH, batched
from storage.database import Database
from storage.errors import InvalidRequest
from storage.export.formats.columns import ARTICLE_COLUMNS, RELATION_COLUMNS
from storage.export.sketch import make_sketch
from storage.reading.article_queries import (
    ARTICLE_TIME,
    ARTICLES_QUERY,
    STORIES_QUERY,
    filter_conditions,
    story_row,
)
from storage.reading.rows import ArticleFilters
from storage.reports.former_numbers import current_number
from storage.rights import TEXT_LEVELS, TextLevel, allowed_level, limit_to_rights, stricter_level
from storage.search import fulltext, query
from storage.tables.articles import (
    article,
    edited_article_ids,
    is_article,
    outlet,
    relation,
    version,
)
from storage.tables.columns import AnyRow, AnySelect, in_bound_list
from storage.tables.reports import carried

if TYPE_CHECKING:
    from datetime import datetime

StatusFilter = Literal["whole", "stub", "live", "gone", "edited"]

STATUS_FILTERS: tuple[StatusFilter, ...] = ("whole", "stub", "live", "gone", "edited")


class ExportFilters(ArticleFilters, total=False):
    """The filters of an export. An article must pass all filters that are given.

    `status`: one of `STATUS_FILTERS`. "whole" and "stub" are page classes, "gone" means that the
    page was found removed, "live" means that it was not, "edited" means several versions.
    `report`: the id of the report that the articles carry. `words`: a query as in
    `storage.search.query`.
    """

    status: str | None
    report: int | None
    words: str | None


@dataclass(frozen=True)
class Selection:
    """The rows of one export, read in one transaction. `open_selection` makes it.

    `query_node`: the parsed `words`, or None. `conditions`: on `article`. On PostgreSQL they may
    also select articles that do not match a phrase of the query. `has_reports`: whether the rows name
    the report that each article carries. `declared_rights`: what outlets declare today, by their
    names: it limits texts beside the rights that are stored with them.
    """

    connection: Connection
    conditions: tuple[ColumnElement[bool], ...]
    has_reports: bool
    text_level: TextLevel
    query_node: query.QueryNode | None
    declared_rights: Mapping[str, str] = field(default_factory=dict)
    cursors: ExitStack = field(default_factory=ExitStack)

    def count(self) -> int:
        """Returns the number of articles that pass the filters.

        It is an upper bound if `words` has phrases and the database is PostgreSQL.
        """
        statement = select(func.count()).select_from(article).where(*self.conditions)
        return self.connection.scalar(statement) or 0

    def count_matching(self) -> int:
        """Returns what `count` does, but reads the texts where only they tell: it is always exact."""
        if self.query_node is None or fulltext.is_match_exact(self.query_node, self.connection):
            return self.count()
        rows = self._stream_rows(_texts_query(article.c.id))
        return sum(1 for row in rows if self._matches(row))

    def count_up_to(self, limit: int) -> int:
        """Returns what `count` does, or `limit` + 1 if there are more."""
        some = select(article.c.id).where(*self.conditions).limit(limit + 1).subquery()
        return self.connection.scalar(select(func.count()).select_from(some)) or 0

    def limited(self, limit: int, *, by_story: bool) -> "Selection":
        """Returns the selection of the first articles, or stories, that pass the filters, by id."""
        column = article.c.story_id if by_story else article.c.id
        last = self._find_last(column, limit)
        return (
            self if last is None else replace(self, conditions=(*self.conditions, column <= last))
        )

    def _find_last(self, column: ColumnElement[Any], limit: int) -> int | None:
        """Returns the id at this place (from 1) in the order of ids, or None if there are fewer."""
        conditions = (*self.conditions, column.is_not(None))
        if self.query_node is None or fulltext.is_match_exact(self.query_node, self.connection):
            ids_query = select(column).where(*conditions).distinct().order_by(column)
            return self.connection.scalar(ids_query.offset(limit - 1).limit(1))
        rows = self.stream(_texts_query(column).where(*conditions).order_by(column))
        matching = (key for key, _ in groupby(row[0] for row in rows if self._matches(row)))
        return next(islice(matching, limit - 1, None), None)

    def iter_articles(self, *, by_outlet: bool = False) -> Iterator[dict[str, Any]]:
        """Returns the articles as rows of `ARTICLE_COLUMNS`, by id or by outlet and time."""
        rows = (
            self._iter_by_outlet()
            if by_outlet
            else self._stream_rows(_EXPORT_QUERY.order_by(article.c.id))
        )
        return (self._article_to_row(row) for row in rows if self._matches(row))

    def iter_stories(self) -> Iterator[dict[str, Any]]:
        """Yields the stories as rows of `STORY_COLUMNS`, by id.

        A story is selected if one of its articles passes the filters. Its row has all its members.
        """
        statement = _STORIES_QUERY
        if self.conditions:
            statement = statement.where(article.c.story_id.in_(self._story_ids()))
        statement = statement.order_by(article.c.story_id, article.c.id)
        rows = self.stream(statement)
        for _, story_rows in groupby(rows, key=lambda row: row.story_id):
            yield self._story_to_row(list(story_rows))

    def iter_relations(self) -> Iterator[dict[str, Any]]:
        """Returns the relations as rows of `RELATION_COLUMNS`, by their ids `a` and `b`.

        Both articles must meet the conditions.
        """
        statement = select(relation).order_by(relation.c.a, relation.c.b)
        if self.conditions:
            selected_ids = select(article.c.id).where(*self.conditions)
            statement = statement.where(
                relation.c.a.in_(selected_ids), relation.c.b.in_(selected_ids)
            )
        rows = self.stream(statement)
        return ({c.name: row._mapping[c.name] for c in RELATION_COLUMNS} for row in rows)

    def stream(self, statement: AnySelect) -> Iterator[AnyRow]:
        """Returns the rows of any statement, with few of them in memory.

        The end of the selection closes the cursor, also where an export is given up before.
        """
        connection = self.connection.execution_options(yield_per=ROWS_PER_BATCH)
        rows = connection.execute(statement)
        self.cursors.callback(rows.close)
        return iter(rows)

    def _stream_rows(self, statement: AnySelect) -> Iterator[AnyRow]:
        return self.stream(statement.where(*self.conditions))

    def _iter_by_outlet(self) -> Iterator[AnyRow]:
        # Sort only the ids: a database that sorts whole rows needs space for all the texts.
        ids_query = select(article.c.id).where(*self.conditions)
        ordered_query = ids_query.order_by(article.c.outlet, ARTICLE_TIME, article.c.id)
        ids = array("q", self.connection.execution_options(yield_per=10_000).scalars(ordered_query))
        for batch in batched(ids):
            found = self.connection.execute(
                _EXPORT_QUERY.where(in_bound_list(article.c.id, "ids")), {"ids": batch}
            )
            rows = {row.id: row for row in found}
            yield from (rows[article_id] for article_id in batch)

    def _story_ids(self) -> Any:
        if self.query_node is None or fulltext.is_match_exact(self.query_node, self.connection):
            return select(article.c.story_id).where(*self.conditions)
        rows = self._stream_rows(_texts_query(article.c.story_id))
        return {row.story_id for row in rows if row.story_id and self._matches(row)}

    def _matches(self, row: AnyRow) -> bool:
        if self.query_node is None or fulltext.is_match_exact(self.query_node, self.connection):
            return True
        return query.matches(
            self.query_node, fulltext.tokenise_article(row.title, row.text, row.lead)
        )

    def _article_to_row(self, row: AnyRow) -> dict[str, Any]:
        # Begin in the order of the columns: sorting a row later takes as long as making it.
        values = dict(zip(ARTICLE_COLUMN_NAMES, _values_in_order(row), strict=True))
        text, lead = limit_to_rights(row.text, row.lead, row.rights, self.level_of(row.outlet))
        is_withheld = row.text and not text
        values["text"] = text
        values["statement_level"] = row.statement_level.value
        values["lead_text"] = lead
        values["authors"] = row.authors or []
        values["tags"] = row.tags or []
        values["captions"] = (row.captions or []) if text or not row.text else []
        values["report"] = row.report if self.has_reports else None
        values["relation"] = row.relation or None
        values["lead"] = bool(row.is_lead)
        values["characters"] = len(row.text)
        values["sketch"] = make_sketch(row.text) if is_withheld else ""
        return values

    def _story_to_row(self, rows: list[AnyRow]) -> dict[str, Any]:
        report = rows[0].report if self.has_reports else None
        row = story_row(rows)
        return story_to_row(row, self.level_of(row.lead.outlet), report)

    def level_of(self, outlet_name: str) -> TextLevel:
        """Returns how much of a text the request and the outlet's declaration allow."""
        declared = allowed_level(self.declared_rights.get(outlet_name, "full"))
        return stricter_level(self.text_level, declared)


@contextmanager
def open_selection(
    database: Database,
    *,
    text: TextLevel = "full",
    reports: bool = True,
    declared_rights: Mapping[str, str] | None = None,
    **raw_filters: Any,
) -> Iterator[Selection]:
    """Opens a snapshot of the database for the rows that pass the filters.

    `text`: how much of each text the rows have. `reports`: whether the rows name the report
    that each article carries. `declared_rights`: as in `Selection`. `raw_filters`: `ExportFilters`; a former number in `report` stands for
    the report that it became.

    Raises InvalidRequest for an unknown filter, `text`, `status` or statement level, BadQuery if
    `words` cannot be parsed, and NotFound if the story or the report does not exist.
    """
    if unknown := raw_filters.keys() - ExportFilters.__annotations__.keys():
        raise InvalidRequest(
            f"no such filter: {', '.join(sorted(unknown))};"
            f" there are {', '.join(ExportFilters.__annotations__)}"
        )
    if text not in TEXT_LEVELS:
        raise InvalidRequest(f"no such amount of text: {text}; there are {', '.join(TEXT_LEVELS)}")
    filters = cast("ExportFilters", raw_filters)
    words = filters.get("words")
    node = query.parse(words) if words else None
    article_filters = {
        name: filters.get(name)
        for name in ArticleFilters.__annotations__
        if filters.get(name) is not None
    }
    if article_filters.get("story"):
        article_filters["story"] = database.stories.current_id(int(str(article_filters["story"])))
    with database.snapshot() as connection:
        conditions = [
            *filter_conditions(cast("ArticleFilters", article_filters)),
            *_status_conditions(filters.get("status")),
        ]
        if node is not None:
            conditions.append(fulltext.match_condition(node, connection))
        if (report := filters.get("report")) is not None:
            conditions.append(_carries_report(current_number(connection, report)))
        with ExitStack() as cursors:
            yield Selection(
                connection, tuple(conditions), reports, text, node, declared_rights or {}, cursors
            )


def story_to_row(row: Any, text: TextLevel = "full", report: int | None = None) -> dict[str, Any]:
    """Returns a `StoryRow` as a row of `STORY_COLUMNS`. `report`: the report that it carries.

    Title and text are those of the lead document.
    """
    limited_text, lead = limit_to_rights(row.text, row.lead_text, row.rights, text)
    return {
        "story": row.id,
        "lead": row.lead.id,
        "outlet": row.lead.outlet,
        "url": row.lead.url,
        "title": row.title,
        "text": limited_text,
        "lead_text": lead,
        "language": row.lead.language,
        "statement_level": row.lead.statement_level.value,
        "published_at": row.published_at,
        "published_precision": row.published.precision.value if row.published else None,
        "first_seen_at": row.first_seen_at,
        "size": len(row.members),
        "outlets": list(row.outlets),
        "members": [member.id for member in row.members],
        "urls": [member.url for member in row.members],
        "external_ids": [member.external_id for member in row.members],
        "report": report,
    }


def publication_month(row: dict[str, Any]) -> str:
    """Returns the month (UTC) of an article, such as `2026-03`: published, else first seen."""
    at: datetime = row["published_at"] or row["first_seen_at"]
    return f"{at:%Y-%m}"


def _status_conditions(status: str | None) -> list[ColumnElement[bool]]:
    if not status:
        return []
    if status not in STATUS_FILTERS:
        raise InvalidRequest(f"no such status: {status}; there are {', '.join(STATUS_FILTERS)}")
    return [
        {
            "whole": is_article(),
            "stub": ~is_article(),
            "live": article.c.gone_at.is_(None),
            "gone": article.c.gone_at.is_not(None),
            "edited": article.c.id.in_(edited_article_ids()),
        }[status]
    ]


def _carries_report(report: int) -> ColumnElement[bool]:
    return article.c.id.in_(select(carried.c.article_id).where(carried.c.report_id == report))


def _texts_query(column: ColumnElement[Any]) -> AnySelect:
    columns = (column, version.c.title, version.c.text, version.c.lead)
    return select(*columns).join_from(article, version, version.c.id == article.c.version_id)


_VERSION_COUNT = (
    select(func.count())
    .where(version.c.article_id == article.c.id)
    .correlate(article)
    .scalar_subquery()
    .label("versions")
)
_CARRIED_REPORT = carried.c.report_id.label("report")
_EXPORT_QUERY = (
    ARTICLES_QUERY.add_columns(
        _VERSION_COUNT,
        version.c.content_sha256,
        outlet.c.rank.label("outlet_rank"),
        _CARRIED_REPORT,
    )
    .join(outlet, outlet.c.name == article.c.outlet)
    .outerjoin(carried, carried.c.article_id == article.c.id)
)
_STORIES_QUERY = STORIES_QUERY.add_columns(_CARRIED_REPORT).outerjoin(
    carried, carried.c.article_id == article.c.id
)
ARTICLE_COLUMN_NAMES = tuple(column.name for column in ARTICLE_COLUMNS)
_ROW_NAMES = {"story": "story_id", "lead_text": "lead", "lead": "is_lead"}
_COMPUTED_COLUMNS = dict.fromkeys(("characters", "sketch"), "id")
"""Columns that the query does not have. They get the id until `_article_to_row` sets them."""
_QUERY_COLUMN_NAMES = _EXPORT_QUERY.selected_columns.keys()
_values_in_order = itemgetter(
    *(
        _QUERY_COLUMN_NAMES.index({**_ROW_NAMES, **_COMPUTED_COLUMNS}.get(name, name))
        for name in ARTICLE_COLUMN_NAMES
    )
)
