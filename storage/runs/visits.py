"""Remembers URLs that gave no article of their own, so that they are not fetched at every poll."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Facet
from storage.records import CaptureOutcome
from storage.tables.articles import visit

VISIT_RETENTION = timedelta(days=60)  # since the last visit; no listing keeps links for so long
_IDENTITIES_PER_QUERY = 500


class Visits(Facet):
    """Pages that were fetched and held no article."""

    def record(self, outlet: str, visits: Mapping[str, tuple[datetime, CaptureOutcome]]) -> None:
        """Stores visits, and deletes those older than VISIT_RETENTION.

        `visits`: the identity of the URL -> the time of the fetch and its outcome.
        """
        rows = [
            {"outlet": outlet, "identity": identity, "visited_at": at, "outcome": outcome}
            for identity, (at, outcome) in visits.items()
        ]
        if not rows:
            return

        def work(connection: Connection) -> None:
            connection.execute(_upsert_visit(connection), rows)
            oldest_kept = datetime.now(UTC) - VISIT_RETENTION
            connection.execute(delete(visit).where(visit.c.visited_at < oldest_kept))

        self._database.write(work)

    def find(
        self, outlet: str, identities: Collection[str]
    ) -> dict[str, tuple[datetime, CaptureOutcome]]:
        """Returns the visits among these identities: identity -> time of the fetch and outcome."""
        query = select(visit).where(visit.c.outlet == outlet)

        def work(connection: Connection) -> dict[str, tuple[datetime, CaptureOutcome]]:
            found: dict[str, tuple[datetime, CaptureOutcome]] = {}
            iterator = iter(identities)
            while batch := list(islice(iterator, _IDENTITIES_PER_QUERY)):
                rows = connection.execute(query.where(visit.c.identity.in_(batch)))
                found.update((row.identity, (row.visited_at, row.outcome)) for row in rows)
            return found

        return self._database.read(work)


def _upsert_visit(connection: Connection) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert_statement = dialect.insert(visit)
    greatest = func.max if connection.dialect.name == "sqlite" else func.greatest
    return insert_statement.on_conflict_do_update(
        index_elements=["outlet", "identity"],
        set_={
            "visited_at": greatest(visit.c.visited_at, insert_statement.excluded.visited_at),
            "outcome": insert_statement.excluded.outcome,
        },
    )
