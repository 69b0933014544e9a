"""Reads the status of each outlet: how much is stored of it, and its last run."""

from collections.abc import Mapping

from sqlalchemy import case, func, select

from storage.engine import Facet
from storage.reading.rows import OutletStatus
from storage.records import TimePrecision
from storage.runs.outlets import declare_ranks, held_ranks
from storage.runs.runs import Runs
from storage.tables.articles import article, edited_article_ids, is_article


class Outlets(Facet):
    """The outlets: their ranks and their status."""

    def declare_ranks(self, ranks: Mapping[str, int]) -> None:
        """Stores the rank of each outlet: 0 for the agency itself, 1 for a wire, 9 for others.

        The ranks decide which member of a story is the lead document. Call this before the articles
        of the outlet are saved.
        """
        stored_ranks = self._database.read(held_ranks)
        changed_ranks = {
            name: rank for name, rank in ranks.items() if stored_ranks.get(name) != rank
        }
        # Commands that only read should not wait for a writer.
        if changed_ranks:
            self._database.write(lambda connection: declare_ranks(connection, changed_ranks))

    def status(self) -> list[OutletStatus]:
        """Returns the status of each outlet that has an article or a run, in order of name."""
        rows = {
            row.outlet: row
            for row in self._database.read(
                lambda connection: connection.execute(_STATUS_QUERY).all()
            )
        }
        edited_counts = self._database.read(
            lambda connection: {
                row.outlet: row.edited for row in connection.execute(_EDITED_COUNTS_QUERY)
            }
        )
        runs = Runs(self._database).last_by_outlet()
        return [
            OutletStatus(
                outlet=name,
                articles=rows[name].articles if name in rows else 0,
                stubs=rows[name].stubs if name in rows else 0,
                edited=edited_counts.get(name, 0),
                gone=rows[name].gone if name in rows else 0,
                stories=rows[name].stories if name in rows else 0,
                last_captured_at=rows[name].last_captured_at if name in rows else None,
                last_published_at=rows[name].last_published_at if name in rows else None,
                last_clock_published_at=(
                    rows[name].last_clock_published_at if name in rows else None
                ),
                last_run=runs.get(name),
            )
            for name in sorted(rows.keys() | runs.keys())
        ]


_DATE_PRECISIONS = (TimePrecision.DAY, TimePrecision.MONTH, TimePrecision.YEAR)
_STATUS_QUERY = select(
    article.c.outlet,
    func.count().label("articles"),
    func.sum(case((is_article(), 0), else_=1)).label("stubs"),
    func.count(article.c.gone_at).label("gone"),
    func.count(article.c.story_id.distinct()).label("stories"),
    func.max(article.c.last_captured_at).label("last_captured_at"),
    func.max(article.c.published_at).label("last_published_at"),
    func.max(article.c.published_at)
    .filter(func.coalesce(article.c.published_precision, "").not_in(_DATE_PRECISIONS))
    .label("last_clock_published_at"),
).group_by(article.c.outlet)
_WITH_SEVERAL = edited_article_ids().subquery()
_EDITED_COUNTS_QUERY = (
    select(article.c.outlet, func.count().label("edited"))
    .join_from(article, _WITH_SEVERAL, _WITH_SEVERAL.c.article_id == article.c.id)
    .group_by(article.c.outlet)
)
