"""What was read out of the words and counts of a run is a column of its own."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
_NO_COUNTS = ("selective", "own_network", "retry_at")
# Causes as they were written until now, and the reason that each of them stands for.
_REASON_OF_CAUSE = {
    "the service was stopped%": "service stopped",
    "lease lost%": "lease lost",
    "stopped by a signal%": "signal",
    "interrupted": "interrupted",
    "%without a word": "died",
    "deadline of %": "deadline",
    "% MB of memory, %": "memory",
    "killed by %": "killed",
}


def upgrade() -> None:
    """Apply."""
    for column in (
        sa.Column("stop_reason", sa.Text()),
        sa.Column("retry_at", AT),
        sa.Column("selective", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("own_network", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("run", column)
    run = sa.table(
        "run",
        sa.column("id", sa.BigInteger()),
        sa.column("outcome", sa.Text()),
        sa.column("cause", sa.Text()),
        sa.column("counts", sa.Text()),
        sa.column("stop_reason", sa.Text()),
        sa.column("retry_at", AT),
        sa.column("selective", sa.Boolean()),
        sa.column("own_network", sa.Boolean()),
    )
    for cause, reason in _REASON_OF_CAUSE.items():
        which = (run.c.outcome == "killed") & run.c.cause.like(cause)
        op.execute(sa.update(run).where(which).values(stop_reason=reason))
    lost = (run.c.outcome == "failed") & run.c.cause.like("%database%")
    op.execute(sa.update(run).where(lost).values(stop_reason="database"))
    _move_out_of_counts(run)


def _move_out_of_counts(run: sa.TableClause) -> None:
    connection = op.get_bind()
    named = sa.or_(*(run.c.counts.like(f'%"{name}"%') for name in _NO_COUNTS))
    for row in connection.execute(sa.select(run.c.id, run.c.counts).where(named)).all():
        counts = json.loads(row.counts)
        moved = {name: counts.pop(name, 0) for name in _NO_COUNTS}
        at = moved["retry_at"]
        values = {
            "counts": json.dumps(counts),
            "selective": bool(moved["selective"]),
            "own_network": bool(moved["own_network"]),
            "retry_at": datetime.fromtimestamp(at, UTC) if at else None,
        }
        connection.execute(sa.update(run).where(run.c.id == row.id).values(values))
