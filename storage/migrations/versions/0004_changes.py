"""What changed and what vanished: changes, states, re-visits.

Changes between versions that are held already are told apart when they are first asked for.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
_AT_ONCE = 5000


def upgrade() -> None:
    """Apply."""
    op.add_column("outlet", sa.Column("ladder", sa.Text()))
    op.add_column("version", sa.Column("details", sa.Text()))
    op.add_column("capture", sa.Column("witnessed", sa.Boolean()))
    op.add_column("article", sa.Column("state", sa.Text(), nullable=False, server_default="live"))
    op.add_column("article", sa.Column("suspect_since", TIME))
    op.add_column("article", sa.Column("next_check_at", TIME))
    _plan_checks()
    op.create_index("ix_article_outlet_next_check_at", "article", ["outlet", "next_check_at"])
    _changes()
    _states()


def _plan_checks() -> None:
    """Look again after half of an article's age, so that not all that is held is due at once."""
    connection = op.get_bind()
    article = sa.table(
        "article",
        *(sa.column(name, TIME) for name in ("published_at", "first_seen_at", "last_captured_at")),
        *(sa.column(name, TIME) for name in ("gone_at", "suspect_since", "next_check_at")),
        sa.column("id", sa.BigInteger()),
    )
    connection.execute(sa.update(article).values(suspect_since=article.c.gone_at))
    asked = sa.select(
        article.c.id, article.c.published_at, article.c.first_seen_at, article.c.last_captured_at
    ).where(article.c.last_captured_at.is_not(None))
    planned = (
        sa.update(article)
        .where(article.c.id == sa.bindparam("who"))
        .values(next_check_at=sa.bindparam("due", type_=TIME))
    )
    last = 0
    while rows := connection.execute(
        asked.where(article.c.id > last).order_by(article.c.id).limit(_AT_ONCE)
    ).all():
        due = [{"who": who, "due": _due(*times)} for who, *times in rows]
        connection.execute(planned, due)
        last = int(rows[-1].id)


def _due(published: datetime | None, seen: datetime, captured: datetime) -> datetime:
    born = min(published or seen, seen)
    wait = (captured - born) / 2
    due = captured + min(max(wait, timedelta(days=1)), timedelta(days=365))
    return due if due.tzinfo is None else due.astimezone(UTC)


def _changes() -> None:
    op.create_table(
        "change",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("old_id", ID, nullable=False),
        sa.Column("new_id", ID, nullable=False),
        sa.Column("after_at", TIME),
        sa.Column("before_at", TIME),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("boring", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_change_article_id_article"
        ),
        sa.ForeignKeyConstraint(["old_id"], ["version.id"], name="fk_change_old_id_version"),
        sa.ForeignKeyConstraint(["new_id"], ["version.id"], name="fk_change_new_id_version"),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.create_index("ix_change_article_id", "change", ["article_id"])
    op.create_index("ix_change_found_at", "change", ["found_at"])
    op.create_table(
        "ruling",
        sa.Column("old_id", ID, nullable=False),
        sa.Column("new_id", ID, nullable=False),
        sa.Column("boring", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["old_id"], ["version.id"], name="fk_ruling_old_id_version"),
        sa.ForeignKeyConstraint(["new_id"], ["version.id"], name="fk_ruling_new_id_version"),
        sa.PrimaryKeyConstraint("old_id", "new_id", name="pk_ruling"),
    )


def _states() -> None:
    op.create_table(
        "transition",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("after_at", TIME),
        sa.Column("before_at", TIME, nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_transition_article_id_article"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transition"),
    )
    op.create_index("ix_transition_article_id", "transition", ["article_id"])
    op.create_index("ix_transition_found_at", "transition", ["found_at"])
    op.create_table(
        "listed",
        sa.Column("article_id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("missed_at", TIME),
        sa.Column("dropped_at", TIME),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_listed_article_id_article"
        ),
        sa.PrimaryKeyConstraint("article_id", "source", "first_at", name="pk_listed"),
    )
    op.create_index("ix_listed_source_open", "listed", ["source", "open"])
    op.create_table(
        "witness",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("run_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(["outlet"], ["outlet.name"], name="fk_witness_outlet_outlet"),
        sa.PrimaryKeyConstraint("outlet", "shape", name="pk_witness"),
    )
    op.create_table(
        "alarm",
        sa.Column("id", ID, nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since_at", TIME, nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["outlet"], ["outlet.name"], name="fk_alarm_outlet_outlet"),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index("ix_alarm_outlet_raised_at", "alarm", ["outlet", "raised_at"])
