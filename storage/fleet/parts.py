"""Decides what is still to do after a job that read a part of the past."""

from dataclasses import replace

from storage.counts import Count
from storage.fleet.orders import Order
from storage.records import Run, SaveOutcome, StopReason

MAX_ATTEMPTS = 5
"""A part of the past whose runs are cut off so often is not begun again."""


def part_again(order: Order) -> Order | None:
    """Returns the order of a part whose run was cut off; None after MAX_ATTEMPTS."""
    return replace(order, attempt=order.attempt + 1) if order.attempt < MAX_ATTEMPTS else None


def part_after(order: Order, run: Run) -> Order | None:
    """Returns what a run left of its part, None if it is done.

    It goes on where the run had to end: at its number of pages, or at the deadline if it got further.
    """
    if run.is_cut_off or (
        run.stop_reason is StopReason.DEADLINE and run.stored(SaveOutcome.NEW) > 0
    ):
        return part_again(order)
    left = run.counts.get(Count.LISTED_OVER, 0)
    # A run that left as many pages as the one before would not get further next time.
    is_progress = order.pages_left is None or left < order.pages_left
    return replace(order, pages_left=left, attempt=1) if left and is_progress else None
