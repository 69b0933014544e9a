"""How outlets stand: their state, their days in numbers, and each change of state."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
NUMBERS = ("runs", "bad", "seen", "new", "edited", "pages", "read")


def upgrade() -> None:
    """Apply."""
    said = ("state", "cause", "evidence")
    op.create_table(
        "health",
        sa.Column("outlet", sa.Text(), sa.ForeignKey("outlet.name", name="fk_health_outlet")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in said),
        sa.Column("since_at", AT, nullable=False),
        sa.Column("judged_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("outlet", name="pk_health"),
    )
    op.create_table(
        "health_day",
        sa.Column("outlet", sa.Text(), sa.ForeignKey("outlet.name", name="fk_health_day_outlet")),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.Column("listed", sa.Integer()),
        sa.Column("fields", sa.Text()),
        sa.PrimaryKeyConstraint("outlet", "day", name="pk_health_day"),
    )
    op.create_table(
        "health_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column(
            "outlet",
            sa.Text(),
            sa.ForeignKey("outlet.name", name="fk_health_change_outlet"),
            nullable=False,
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("was", *said)),
        sa.Column("since_at", AT, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("run_id", sa.BigInteger()),
        sa.Column("told_at", AT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_health_change"),
    )
    op.create_index("ix_health_change_outlet_changed_at", "health_change", ["outlet", "changed_at"])
    op.create_index("ix_health_change_told_at", "health_change", ["told_at"])
