"""Takes an outlet in a file for the declared one whose name differs only in its spelling."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from cli.show.printing import print_note
from storage.wording.numbers import format_count
from storage.wording.similar_names import fold_name

if TYPE_CHECKING:
    from pathlib import Path

    from storage.records import Article


class ImportedOutlets:
    """The names of outlets in imported files. Case, blanks and hyphens of declared ones do not count.

    A name that the database has already stays as it is, so that a file that was imported before
    brings nothing new. So do the names in an export of nkwire.
    """

    def __init__(self, stored: Collection[str], declared: Iterable[str]) -> None:
        self._stored = stored
        self._declared = {fold_name(each): each for each in declared}
        self._rows = Counter[tuple[str, str]]()

    def rename(self, article: "Article") -> "Article":
        """Returns the article with the declared name of its outlet, and counts it."""
        declared = self._declared.get(fold_name(article.outlet), article.outlet)
        if declared == article.outlet or article.outlet in self._stored or article.exported:
            return article
        self._rows[article.outlet, declared] += 1
        return replace(article, outlet=declared)

    def report(self, file: "Path") -> None:
        """Prints a line for each name in a file that is taken for another."""
        for (name, declared), count in self._rows.items():
            rows = format_count(count, "row")
            print_note(f"{file}: outlet {name} is taken as {declared}: {rows}")
        self._rows.clear()
