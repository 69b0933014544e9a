"""Entries of the full-text index stand in order of days: searches need not sort all that they find.

The index is made anew when the database is opened, as whenever its rules change.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    _begin_anew("place")
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_search_index_place", "search_index", ["place"])


def _begin_anew(*numbers: str) -> None:
    op.drop_table("search_index")
    op.drop_table("searched")
    op.execute("DELETE FROM meta WHERE key = 'search.tokens'")
    op.create_table(
        "searched",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers),
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
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_search_index"),
    )
    op.create_index("ix_search_index_words", "search_index", ["words"], postgresql_using="gin")
