"""A run names the machine of its process, and who started it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. The runs of before have neither, and go by their host name."""
    for name in ("machine", "owner"):
        op.add_column("run", sa.Column(name, sa.Text(), nullable=False, server_default=""))
