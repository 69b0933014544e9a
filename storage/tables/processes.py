"""Defines the tables by which processes agree on who leads, who works, and on turns at hosts."""

from sqlalchemy import BigInteger, Column, Float, Integer, Table, Text

from storage.tables.articles import metadata
from storage.tables.columns import UtcDateTime

# `token` is a fencing token: it grows with every change of owner.
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# `free_at`: when any process may send the next request. `held_until`: no requests before this time.
# Both are seconds since 1970, because both databases can add numbers.
host = Table(
    "host",
    metadata,
    Column("name", Text, primary_key=True),
    Column("free_at", Float, nullable=False),
    Column("held_until", Float, nullable=False),
)

# `job_worker`: its number in procrastinate_workers; NULL before it has one. `queues`: names with
# commas between them. `silent`: after so many seconds without a beat its jobs are given to others.
worker = Table(
    "worker",
    metadata,
    Column("name", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("machine", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("parallel", Integer, nullable=False),
    Column("queues", Text, nullable=False),
    Column("silent", Float, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
    Column("job_worker", BigInteger),
)
