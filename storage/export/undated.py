"""Counts the articles that a period leaves out because they have no date."""

from dataclasses import replace
from typing import Any

from storage.database import Database
from storage.export.formats.selection import open_selection
from storage.reading.article_queries import is_undated
from storage.search import fulltext
from storage.search.query import SearchField
from storage.search.search import parse_words


def count_left_out(database: Database, *, field: SearchField | None = None, **filters: Any) -> int:
    """Returns how many articles without a date pass all filters but the period; 0 without a period.

    `filters`: `ExportFilters`; the period is `since` and `until`. `field`: the only field in which
    the filter `words` is searched; None: all fields. Raises what `open_selection` does.
    """
    if filters.get("since") is None and filters.get("until") is None:
        return 0
    others = {k: v for k, v in filters.items() if k not in {"since", "until", "dated", "words"}}
    node = parse_words(filters.get("words") or "", field)
    with open_selection(database, **others) as selection:
        conditions = (*selection.conditions, *is_undated())
        if node is not None:
            conditions += (fulltext.match_condition(node, selection.connection),)
        return replace(selection, conditions=conditions, query_node=node).count_matching()
