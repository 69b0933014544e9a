"""Reports are kept: carriers with their cues, the days to work out, the reports and their articles."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "carrier",
        sa.Column(
            "article_id",
            _ID,
            sa.ForeignKey("article.id", name="fk_carrier_article_id"),
            autoincrement=False,
        ),
        sa.Column("cues_version", sa.Text(), nullable=False),
        sa.Column("cues", sa.LargeBinary(), nullable=False),
        sa.Column("carries", sa.Boolean(), nullable=False),
        sa.Column("brought_number", sa.BigInteger()),
        sa.PrimaryKeyConstraint("article_id", name="pk_carrier"),
    )
    op.create_table(
        "carrying_story",
        sa.Column(
            "story_id",
            _ID,
            sa.ForeignKey("story.id", name="fk_carrying_story_story_id"),
            autoincrement=False,
        ),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("carries", sa.Boolean(), nullable=False),
        sa.Column("report_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("story_id", name="pk_carrying_story"),
    )
    op.create_table(
        "touched_day",
        sa.Column("id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("story_id", sa.BigInteger()),
        sa.Column("touched_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_touched_day"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "report",
        sa.Column("id", _ID, nullable=False),
        sa.Column(
            "lead_id", _ID, sa.ForeignKey("article.id", name="fk_report_lead_id"), nullable=False
        ),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outlets", sa.Integer(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        *(
            sa.Column(name, _TIME, nullable=False)
            for name in ("first_at", "last_at", "worked_out_at")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "carried",
        sa.Column(
            "article_id",
            _ID,
            sa.ForeignKey("article.id", name="fk_carried_article_id"),
            autoincrement=False,
        ),
        sa.Column(
            "report_id",
            _ID,
            sa.ForeignKey("report.id", name="fk_carried_report_id"),
            nullable=False,
        ),
        sa.Column("manner", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("appeared_after", _TIME),
        sa.Column("appeared_by", _TIME, nullable=False),
        sa.Column("delay_least", sa.Float()),
        sa.Column("delay_most", sa.Float()),
        sa.Column("stated_at", _TIME),
        sa.Column("stated_precision", sa.Text()),
        sa.PrimaryKeyConstraint("article_id", name="pk_carried"),
    )
    op.create_table(
        "report_redirect",
        sa.Column("id", _ID, nullable=False, autoincrement=False),
        sa.Column(
            "report_id", _ID, sa.ForeignKey("report.id", name="fk_report_redirect_report_id")
        ),
        sa.Column(
            "lead_id",
            _ID,
            sa.ForeignKey("article.id", name="fk_report_redirect_lead_id"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("redirected_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_redirect"),
    )
    for table, columns in (
        ("carrying_story", ["day"]),
        ("carrying_story", ["report_id"]),
        ("touched_day", ["day"]),
        ("report", ["day"]),
        ("carried", ["report_id"]),
        ("carried", ["at", "report_id"]),
        ("report_redirect", ["report_id"]),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    # The articles of before are read, and their days worked out, in bounded steps by the next run.
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT id FROM article LIMIT 1")).first():
        meta = sa.table("meta", sa.column("key", sa.Text()), sa.column("value", sa.Text()))
        value = '{"version":"","after":0,"until":0}'
        connection.execute(meta.insert().values(key="reports.reading", value=value))
