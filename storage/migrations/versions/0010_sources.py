"""Failures of sources by their gravity, and the turns that processes take at a host."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    for column in (
        sa.Column("points", sa.Float(), nullable=False, server_default="0"),
        sa.Column("failure", sa.Text(), nullable=False, server_default=""),
        sa.Column("problem", sa.Text(), nullable=False, server_default=""),
        sa.Column("failing_since", AT),
        sa.Column("next_at", AT),
    ):
        op.add_column("source_state", column)
    op.create_table(
        "host",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("free_at", sa.Float(), nullable=False),
        sa.Column("held_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_host"),
    )
