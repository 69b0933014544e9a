"""Keeps an outlet's frame between runs, and tells which pages are not the outlet's own."""

from collections import Counter
from typing import TYPE_CHECKING

from crawler.extract.page_frame import OutletFrame, foreign_reason, page_marks, prints_title

if TYPE_CHECKING:
    from crawler.extract.extraction import Extraction
    from crawler.extract.page.page import Page
    from crawler.outlet import Outlet
    from storage import Database

_MAX_ADDED_PAGES = 5
"""So many pages of a run are compared: a frame changes slowly, and reading its marks costs time."""


class OwnPages:
    """The frame of one outlet's pages, as it is known before a run and grows in it."""

    def __init__(self, outlet: "type[Outlet]") -> None:
        self._outlet = outlet
        self._frame = OutletFrame()
        self._added_pages = 0

    def load(self, database: "Database") -> None:
        """Loads the frame that earlier runs saw."""
        pages, marks = database.frames.load(self._outlet.name)
        self._frame = OutletFrame(pages, Counter(marks))

    def foreign_reason(
        self, page: "Page", extraction: "Extraction", listed_title: str = "", known_title: str = ""
    ) -> str:
        """Returns why an article's page is not the outlet's own; "" if it is.

        `listed_title`: the headline in the listing that led to the page. `known_title`: the stored
        headline of a known article, which no listing led to.
        """
        reason = foreign_reason(
            page,
            extraction,
            self._frame,
            listed_title=listed_title or known_title,
            languages=self._outlet.languages,
        )
        if not reason and extraction.article and self._added_pages < _MAX_ADDED_PAGES:
            self._added_pages += 1
            is_as_listed = prints_title(extraction, listed_title)
            self._frame.add(page_marks(page, is_as_listed=is_as_listed))
        return reason

    def save(self, database: "Database") -> None:
        """Stores the frame, if the run added to it."""
        if self._added_pages and self._frame.marks:
            database.frames.save(self._outlet.name, self._frame.pages, self._frame.marks)
