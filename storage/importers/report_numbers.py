"""Restores from an export what former numbers of reports lead to, and makes way for its numbers."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from storage.importers.exported_rows import parse_id
from storage.importers.stated_dates import parse_time
from storage.index.carriers import touch_days
from storage.statements import insert_or_ignore
from storage.tables.reports import (
    RedirectReason,
    carried,
    carrying_story,
    report,
    report_redirect,
)


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


def give_up_provisional_numbers(connection: Connection, highest_report: int) -> None:
    """Has the reports that were worked out during the import worked out again.

    They get the numbers of the export then. Their numbers until now are above `highest_report`, the
    highest one of the export; each leads to the report of its last lead document.
    """
    is_provisional = report.c.id > highest_report
    rows = connection.execute(select(report.c.id, report.c.lead_id).where(is_provisional)).all()
    if not rows:
        return
    stories = carrying_story.c.report_id > highest_report
    touch_days(
        connection, connection.scalars(select(carrying_story.c.day).where(stories).distinct()).all()
    )
    connection.execute(update(carrying_story).where(stories).values(report_id=None))
    connection.execute(delete(carried).where(carried.c.report_id > highest_report))
    is_former = report_redirect.c.report_id > highest_report
    connection.execute(update(report_redirect).where(is_former).values(report_id=None))
    connection.execute(delete(report).where(is_provisional))
    fixed = {"report_id": None, "reason": RedirectReason.MERGED, "redirected_at": datetime.now(UTC)}
    connection.execute(
        insert(report_redirect), [{"id": row.id, "lead_id": row.lead_id, **fixed} for row in rows]
    )
