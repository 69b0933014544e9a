"""Prints how many results of a search there are for each outlet, language, month or day."""

from typing import TYPE_CHECKING

from cli.show.printing import print_json, print_note, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.search.counting import HitCount


_UNDATED = "undated"


def print_hit_counts(
    counts: "Sequence[HitCount]", by: str, *, collapse: bool, as_json: bool
) -> None:
    """Prints a table of counts, or JSON. `by`: what the values are. `collapse`: stories count."""
    noun = "stories" if collapse else "articles"
    if as_json:
        print_json([{by: each.value, noun: each.articles} for each in counts])
        return
    if counts:
        rows = [
            (_UNDATED if each.value is None else each.value, f"{each.articles:,}")
            for each in counts
        ]
        print_table([by, f">{noun}"], rows)
    if not counts or not collapse:
        print_note(f"{sum(each.articles for each in counts):,} {noun} found")
