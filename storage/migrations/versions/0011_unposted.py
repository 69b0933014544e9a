"""Keys of the latest texts wait for a round before they go into the inverted indexes."""

import struct

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WAITING = sa.text(
    "SELECT article_id, bands, fingerprints FROM signature"
    " WHERE article_id IN (SELECT article_id FROM unposted)"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "unposted",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unposted"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Undo: what waits goes into the indexes."""
    connection = op.get_bind()
    for article_id, bands, fingerprints in connection.execute(_WAITING).all():
        for table, packed in (("band", bands), ("fingerprint", fingerprints)):
            keys = set(struct.unpack(f"<{len(packed) // 8}q", packed))
            rows = [{"hash": key, "article_id": article_id} for key in keys]
            insert = "INSERT INTO {} VALUES (:hash, :article_id) ON CONFLICT DO NOTHING"
            if rows:
                connection.execute(sa.text(insert.format(table)), rows)
    op.execute("DELETE FROM meta WHERE key = 'dedup.settled'")
    op.drop_table("unposted")
