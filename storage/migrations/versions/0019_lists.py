"""Lists are read in order of time from indexes, and a story knows its size and its latest time."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TIME = sa.text("coalesce(published_at, first_seen_at)")
_FIGURES = """
UPDATE story SET size = figure.size, outlets = figure.outlets, last_at = figure.last_at FROM (
 SELECT story_id, count(*) AS size, count(DISTINCT outlet) AS outlets,
  max(coalesce(published_at, first_seen_at)) AS last_at
 FROM article GROUP BY story_id) AS figure
WHERE figure.story_id = story.id
"""
_UNKNOWN_ZONES = """
UPDATE carried SET is_zone_known = false WHERE stated_at IS NOT NULL AND EXISTS (
 SELECT 1 FROM article JOIN version ON version.id = article.version_id
 WHERE article.id = carried.article_id AND version.published_source LIKE '%zone unknown')
"""


def upgrade() -> None:
    """Apply."""
    _index_articles()
    for table in ("change", "transition"):
        op.drop_index(f"ix_{table}_found_at", table)
        op.create_index(f"ix_{table}_found_at_id", table, ["found_at", "id"])
    op.create_index("ix_run_started_at", "run", ["started_at"])
    op.create_index("ix_attribution_agency_article_id", "attribution", ["agency", "article_id"])
    op.create_index("ix_report_first_at_id_outlets", "report", ["first_at", "id", "outlets"])
    op.create_index("ix_report_outlets_first_at_id", "report", ["outlets", "first_at", "id"])
    _add_story_figures()
    op.add_column(
        "carried",
        sa.Column("is_zone_known", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.execute(_UNKNOWN_ZONES)


def _index_articles() -> None:
    op.create_index("ix_article_time", "article", [_TIME, "id"])
    for name in ("outlet", "language", "story_id"):
        op.create_index(f"ix_article_{name}_time", "article", [name, _TIME, "id"])
    op.drop_index("ix_article_story_id", "article")
    op.drop_index("ix_article_published_at", "article")  # no statement used it alone
    op.create_index("ix_article_first_seen_at_id", "article", ["first_seen_at", "id"])
    for name in ("outlet", "language"):
        op.create_index(
            f"ix_article_{name}_first_seen_at_id", "article", [name, "first_seen_at", "id"]
        )
    op.create_index("ix_article_url", "article", ["url"])
    for name in ("canonical_url", "key", "external_id"):
        condition = sa.text(f"{name} != '' AND {name} != url")
        op.create_index(
            f"ix_article_{name}",
            "article",
            [name],
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _add_story_figures() -> None:
    for name in ("size", "outlets"):
        op.add_column("story", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("story", sa.Column("last_at", sa.DateTime(timezone=True)))
    op.execute(_FIGURES)
    several = sa.text("size > 1")
    op.create_index("ix_story_last_at_id", "story", ["last_at", "id"])
    op.create_index(
        "ix_story_last_at_id_several",
        "story",
        ["last_at", "id", "size", "outlets"],
        sqlite_where=several,
        postgresql_where=several,
    )
