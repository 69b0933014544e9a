"""Defines the tables by which processes agree on who leads, and on turns at hosts."""

from sqlalchemy import BigInteger, Column, Float, Table, Text

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
