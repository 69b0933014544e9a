"""Runs migrations on the connection that `storage.schema` hands over, in its transaction.

There are no downgrades: the way back is a backup. For `alembic revision --autogenerate` in a checkout, NKWIRE_DATABASE_URL names a migrated database.
"""

import os
from typing import Any, Literal

from alembic import command, context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy import Connection

from storage.engine import make_engine, parse_url
from storage.tables.articles import metadata
from storage.tables.columns import JsonText, UtcDateTime


def _render(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as plain ones: a migration must not change with the code."""
    if isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.Text()" if isinstance(thing, JsonText) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


asked_for = getattr(context.config.cmd_opts, "cmd", ())
if command.downgrade in asked_for:
    raise CommandError("downgrades are not supported: restore a backup (docs/operations.md)")
handed = context.config.attributes.get("connection")
if handed is not None:
    _run(handed)
else:
    with make_engine(parse_url(os.environ["NKWIRE_DATABASE_URL"]), create=True).begin() as own:
        _run(own)
