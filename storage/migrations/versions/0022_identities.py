"""Articles without a key are identified by addresses without today's tracking parameters."""

import sqlalchemy as sa
from alembic import op

from storage.identity import renew_identity

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ROWS_PER_BATCH = 2000

_article = sa.table(
    "article",
    sa.column("id", sa.BigInteger()),
    *(sa.column(name, sa.Text()) for name in ("outlet", "identity", "key", "url", "canonical_url")),
)


def upgrade() -> None:
    """Apply. Of several stored articles of one address, the first gets it; the others stay."""
    connection = op.get_bind()
    has_query = _article.c.url.contains("?") | _article.c.canonical_url.contains("?")
    query = (
        sa.select(_article)
        .where(_article.c.key == "", has_query)
        .order_by(_article.c.id)
        .limit(_ROWS_PER_BATCH)
    )
    last_id = 0
    while rows := connection.execute(query.where(_article.c.id > last_id)).all():
        for row in rows:
            renewed = renew_identity(row.identity, row.key, row.canonical_url, row.url)
            if renewed != row.identity:
                _set_identity(connection, row.id, row.outlet, renewed)
        last_id = rows[-1].id


def _set_identity(connection: sa.Connection, article_id: int, outlet: str, identity: str) -> None:
    is_taken = sa.select(_article.c.id).where(
        _article.c.outlet == outlet, _article.c.identity == identity
    )
    if connection.execute(is_taken).first() is None:
        connection.execute(
            _article.update().where(_article.c.id == article_id).values(identity=identity)
        )
