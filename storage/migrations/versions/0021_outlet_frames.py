"""An outlet's frame is kept: what its pages have in common."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "outlet_frame",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["outlet"], ["outlet.name"], name="fk_outlet_frame_outlet_outlet"),
        sa.PrimaryKeyConstraint("outlet", name="pk_outlet_frame"),
    )
