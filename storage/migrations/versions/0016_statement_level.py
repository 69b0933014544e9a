"""The level of the statement that an article prints or reports, told from the stored texts."""

import sqlalchemy as sa
from alembic import op

from dedup.statements.statement_level import MAX_LEAD_CHARS, StatementLevel, find_statement_level

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ROWS_PER_BATCH = 2000
_MAX_CHARS = 2 * MAX_LEAD_CHARS

_article = sa.table(
    "article",
    *(sa.column(name, sa.BigInteger()) for name in ("id", "version_id")),
    sa.column("statement_level", sa.Text()),
)
_version = sa.table(
    "version",
    sa.column("id", sa.BigInteger()),
    *(sa.column(name, sa.Text()) for name in ("title", "text", "lead")),
)


def upgrade() -> None:
    """Apply. The level is derived from the texts, so the rules of this release are the right ones."""
    op.add_column(
        "article",
        sa.Column("statement_level", sa.Text(), nullable=False, server_default="unknown"),
    )
    connection = op.get_bind()
    query = (
        sa.select(
            _article.c.id,
            _version.c.title,
            sa.func.substr(_version.c.text, 1, _MAX_CHARS).label("text"),
            _version.c.lead,
        )
        .join_from(_article, _version, _version.c.id == _article.c.version_id)
        .order_by(_article.c.id)
        .limit(_ROWS_PER_BATCH)
    )
    statement = (
        _article.update()
        .where(_article.c.id == sa.bindparam("article_id"))
        .values(statement_level=sa.bindparam("level", type_=sa.Text()))
    )
    last_id = 0
    while rows := connection.execute(query.where(_article.c.id > last_id)).all():
        levels = {row.id: find_statement_level(row.title, row.text or row.lead) for row in rows}
        found = [
            {"article_id": article_id, "level": level.value}
            for article_id, level in levels.items()
            if level is not StatementLevel.UNKNOWN
        ]
        if found:
            connection.execute(statement, found)
        last_id = rows[-1].id
