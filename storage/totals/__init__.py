"""The totals of days, and readings of them."""
