"""Stores what the pages of each outlet have in common."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from storage.engine import Facet
from storage.runs.outlets import add_outlet
from storage.statements import upsert
from storage.tables.frames import outlet_frame


class Frames(Facet):
    """The frames of outlets' pages, between runs."""

    def load(self, outlet: str) -> tuple[int, dict[str, int]]:
        """Returns the number of pages that were compared, and on how many of them each mark stood."""
        query = select(outlet_frame.c.pages, outlet_frame.c.marks).where(
            outlet_frame.c.outlet == outlet
        )
        row = self._database.read(lambda connection: connection.execute(query).one_or_none())
        return (row.pages, row.marks) if row else (0, {})

    def save(self, outlet: str, pages: int, marks: Mapping[str, int]) -> None:
        """Stores a frame in the place of the one before. `marks` must not be empty."""
        row = {"outlet": outlet, "pages": pages, "marks": dict(marks)}

        def work(connection: Connection) -> None:
            add_outlet(connection, outlet)
            connection.execute(upsert(connection, outlet_frame, ["outlet"]), row)

        self._database.write(work)
