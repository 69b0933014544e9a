"""Decides what is still to do after a job, and cuts the past into jobs of a month."""

from datetime import UTC, datetime

from crawler.processes.children import ChildResult
from storage.fleet.orders import Order
from storage.fleet.parts import part_after


def next_order(order: Order, result: ChildResult | None) -> Order | None:
    """Returns what is to be done after a job; None if it is done. `result`: None was not begun.

    A run that was cut off is begun again. A crawl of the past goes on where its run had to end.
    """
    if result is None:
        return order
    run = result.to_run()
    if order.slot_at is not None:
        return order if run.is_cut_off and result.pid else None
    return part_after(order, run)


def months_between(
    since: datetime, until: datetime | None, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Returns the calendar months (UTC) from `since` to before `until`, the newest first.

    So no job of a long crawl keeps the outlet's next run of the schedule waiting for long.
    """
    end = until or now
    months: list[tuple[datetime, datetime]] = []
    begin = since
    while begin < end:
        following = datetime(begin.year + begin.month // 12, begin.month % 12 + 1, 1, tzinfo=UTC)
        months.append((begin, min(following, end)))
        begin = following
    return months[::-1]
