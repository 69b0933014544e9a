"""Leases decide which process is the leader, by the clock of the database."""

from datetime import timedelta

from sqlalchemy import Connection, bindparam, case, select, update

from storage.engine import Facet
from storage.runs.clock import database_now
from storage.statements import insert_or_change, proposed
from storage.tables.processes import lease

MAX_LEASE_DURATION = timedelta(
    minutes=10
)  # leases last seconds; an end farther away means a clock change


class Leases(Facet):
    """Named leases, each held by one owner at a time."""

    def acquire(self, name: str, owner: str, seconds: float) -> bool:
        """Acquires or renews a lease for some seconds; returns False if another owner holds it."""
        return self._database.write(
            lambda connection: _acquire_lease(connection, name, owner, seconds)
        )

    def seconds_left(self, name: str) -> float:
        """Returns the seconds until a lease expires; 0 if nobody holds it."""
        query = select(lease.c.expires_at).where(lease.c.name == name)

        def work(connection: Connection) -> float:
            expires_at, now = connection.scalar(query), database_now(connection)
            return (
                (expires_at - now).total_seconds()
                if expires_at and now < expires_at < now + MAX_LEASE_DURATION
                else 0.0
            )

        return self._database.read(work)

    def owner(self, name: str) -> str:
        """Returns who holds a lease; "" if nobody does."""
        query = select(lease.c.owner).where(
            lease.c.name == name, lease.c.expires_at > bindparam("now")
        )
        return self._database.read(
            lambda connection: connection.scalar(query, {"now": database_now(connection)}) or ""
        )

    def token(self, name: str, owner: str) -> int | None:
        """Returns the fencing token of a lease; None if `owner` does not hold the lease.

        The token grows with each change of owner.
        """
        query = select(lease.c.token).where(
            lease.c.name == name, lease.c.owner == owner, lease.c.expires_at > bindparam("now")
        )
        return self._database.read(
            lambda connection: connection.scalar(query, {"now": database_now(connection)})
        )

    def release(self, name: str, owner: str) -> None:
        """Releases a lease; does nothing if another owner holds it."""
        condition = (lease.c.name == name) & (lease.c.owner == owner)
        # The row stays, so that the token never becomes smaller.
        self._database.write(
            lambda connection: connection.execute(
                update(lease).where(condition), {"expires_at": database_now(connection)}
            )
        )


def _acquire_lease(connection: Connection, name: str, owner: str, seconds: float) -> bool:
    now = database_now(connection)
    values = {
        "name": name,
        "owner": owner,
        "token": 1,
        "expires_at": now + timedelta(seconds=seconds),
    }
    new = proposed(lease)
    is_same_owner = lease.c.owner == new.owner
    changes = {
        "owner": new.owner,
        "token": case((is_same_owner, lease.c.token), else_=lease.c.token + 1),
        "expires_at": new.expires_at,
    }
    # A lease that ends far in the future was taken before the clock was set back.
    is_free = (lease.c.expires_at <= now) | (lease.c.expires_at >= now + MAX_LEASE_DURATION)
    statement = insert_or_change(
        connection, lease, ["name"], changes, where=is_same_owner | is_free
    ).returning(lease.c.token)
    return connection.execute(statement, values).one_or_none() is not None
