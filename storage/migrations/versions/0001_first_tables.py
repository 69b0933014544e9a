"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _crawl()
    _articles()
    _versions()
    _dedup()
    _judgements()


def _crawl() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "outlet",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean()),
        sa.Column("every_seconds", sa.Integer()),
        sa.Column("added_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_outlet"),
    )
    op.create_table(
        "source_state",
        sa.Column(
            "outlet",
            sa.Text(),
            sa.ForeignKey("outlet.name", name="fk_source_state_outlet"),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("polled_at", TIME),
        sa.Column("changed_at", TIME),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("outlet", "source", name="pk_source_state"),
    )
    op.create_table(
        "run",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "outlet", sa.Text(), sa.ForeignKey("outlet.name", name="fk_run_outlet"), nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("outcome", sa.Text()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_ended_at", "run", ["ended_at"])
    op.create_index("ix_run_outlet_started_at", "run", ["outlet", "started_at"])
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def _articles() -> None:
    op.create_table(
        "story",
        sa.Column("id", ID, nullable=False),
        sa.Column("lead_id", sa.BigInteger()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("merged_into", ID, sa.ForeignKey("story.id", name="fk_story_merged_into")),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
    )
    op.create_index("ix_story_merged_into", "story", ["merged_into"])
    op.create_table(
        "article",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "outlet",
            sa.Text(),
            sa.ForeignKey("outlet.name", name="fk_article_outlet"),
            nullable=False,
        ),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("page_class", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("published_at", TIME),
        sa.Column("published_precision", sa.Text()),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("last_poll_without_at", TIME),
        sa.Column("last_captured_at", TIME),
        sa.Column("gone_at", TIME),
        sa.Column("version_id", sa.BigInteger()),
        sa.Column("story_id", ID, sa.ForeignKey("story.id", name="fk_article_story_id")),
        sa.Column("run_id", ID, sa.ForeignKey("run.id", name="fk_article_run_id")),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("outlet", "identity", name="uq_article_outlet_identity"),
    )
    op.create_index("ix_article_published_at", "article", ["published_at"])
    op.create_index("ix_article_story_id", "article", ["story_id"])


def _versions() -> None:
    op.create_table(
        "version",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "article_id",
            ID,
            sa.ForeignKey("article.id", name="fk_version_article_id"),
            nullable=False,
        ),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("page_class", sa.Text(), nullable=False),
        sa.Column("captured_at", TIME),
        sa.Column("stored_at", TIME, nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("authors", sa.Text()),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("dateline", sa.Text()),
        sa.Column("captions", sa.Text()),
        sa.Column("published_at", TIME),
        sa.Column("published_precision", sa.Text()),
        sa.Column("published_source", sa.Text(), nullable=False),
        sa.Column("published_raw", sa.Text(), nullable=False),
        sa.Column("modified_at", TIME),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_version"),
    )
    op.create_index("ix_version_article_id", "version", ["article_id"])
    op.create_table(
        "capture",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "article_id",
            ID,
            sa.ForeignKey("article.id", name="fk_capture_article_id"),
            nullable=False,
        ),
        sa.Column("version_id", ID, sa.ForeignKey("version.id", name="fk_capture_version_id")),
        sa.Column("run_id", ID, sa.ForeignKey("run.id", name="fk_capture_run_id")),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=False),
        sa.Column("warc_offset", sa.BigInteger(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_capture"),
    )
    op.create_index(
        "ix_capture_article_id_fetched_at", "capture", ["article_id", "fetched_at"], unique=True
    )
    op.create_table(
        "quarantine",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, sa.ForeignKey("run.id", name="fk_quarantine_run_id")),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("payload_sha256", name="uq_quarantine_payload_sha256"),
    )


def _dedup() -> None:
    op.create_table(
        "signature",
        sa.Column(
            "article_id",
            ID,
            sa.ForeignKey("article.id", name="fk_signature_article_id"),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("shingles", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprints", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_signature"),
    )
    op.create_index("ix_signature_text_hash_article_id", "signature", ["text_hash", "article_id"])
    op.create_table(
        "band",
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "article_id", name="pk_band"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fingerprint",
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "article_id", name="pk_fingerprint"),
        sqlite_with_rowid=False,
    )


def _judgements() -> None:
    op.create_table(
        "relation",
        sa.Column("a", ID, sa.ForeignKey("article.id", name="fk_relation_a"), nullable=False),
        sa.Column("b", ID, sa.ForeignKey("article.id", name="fk_relation_b"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("merges", sa.Boolean(), nullable=False),
        sa.Column("jaccard", sa.Float(), nullable=False),
        sa.Column("containment_ab", sa.Float(), nullable=False),
        sa.Column("containment_ba", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("a", "b", name="pk_relation"),
    )
    op.create_index("ix_relation_b", "relation", ["b"])
    op.create_table(
        "attribution",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "article_id",
            ID,
            sa.ForeignKey("article.id", name="fk_attribution_article_id"),
            nullable=False,
        ),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attribution"),
    )
    op.create_index("ix_attribution_article_id", "attribution", ["article_id"])
    op.create_table(
        "decision",
        sa.Column("a", ID, sa.ForeignKey("article.id", name="fk_decision_a"), nullable=False),
        sa.Column("b", ID, sa.ForeignKey("article.id", name="fk_decision_b"), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("a", "b", name="pk_decision"),
    )
    op.create_index("ix_decision_b", "decision", ["b"])
