"""Restores from an export what former numbers of reports lead to."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from storage.importers.exported_rows import parse_id
from storage.importers.jsonl_reader import parse_time
from storage.statements import insert_or_ignore
from storage.tables.reports import RedirectReason, report_redirect


def restore_redirects(
    connection: Connection, rows: Iterable[Mapping[str, Any]], ids: Mapping[int, int]
) -> None:
    """Stores the former numbers of an export.

    `rows`: those of `REPORT_MOVE_COLUMNS`. `ids`: the id in this database for each exported article
    id. No report is worked out yet, so each number leads to the report of its last lead document.
    """
    redirects = []
    for row in rows:
        number, lead = parse_id(row, "report"), ids.get(parse_id(row, "lead"), 0)
        redirected_at, reason = parse_time(row.get("redirected_at"))[0], row.get("reason")
        if number and lead and redirected_at and reason in list(RedirectReason):
            redirects.append(
                {
                    "id": number,
                    "report_id": None,
                    "lead_id": lead,
                    "reason": reason,
                    "redirected_at": redirected_at,
                }
            )
    if redirects:
        connection.execute(insert_or_ignore(connection, report_redirect), redirects)
