"""Says until when reports are worked out, where something waits."""

from typing import TYPE_CHECKING

from cli.show.printing import format_value, print_note
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage import Database


def print_lag(database: "Database") -> None:
    """Says on standard error if articles are not placed, or reports not worked out to the last change."""
    from storage.index.unplaced import count_unplaced, describe_unplaced
    from storage.reports.working_out import load_lag

    if line := describe_unplaced(database.read(count_unplaced)):
        print_note(line)
    lag = database.read(load_lag)
    if lag.unread_articles:
        print_note(
            f"{format_count(lag.unread_articles, 'article')} not read for reports yet: the next run goes on,"
            " `nkwire recluster --reports` does all"
        )
    elif lag.worked_out_until is not None:
        verb = "waits" if lag.waiting_days == 1 else "wait"
        days = f"{format_count(lag.waiting_days, 'day')} {verb}"
        print_note(
            f"reports are worked out up to {format_value(lag.worked_out_until)}; {days}: the next"
            " run goes on, `nkwire recluster --reports` does all"
        )
