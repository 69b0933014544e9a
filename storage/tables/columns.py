"""Defines column types that store and load the same values on SQLite and PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Row,
    Select,
    TableValuedAlias,
    Text,
    TypeDecorator,
    bindparam,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from storage.drivers.driver_errors import damage_line
from storage.errors import Damaged

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
Member = TypeVar("Member", bound=StrEnum)
Value = TypeVar("Value")
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
Names: TypeAlias = str | Collection[str]
"""One name or several, as a filter."""

# SQLite assigns row ids only to a column whose type is spelled INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class _Checked(TypeDecorator[Value]):
    """A value that raises Damaged, an error of storage, if what is stored cannot be read as one."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        process = super().result_processor(dialect, coltype)
        if process is None:
            return None

        def checked(value: Any) -> Value | None:
            try:
                return process(value)
            except (ValueError, TypeError, OverflowError) as error:
                raise Damaged(damage_line(f"a stored value cannot be read: {error}")) from error

        return checked


class UtcDateTime(_Checked[datetime]):
    """An aware datetime, stored in UTC.

    SQLite drops the time zone, so it is added again on reading. Raises ValueError for a naive
    datetime.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be stored: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(_Checked[Any]):
    """A small list or mapping as JSON text. An empty one is stored as NULL and loaded as None."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class EnumText(_Checked[Member]):
    """A member of a StrEnum, stored as its value. Raises ValueError for any other text."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[Member]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: Member | None, dialect: Dialect) -> str | None:
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Member | None:
        return None if value is None else self.members(value)


class IntervalList(_Checked[tuple[timedelta, ...]]):
    """Lengths of time, stored as a JSON list of seconds; unlike in `JsonText`, () is not NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[timedelta] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return orjson.dumps([int(each.total_seconds()) for each in value]).decode()

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[timedelta, ...] | None:
        if value is None:
            return None
        return tuple(timedelta(seconds=seconds) for seconds in orjson.loads(value))


class IntegerList(TypeDecorator[Sequence[int]]):
    """A list of 64-bit integers as one parameter: the statement is the same for any length."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            ARRAY(BigInteger) if dialect.name == "postgresql" else Text()
        )

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return numbers if dialect.name == "postgresql" else orjson.dumps(numbers).decode()


class _Unnest(FunctionElement[int]):
    inherit_cache = True
    name = "unnest"


@compiles(_Unnest, "sqlite")
def _compile_sqlite_unnest(element: _Unnest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_Unnest, "postgresql")
def _compile_postgresql_unnest(element: _Unnest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **kw)})"


def bound_list_rows(parameter: str) -> TableValuedAlias:
    """Returns the integers of the list parameter as rows with one column, `value`."""
    # PostgreSQL names the column after the alias, SQLite names it `value`: so the alias is `value`.
    return _Unnest(bindparam(parameter, type_=IntegerList)).table_valued("value", name="value")


def in_bound_list(
    column: ColumnElement[int] | ColumnElement[int | None], parameter: str
) -> ColumnElement[bool]:
    """Returns the condition that the column is one of the integers of the list parameter."""
    return column.in_(select(bound_list_rows(parameter).c.value))


def is_one_of(column: ColumnElement[str], names: Names) -> ColumnElement[bool]:
    """Returns the condition that the column is one of these names."""
    return column == names if isinstance(names, str) else column.in_(sorted(names))


def each_name(names: Names) -> list[str]:
    """Returns the names, sorted."""
    return [names] if isinstance(names, str) else sorted(names)


class json_array_of(FunctionElement[str]):
    """Aggregates a column to a JSON array, as text: much quicker than as many rows.

    Arrays of one query have the same order.
    """

    inherit_cache = True
    type = Text()


@compiles(json_array_of, "sqlite")
def _compile_sqlite_array(element: json_array_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


@compiles(json_array_of, "postgresql")
def _compile_postgresql_array(element: json_array_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(json_agg({compiler.process(element.clauses, **kw)}) AS text)"
