"""Stores the state of each source of an outlet between runs."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from storage.engine import Facet
from storage.records import SourceState
from storage.runs.outlets import add_outlet
from storage.statements import upsert
from storage.tables.articles import source_state


class Sources(Facet):
    """The states of sources: validators, failures, and the time of the next poll."""

    def states(self, outlet: str) -> list[SourceState]:
        """Returns the states of all sources of an outlet, ordered by name."""
        query = select(source_state).where(source_state.c.outlet == outlet).order_by("source")
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [SourceState(**row._mapping) for row in rows]

    def state(self, outlet: str, source: str) -> SourceState | None:
        """Returns the state of a source; None before its first poll."""
        query = select(source_state).where(
            source_state.c.outlet == outlet, source_state.c.source == source
        )
        row = self._database.read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else SourceState(**row._mapping)

    def save(self, state: SourceState) -> None:
        """Stores the state of a source and replaces the previous one."""

        def work(connection: Connection) -> None:
            add_outlet(connection, state.outlet)
            connection.execute(
                upsert(connection, source_state, ["outlet", "source"]), asdict(state)
            )

        self._database.write(work)

    def forget(self, outlet: str) -> int:
        """Deletes the states of an outlet's sources and returns their number.

        Without validators the next polls get complete answers.
        """
        deletion = delete(source_state).where(source_state.c.outlet == outlet)
        statement = deletion.returning(source_state.c.source)
        return len(self._database.write(lambda connection: connection.execute(statement).all()))
