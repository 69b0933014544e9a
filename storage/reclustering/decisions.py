"""What persons decide about two articles. It outlives every re-clustering."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from dedup.copies.placement import recompute_stories
from dedup.records import Decision, DecisionVerb, Story
from storage.engine import lock_placement
from storage.errors import NotFound, StorageError
from storage.index.corpus import Corpus
from storage.index.sql_index import SqlIndex
from storage.tables.articles import article, decision, involves_article, signature


class Decisions:
    """What persons decided: pairs of articles that must, or must not, be one story."""

    def __init__(self, database: Corpus) -> None:
        self._database = database

    def add(self, a: int, b: int, verb: DecisionVerb, note: str = "") -> tuple[Story, ...]:
        """Record that two articles are, or are not, one story; replaces an earlier decision on them.

        Returns the stories worked out anew. Raises NotFound, or StorageError for an article with
        itself and for stubs, which are never compared.
        """
        a, b = sorted((a, b))
        if a == b:
            raise StorageError("a decision is about two articles, not about one")
        row = {"a": a, "b": b, "verb": verb, "note": note, "decided_at": datetime.now(UTC)}

        def change(connection: Connection) -> None:
            _check_comparable(connection, a, b)
            connection.execute(delete(decision).where(_is_on_pair(a, b)))
            connection.execute(insert(decision), row)

        return self._apply_and_recompute(a, b, change)

    def remove(self, a: int, b: int) -> tuple[Story, ...]:
        """Take a decision back. Raises NotFound if there is none."""
        a, b = sorted((a, b))

        def change(connection: Connection) -> None:
            if not connection.execute(delete(decision).where(_is_on_pair(a, b))).rowcount:
                raise NotFound(f"nothing was decided about {a} and {b}")

        return self._apply_and_recompute(a, b, change)

    def all(self) -> list[Decision]:
        """All decisions, in order of their articles."""
        return self._database.read(load_decisions)

    def of(self, article_id: int) -> list[Decision]:
        """What persons decided about an article."""
        asked = select(decision.c.a, decision.c.b, decision.c.verb)
        asked = asked.where(involves_article(decision, article_id)).order_by(
            decision.c.a, decision.c.b
        )
        rows = self._database.read(lambda c: c.execute(asked).all())
        return [Decision(row.a, row.b, DecisionVerb(row.verb)) for row in rows]

    def _apply_and_recompute(
        self, a: int, b: int, change: Callable[[Connection], None]
    ) -> tuple[Story, ...]:
        scheme = self._database.scheme

        def work(connection: Connection) -> tuple[Story, ...]:
            lock_placement(connection)
            index = SqlIndex(connection, scheme)
            change(connection)
            return recompute_stories(index, {a, b})

        return self._database.write(work)


def load_decisions(connection: Connection) -> list[Decision]:
    """All decisions, in order of their articles."""
    asked = select(decision.c.a, decision.c.b, decision.c.verb)
    rows = connection.execute(asked.order_by(decision.c.a, decision.c.b))
    return [Decision(row.a, row.b, DecisionVerb(row.verb)) for row in rows]


def _is_on_pair(a: int, b: int) -> ColumnElement[bool]:
    return (decision.c.a == a) & (decision.c.b == b)


def _check_comparable(connection: Connection, a: int, b: int) -> None:
    """Raise unless both articles are there and are compared."""
    asked = select(article.c.id, signature.c.article_id.label("compared"))
    asked = asked.outerjoin_from(article, signature, signature.c.article_id == article.c.id)
    held = {
        row.id: row.compared for row in connection.execute(asked.where(article.c.id.in_([a, b])))
    }
    for one in (a, b):
        if one not in held:
            raise NotFound(f"no article has the id {one}")
        if held[one] is None:
            raise StorageError(f"article {one} is a stub: only whole texts are compared")
