"""The operator's schedule, and which of its slots were taken; each run knows its slot."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OUTLET = (
    ("cron", sa.Text()),
    ("jitter_seconds", sa.Integer()),
    ("quiet", sa.Text()),
    ("slot_at", AT),
    ("taken_at", AT),
)


def upgrade() -> None:
    """Apply."""
    for name, kind in OUTLET:
        op.add_column("outlet", sa.Column(name, kind))
    op.add_column("run", sa.Column("slot_at", AT))
    op.create_index("ix_run_outlet_slot_at", "run", ["outlet", "slot_at"], unique=True)
    op.create_table(
        "slot",
        sa.Column("outlet", sa.Text(), sa.ForeignKey("outlet.name", name="fk_slot_outlet")),
        sa.Column("slot_at", AT, nullable=False),
        sa.Column("taken_at", AT, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("outlet", "slot_at", name="pk_slot"),
    )
    op.create_index("ix_slot_taken_at", "slot", ["taken_at"])
