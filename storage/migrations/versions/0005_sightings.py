"""When an article was really seen first, apart from when it was imported."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("article", sa.Column("seen_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE article SET seen_at = first_seen_at WHERE last_captured_at IS NOT NULL")
