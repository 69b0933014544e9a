"""Remembers URLs that gave no article of their own, so that they are not fetched at every poll."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, delete, select

from storage.batches import batched
from storage.engine import Facet
from storage.records import CaptureOutcome
from storage.statements import insert_or_change, proposed
from storage.tables.articles import visit

VISIT_RETENTION = timedelta(days=60)  # since the last visit; no listing keeps links for so long


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
        new = proposed(visit)
        # A stored visit in the future was made while the clock was ahead.
        is_later = visit.c.visited_at.between(new.visited_at, datetime.now(UTC))
        latest = case((is_later, visit.c.visited_at), else_=new.visited_at)
        changes = {"visited_at": latest, "outcome": new.outcome}

        def work(connection: Connection) -> None:
            connection.execute(
                insert_or_change(connection, visit, ["outlet", "identity"], changes), rows
            )
            oldest_kept = datetime.now(UTC) - VISIT_RETENTION
            connection.execute(delete(visit).where(visit.c.visited_at < oldest_kept))

        self._database.write(work)

    def forget(self, outlet: str, identity: str) -> None:
        """Deletes the visit of an address; nothing if there is none."""
        is_it = (visit.c.outlet == outlet) & (visit.c.identity == identity)
        self._database.write(lambda connection: connection.execute(delete(visit).where(is_it)))

    def with_outcome(self, outlet: str, outcome: CaptureOutcome) -> set[str]:
        """Returns the identities of the visits that ended so."""
        query = select(visit.c.identity).where(visit.c.outlet == outlet, visit.c.outcome == outcome)
        return set(self._database.read(lambda connection: connection.scalars(query).all()))

    def find(
        self, outlet: str, identities: Collection[str]
    ) -> dict[str, tuple[datetime, CaptureOutcome]]:
        """Returns the visits among these identities: identity -> time of the fetch and outcome."""
        query = select(visit).where(visit.c.outlet == outlet)

        def work(connection: Connection) -> dict[str, tuple[datetime, CaptureOutcome]]:
            found: dict[str, tuple[datetime, CaptureOutcome]] = {}
            for batch in batched(identities):
                rows = connection.execute(query.where(visit.c.identity.in_(batch)))
                found.update((row.identity, (row.visited_at, row.outcome)) for row in rows)
            return found

        return self._database.read(work)
