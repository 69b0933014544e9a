"""Chooses the ids of new rows when an import keeps the numbers of an export."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select, text

from storage.dialects import is_sqlite
from storage.tables.articles import article, story, version
from storage.tables.columns import in_bound_list
from storage.tables.reports import report

NUMBERED_TABLES = (article, version, story)


@dataclass(frozen=True, slots=True)
class HighestNumbers:
    """The highest id of each kind in an export. Rows that it does not name get higher ids."""

    article: int
    version: int
    story: int
    report: int = 0

    def of(self, table: Table) -> int:
        """Returns the highest id of one of `NUMBERED_TABLES`, or of `report`."""
        return int(getattr(self, table.name))


@dataclass(frozen=True, slots=True)
class KeptNumbers:
    """Gives new rows the ids of an export where they are free, within one transaction.

    The caller holds the placement lock.
    """

    connection: Connection
    highest: HighestNumbers

    def choose(self, table: Table, wanted: Sequence[int]) -> list[int]:
        """Returns an id for each new row: the one wanted, or a new one if that is 0 or taken."""
        query = select(table.c.id).where(in_bound_list(table.c.id, "ids"))
        taken = {0, *self.connection.scalars(query, {"ids": [each for each in wanted if each]})}
        chosen: list[int] = []
        for number in wanted:
            chosen.append(0 if number in taken else number)
            taken.add(number)
        new_ids = iter(self._next_ids(table, chosen.count(0)))
        return [number or next(new_ids) for number in chosen]

    def _next_ids(self, table: Table, count: int) -> Sequence[int]:
        if not count:
            return ()
        if is_sqlite(self.connection):
            highest = self.connection.scalar(select(func.max(table.c.id))) or 0
            first = max(highest, self.highest.of(table)) + 1
            return range(first, first + count)
        next_value = f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id'))"
        series = text(f"{next_value} FROM generate_series(1, :count)")
        return self.connection.scalars(series, {"count": count}).all()


def raise_sequences(connection: Connection, highest: HighestNumbers) -> None:
    """Lets the database give only ids above those of the export from now on.

    On SQLite this concerns stories and reports only: it numbers the rows of other tables by their
    highest id.
    """
    if is_sqlite(connection):
        for counted in (story, report):
            values = {"table": counted.name, "highest": highest.of(counted)}
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
            connection.execute(
                text("INSERT INTO sqlite_sequence VALUES (:table, :highest)"), values
            )
        return
    for table in (*NUMBERED_TABLES, report):
        if number := highest.of(table):
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            connection.execute(text(f"SELECT setval({sequence}, :number)"), {"number": number})
