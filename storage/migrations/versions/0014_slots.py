"""The last slot of an outlet is the only mark of a taken one; runs say how many were missed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MISSED = "SELECT missed FROM slot WHERE slot.outlet = run.outlet AND slot.slot_at = run.slot_at"


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_run_outlet_slot_at", table_name="run")
    op.add_column("run", sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))
    op.execute(f"UPDATE run SET missed = COALESCE(({_MISSED}), 0) WHERE slot_at IS NOT NULL")
    op.drop_table("slot")
