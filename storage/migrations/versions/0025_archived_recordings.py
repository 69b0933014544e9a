"""A run knows in which archive its recording is."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nothing is in an archive yet."""
    op.add_column("run", sa.Column("archived_at", sa.DateTime(timezone=True)))
    op.add_column("run", sa.Column("archived_to", sa.Text()))
    op.add_column("run", sa.Column("archived_bytes", sa.BigInteger()))
