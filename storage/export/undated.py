"""Counts the articles that a period leaves out because they have no date."""

from dataclasses import replace
from typing import Any

from storage.database import Database
from storage.export.formats.selection import open_selection
from storage.reading.article_queries import is_undated


def count_left_out(database: Database, **filters: Any) -> int:
    """Returns how many articles without a date pass all filters but the period; 0 without a period.

    `filters`: `ExportFilters`; the period is `since` and `until`. Raises what `open_selection` does.
    """
    if filters.get("since") is None and filters.get("until") is None:
        return 0
    others = {k: v for k, v in filters.items() if k not in {"since", "until", "dated"}}
    with open_selection(database, **others) as selection:
        conditions = (*selection.conditions, *is_undated())
        return replace(selection, conditions=conditions).count_matching()
