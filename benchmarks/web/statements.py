"""Listens to the statements of this process and asks the database how it answers them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

from storage.dialects import is_sqlite

_LARGE_TABLES = "article|version|capture|story|attribution|relation|change|searched"
_SQLITE_SCAN = re.compile(
    rf"^(?:SCAN (?:\w+ AS )?({_LARGE_TABLES})|SEARCH ({_LARGE_TABLES}) USING AUTOMATIC .*)$"
)
_POSTGRESQL_SCAN = re.compile(rf"Seq Scan on ({_LARGE_TABLES})\b")
_READS = ("SELECT", "WITH")


@dataclass(slots=True)
class Statements:
    """The statements that were sent since the start, each once, with their parameters."""

    sent: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def find_full_scans(self, connection: Connection) -> list[str]:
        """Returns the large tables that a statement would read whole, with its beginning."""
        return [
            f"{table}: {' '.join(statement.split())[:80]}"
            for statement, parameters in self.sent.items()
            for table in _scanned_tables(connection, statement, parameters)
        ]


@contextmanager
def listening() -> Iterator[Statements]:
    """Collects the statements of all engines of this process for the block."""
    heard = Statements()

    def hear(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        heard.count += 1
        if statement.lstrip().startswith(_READS) and not many:
            heard.sent.setdefault(statement, parameters)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def _scanned_tables(connection: Connection, statement: str, parameters: Any) -> set[str]:
    if is_sqlite(connection):
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        found = (_SQLITE_SCAN.search(str(row[3])) for row in rows)
        return {match[1] or match[2] for match in found if match}
    rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters)
    found = (_POSTGRESQL_SCAN.search(str(row[0])) for row in rows)
    return {match[1] for match in found if match}
