"""Stores the decisions of persons on pairs of articles. They outlive every re-clustering."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from dedup.copies.placement import preview_stories, recompute_stories
from dedup.records import Decision, DecisionVerb, Story
from storage.clean import clean_text
from storage.dialects import lock_placement
from storage.errors import InvalidRequest, NotFound
from storage.index.corpus import Corpus
from storage.index.membership import StoryChanges
from storage.index.sql_index import SqlIndex
from storage.records import PageClass
from storage.tables.articles import article, decision, involves_article, signature


class Decisions:
    """The decisions of persons: pairs of articles that must, or must not, be in one story."""

    def __init__(self, database: Corpus) -> None:
        self._database = database

    def add(self, a: int, b: int, verb: DecisionVerb, note: str = "") -> StoryChanges:
        """Records whether two articles are one story; replaces an earlier decision on the pair.

        Returns which articles and numbers went where. When stories merge, the lowest number stays.
        Raises NotFound for an unknown id, and InvalidRequest if both ids are equal or one article
        is a stub (stubs are never compared).
        """
        return self._decide([(a, b)], verb, note)

    def split(self, article_id: int, others: Sequence[int], note: str = "") -> StoryChanges:
        """Records that an article is in no story with any of the others, in one transaction.

        The article leaves, and the rest of its story keeps its number. Returns which articles and
        numbers went where. Raises the errors of `add`; then nothing is recorded.
        """
        pairs = [(article_id, other) for other in others]
        return self._decide(pairs, DecisionVerb.CANNOT_LINK, note, leaving=[article_id])

    def remove(self, a: int, b: int) -> StoryChanges:
        """Removes a decision; returns which articles and numbers went where.

        Raises NotFound if there is none.
        """
        a, b = sorted((a, b))

        def change(connection: Connection) -> None:
            if not connection.execute(delete(decision).where(_is_on_pair(a, b))).rowcount:
                raise NotFound(f"nothing was decided about {a} and {b}")

        return self._apply_and_recompute({a, b}, change)

    def undo(self, decided_at: datetime) -> StoryChanges:
        """Removes all that was decided at one moment: a pair, or all pairs of a split.

        Returns which articles and numbers went where. Raises NotFound if nothing was decided then.
        """
        query = select(decision.c.a, decision.c.b).where(decision.c.decided_at == decided_at)
        pairs = self._database.read(lambda connection: connection.execute(query).all())

        def change(connection: Connection) -> None:
            here = decision.c.decided_at == decided_at
            if not connection.execute(delete(decision).where(here)).rowcount:
                raise NotFound("this was not decided, or it was undone already")

        return self._apply_and_recompute({each for pair in pairs for each in pair}, change)

    def preview_split(self, article_id: int, others: Sequence[int]) -> tuple[Story, ...]:
        """Returns the stories that `split` would make of a story, without changing anything.

        Raises NotFound for an unknown id, and InvalidRequest if one of the articles is a stub.
        """
        scheme = self._database.scheme

        def work(connection: Connection) -> tuple[Story, ...]:
            for other in others:
                _check_comparable(connection, article_id, other)
            pairs = [tuple(sorted((article_id, other))) for other in others]
            decided = [Decision(a, b, DecisionVerb.CANNOT_LINK) for a, b in pairs]
            return preview_stories(SqlIndex(connection, scheme), [article_id, *others], decided)

        return self._database.read(work)

    def all(self) -> list[Decision]:
        """Returns all decisions, in order of the article ids."""
        return self._database.read(load_decisions)

    def of(self, article_id: int) -> list[Decision]:
        """Returns the decisions on an article, in order of the article ids."""
        query = select(decision.c.a, decision.c.b, decision.c.verb)
        query = query.where(involves_article(decision, article_id)).order_by(
            decision.c.a, decision.c.b
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [Decision(row.a, row.b, DecisionVerb(row.verb)) for row in rows]

    def _decide(
        self,
        pairs: Sequence[tuple[int, int]],
        verb: DecisionVerb,
        note: str,
        leaving: Collection[int] = (),
    ) -> StoryChanges:
        if any(a == b for a, b in pairs):
            raise InvalidRequest("a decision is about two articles, not about one")
        row = {"verb": verb, "note": clean_text(note), "decided_at": datetime.now(UTC)}

        def change(connection: Connection) -> None:
            for a, b in sorted(map(sorted, pairs)):
                _check_comparable(connection, a, b)
                connection.execute(delete(decision).where(_is_on_pair(a, b)))
                connection.execute(insert(decision), row | {"a": a, "b": b})

        return self._apply_and_recompute({each for pair in pairs for each in pair}, change, leaving)

    def _apply_and_recompute(
        self,
        ids: Collection[int],
        change: Callable[[Connection], None],
        leaving: Collection[int] = (),
    ) -> StoryChanges:
        scheme = self._database.scheme

        def work(connection: Connection) -> StoryChanges:
            lock_placement(connection)
            index = SqlIndex(connection, scheme)
            index.leaving, index.changes = leaving, StoryChanges()
            change(connection)
            recompute_stories(index, ids)
            index.finish()
            return index.changes

        return self._database.write(work)


def load_decisions(connection: Connection) -> list[Decision]:
    """Loads all decisions, in order of the article ids."""
    query = select(decision.c.a, decision.c.b, decision.c.verb)
    rows = connection.execute(query.order_by(decision.c.a, decision.c.b))
    return [Decision(row.a, row.b, DecisionVerb(row.verb)) for row in rows]


def _is_on_pair(a: int, b: int) -> ColumnElement[bool]:
    return (decision.c.a == a) & (decision.c.b == b)


def _check_comparable(connection: Connection, a: int, b: int) -> None:
    """Raises NotFound or InvalidRequest unless both articles exist and are compared."""
    query = select(article.c.id, article.c.page_class, signature.c.article_id.label("compared"))
    query = query.outerjoin_from(article, signature, signature.c.article_id == article.c.id)
    rows = {row.id: row for row in connection.execute(query.where(article.c.id.in_([a, b])))}
    for article_id in (a, b):
        if article_id not in rows:
            raise NotFound(f"no article has the id {article_id}")
        if rows[article_id].compared is None and rows[article_id].page_class == PageClass.ARTICLE:
            raise InvalidRequest(
                f"article {article_id} is not placed yet: run `nkwire recluster` first"
            )
        if rows[article_id].compared is None:
            raise InvalidRequest(f"article {article_id} is a stub: only whole texts are compared")
