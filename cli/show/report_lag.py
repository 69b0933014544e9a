"""Says until when reports are worked out, where something waits."""

from typing import TYPE_CHECKING

from cli.show.printing import format_value, print_note

if TYPE_CHECKING:
    from storage import Database


def print_lag(database: "Database") -> None:
    """Says on standard error if reports are not worked out to the last change."""
    from storage.reports.working_out import load_lag

    lag = database.read(load_lag)
    if lag.unread_articles:
        print_note(
            f"{lag.unread_articles:,} articles are not read for reports yet: the next run goes on,"
            " `nkwire recluster --reports` does all"
        )
    elif lag.worked_out_until is not None:
        days = "1 day waits" if lag.waiting_days == 1 else f"{lag.waiting_days:,} days wait"
        print_note(
            f"reports are worked out up to {format_value(lag.worked_out_until)}; {days}: the next"
            " run goes on, `nkwire recluster --reports` does all"
        )
