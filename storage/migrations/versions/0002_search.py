"""Full-text search: its index, and which version of each article is in it.

The index is filled when the database is opened: the rules that cut texts into tokens are the code's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "searched",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_searched"),
    )
    if op.get_bind().dialect.name == "sqlite":
        # The tokens are made by us; "ascii" takes them apart at the spaces and nowhere else.
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5"
            "(title, text, content='', columnsize=0, tokenize='ascii')"
        )
        return
    op.create_table(
        "search_index",
        sa.Column("article_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_search_index"),
    )
    op.create_index("ix_search_index_words", "search_index", ["words"], postgresql_using="gin")
