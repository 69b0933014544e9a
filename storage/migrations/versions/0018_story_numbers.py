"""No number of a story is given twice, and an article that leaves a story is recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        _never_reuse_story_ids()
    op.create_table(
        "departure",
        sa.Column("id", _ID, nullable=False),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("into_id", _ID, nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_departure_story_id_story"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_departure_article_id_article"
        ),
        sa.ForeignKeyConstraint(["into_id"], ["story.id"], name="fk_departure_into_id_story"),
        sa.PrimaryKeyConstraint("id", name="pk_departure"),
    )
    op.create_index("ix_departure_story_id", "departure", ["story_id"])


def _never_reuse_story_ids() -> None:
    """Makes the table again with AUTOINCREMENT; SQLite cannot add it to a table.

    The rows that refer to it are checked at the end of the transaction.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE story_rows AS SELECT * FROM story")
    op.drop_table("story")
    op.create_table(
        "story",
        sa.Column("id", _ID, nullable=False),
        sa.Column("lead_id", sa.BigInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into", _ID),
        sa.ForeignKeyConstraint(["merged_into"], ["story.id"], name="fk_story_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_story_merged_into", "story", ["merged_into"])
    op.execute(
        "INSERT INTO story (id, lead_id, created_at, merged_into)"
        " SELECT id, lead_id, created_at, merged_into FROM story_rows"
    )
    op.execute("DROP TABLE story_rows")
