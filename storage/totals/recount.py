"""Counts the totals of each day again from the articles, to compare them with those kept."""

from typing import Any

from sqlalchemy import Connection, and_, case, cast, func, select
from sqlalchemy import Date as DateType

from storage.dialects import is_sqlite
from storage.reading.article_queries import ARTICLE_TIME
from storage.tables.articles import article, edited_article_ids, is_article
from storage.tables.columns import AnyRow, AnySelect
from storage.tables.totals import day_total


def find_wrong_totals(connection: Connection) -> list[str]:
    """Returns each outlet and day whose totals are not those of its articles, such as `daily 2026-03-01`.

    Reads all articles.
    """
    kept = _rows(connection, select(day_total))
    counted = _rows(connection, _recount_query(connection))
    return sorted({f"{outlet} {day}" for outlet, day, *_ in kept ^ counted})


def _rows(connection: Connection, query: AnySelect) -> set[tuple[Any, ...]]:
    return {_values(row) for row in connection.execute(query) if any(row[3:])}


def _values(row: AnyRow) -> tuple[Any, ...]:
    return tuple(str(value) for value in row)


def _recount_query(connection: Connection) -> AnySelect:
    several = edited_article_ids().subquery()
    place = func.row_number().over(
        partition_by=(article.c.story_id, article.c.outlet),
        order_by=(ARTICLE_TIME, article.c.id),
    )
    day = (
        func.substr(ARTICLE_TIME, 1, 10)
        if is_sqlite(connection)
        else cast(func.timezone("UTC", ARTICLE_TIME), DateType)
    )
    each = (
        select(
            article.c.outlet,
            day.label("day"),
            article.c.statement_level,
            article.c.gone_at,
            case((is_article(), 0), else_=1).label("stub"),
            several.c.article_id.label("edited_id"),
            case((and_(article.c.story_id.is_not(None), place == 1), 1), else_=0).label("first"),
        )
        .outerjoin_from(article, several, several.c.article_id == article.c.id)
        .subquery()
    )
    keys = (each.c.outlet, each.c.day, each.c.statement_level)
    return select(
        *keys,
        func.count().label("articles"),
        func.sum(each.c.stub),
        func.count(each.c.edited_id),
        func.count(each.c.gone_at),
        func.sum(each.c.first),
    ).group_by(*keys)
