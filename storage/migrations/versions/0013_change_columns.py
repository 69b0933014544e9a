"""Outcomes, kinds, details and revisit ages by name instead of packed texts."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ROWS_PER_BATCH = 5000
_KINDS = ("headline", "lead", "body", "names", "numbers", "date", "byline", "caption")
_FIELDS = ("lead", "authors", "captions", "published_at")
_SEPARATORS = {"moved": " to ", "gone": ": ", "unclear": ": ", "not an article": ": "}
_OUTCOMES = (
    *("new", "same", "edited", "stub", "not-modified", "off topic", "alias"),
    *_SEPARATORS,
)
_NOT_FOUND, _KNOWN_ABSENT = "-", "0"

_change = sa.table("change", sa.column("kinds", sa.Text()), *(sa.column(kind) for kind in _KINDS))
_version = sa.table("version", sa.column("id", sa.BigInteger()), sa.column("details", sa.Text()))
_outlet = sa.table("outlet", sa.column("ladder", sa.Text()))
_meta = sa.table("meta", sa.column("key", sa.Text()), sa.column("value", sa.Text()))


def upgrade() -> None:
    """Apply."""
    op.add_column("capture", sa.Column("detail", sa.Text(), nullable=False, server_default=""))
    for table in (_outcome_table("capture", "detail"), _outcome_table("visit")):
        _split_outcomes(table)
    for kind in _KINDS:
        op.add_column(
            "change", sa.Column(kind, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(_change.update().values({k: _change.c.kinds.like(f"% {k} %") for k in _KINDS}))
    op.drop_column("change", "kinds")
    _convert_details()
    _convert_intervals()


def _outcome_table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(each, sa.Text()) for each in ("outcome", *columns)))


def _split_outcomes(table: sa.TableClause) -> None:
    """Splits "gone: redirects to ..." into the outcome and, where it is kept, the detail."""
    outcome, has_detail = table.c.outcome, "detail" in table.c
    for name, separator in _SEPARATORS.items():
        prefix = name + separator
        starts_so = sa.func.substr(outcome, 1, len(prefix)) == prefix
        detail = {"detail": sa.func.substr(outcome, len(prefix) + 1)} if has_detail else {}
        op.execute(table.update().where(starts_so).values(outcome=name, **detail))
    # The code before took any other text that begins so for the same outcome.
    known = sa.case(
        *((sa.func.substr(outcome, 1, len(each)) == each, each) for each in ("moved", "gone")),
        else_="unclear",
    )
    whole = {"detail": outcome} if has_detail else {}
    op.execute(table.update().where(outcome.not_in(_OUTCOMES)).values(outcome=known, **whole))


def _convert_details() -> None:
    connection = op.get_bind()
    query = sa.select(_version).where(_version.c.details.is_not(None)).order_by(_version.c.id)
    statement = (
        _version.update()
        .where(_version.c.id == sa.bindparam("version_id"))
        .values(details=sa.bindparam("converted", type_=sa.Text()))
    )
    last_id = 0
    while rows := connection.execute(
        query.where(_version.c.id > last_id).limit(_ROWS_PER_BATCH)
    ).all():
        connection.execute(
            statement,
            [{"version_id": row.id, "converted": _details_as_json(row.details)} for row in rows],
        )
        last_id = rows[-1].id


def _details_as_json(words: str) -> str | None:
    """Returns the digests by field; null for a field that is known to be absent."""
    details = {
        field: None if digest == _KNOWN_ABSENT else digest
        for field, digest in zip(_FIELDS, words.split(), strict=False)
        if digest != _NOT_FOUND
    }
    return json.dumps(details, sort_keys=True, separators=(",", ":")) if details else None


def _convert_intervals() -> None:
    """Replaces the list of ages that meant "never" by an empty list."""
    op.execute(_outlet.update().where(_outlet.c.ladder == "[0]").values(ladder="[]"))
    is_override = sa.func.substr(_meta.c.key, 1, 8) == "revisit:"
    op.execute(_meta.update().where(is_override, _meta.c.value == "[0]").values(value="[]"))
