"""When the recorded answers of a run were deleted for their age."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("run", sa.Column("expired_at", sa.DateTime(timezone=True)))
