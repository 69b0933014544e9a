"""The revisit intervals that the operator set move from `meta` to the row of their outlet."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. `ladder` was overwritten by the override: the next run declares it again."""
    op.add_column("outlet", sa.Column("ladder_override", sa.Text()))
    op.execute(
        "UPDATE outlet SET ladder_override ="
        " (SELECT value FROM meta WHERE key = 'revisit:' || outlet.name)"
    )
    op.execute("UPDATE outlet SET ladder = NULL WHERE ladder_override IS NOT NULL")
    op.execute("DELETE FROM meta WHERE substr(key, 1, 8) = 'revisit:'")
