"""Articles and stories out of the database; what can be long comes as a stream."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby, islice
from typing import Any, TypeVar, Unpack

from sqlalchemy import Connection, Select, case, func, select

from dedup.records import Attribution, Decision, Document, Relation, Verb
from storage.errors import NotFound
from storage.index.corpus import Corpus
from storage.index.sql_index import load_documents, relation_of
from storage.reading.rows import (
    ArticleRow,
    CaptureRow,
    Filters,
    OutletStatus,
    QuarantineRow,
    StoryRow,
    VersionRow,
)
from storage.reading.selects import (
    ARTICLES,
    STORIES,
    article_row,
    conditions,
    story_row,
    version_row,
)
from storage.runs.runs import Runs
from storage.tables.articles import (
    article,
    attribution,
    capture,
    decision,
    is_article,
    quarantine,
    relation,
    story,
    touches,
    version,
)
from storage.tables.columns import AnyRow

T = TypeVar("T")

_AT_ONCE = 500


class Reading(Corpus, Runs):
    """The part of the database that is looked at."""

    def count(self, **filters: Unpack[Filters]) -> int:
        """How many articles there are."""
        where = conditions(self._resolved(filters))
        asked = select(func.count()).select_from(article).where(*where)
        return self.read(lambda connection: connection.scalar(asked)) or 0

    def articles(self, **filters: Unpack[Filters]) -> Iterator[ArticleRow]:
        """The articles with their current version, in order of id."""
        where = conditions(self._resolved(filters))
        asked = ARTICLES.where(*where).order_by(article.c.id)
        with self._streaming(asked) as rows:
            for row in rows:
                yield article_row(row)

    def article(self, article_id: int) -> ArticleRow:
        """One article. Raises NotFound."""
        asked = ARTICLES.where(article.c.id == article_id)
        row = self.read(lambda connection: connection.execute(asked).one_or_none())
        return article_row(_found(row, "article", article_id))

    def find_articles(self, name: str) -> list[int]:
        """Ids of the articles that have this URL, key or external id."""
        named = (article.c.url == name) | (article.c.canonical_url == name)
        named |= (article.c.key == name) | (article.c.external_id == name)
        asked = select(article.c.id).where(named).order_by(article.c.id)
        return self.read(lambda connection: list(connection.scalars(asked)))

    def versions(self, article_id: int) -> list[VersionRow]:
        """All versions of an article as they were printed, imported ones first. Raises NotFound."""
        asked = select(version).where(version.c.article_id == article_id)
        asked = asked.order_by(version.c.captured_at.asc().nulls_first(), version.c.id)

        def work(connection: Connection) -> list[VersionRow]:
            whose = select(article.c.version_id).where(article.c.id == article_id)
            current = _found(connection.execute(whose).one_or_none(), "article", article_id)
            return [version_row(row, current.version_id) for row in connection.execute(asked)]

        return self.read(work)

    def captures(self, article_id: int) -> list[CaptureRow]:
        """All fetches of an article's page, in order of time."""
        columns = (capture.c[name] for name in CaptureRow.__dataclass_fields__)
        asked = select(*columns).where(capture.c.article_id == article_id)
        rows = self.read(lambda c: c.execute(asked.order_by(capture.c.fetched_at)).all())
        return [CaptureRow(**row._mapping) for row in rows]

    def stories(
        self,
        *,
        at_least: int = 1,
        newest_first: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filters],
    ) -> Iterator[StoryRow]:
        """The stories of at least so many members of which one passes the filters, with all members."""
        return islice(self._stories(at_least, newest_first, self._resolved(filters)), limit)

    def story(self, story_id: int) -> StoryRow:
        """The story of this id, or the one that it was merged into. Raises NotFound."""
        found = next(self.stories(story=self.redirect(story_id)), None)
        if found is None:
            raise NotFound(f"no story has the id {story_id}")
        return found

    def redirect(self, story_id: int) -> int:
        """The id that a story goes by now. Raises NotFound."""
        asked = select(story.c.id, story.c.merged_into).where(story.c.id == story_id)
        row = self.read(lambda connection: connection.execute(asked).one_or_none())
        held = _found(row, "story", story_id)
        return int(held.merged_into or held.id)

    def redirects(self) -> dict[int, int]:
        """All ids that stories went by once, and those that they go by now."""
        asked = select(story.c.id, story.c.merged_into).where(story.c.merged_into.is_not(None))
        return self.read(lambda c: {row.id: row.merged_into for row in c.execute(asked)})

    def relations_of(self, article_id: int) -> list[Relation]:
        """The relations of an article to others, also those that make no story."""
        asked = select(relation).where(touches(relation, article_id))
        rows = self.read(lambda c: c.execute(asked.order_by(relation.c.a, relation.c.b)).all())
        return [relation_of(row) for row in rows]

    def relations(self) -> Iterator[Relation]:
        """All relations, in order of their ends."""
        asked = select(relation).order_by(relation.c.a, relation.c.b)
        with self._streaming(asked) as rows:
            for row in rows:
                yield relation_of(row)

    def decisions_of(self, article_id: int) -> list[Decision]:
        """What persons decided about an article."""
        asked = select(decision.c.a, decision.c.b, decision.c.verb)
        asked = asked.where(touches(decision, article_id)).order_by(decision.c.a, decision.c.b)
        rows = self.read(lambda c: c.execute(asked).all())
        return [Decision(row.a, row.b, Verb(row.verb)) for row in rows]

    def attributions_of(self, article_id: int) -> list[Attribution]:
        """Whom the current version of an article cites, in order of the text."""
        columns = (attribution.c[name] for name in Attribution.__dataclass_fields__)
        asked = select(*columns).where(attribution.c.article_id == article_id)
        rows = self.read(lambda c: c.execute(asked.order_by(attribution.c.id)).all())
        return [Attribution(**row._mapping) for row in rows]

    def document(self, article_id: int) -> Document:
        """The current version of an article as deduplication sees it. Raises NotFound."""
        found = self.read(lambda connection: load_documents(connection, [article_id]))
        if article_id not in found:
            raise NotFound(f"no article has the id {article_id}")
        return found[article_id]

    def quarantined(self, limit: int = 50) -> list[QuarantineRow]:
        """The articles that could not be stored, latest first."""
        columns = (quarantine.c[name] for name in QuarantineRow.__dataclass_fields__)
        asked = select(*columns).order_by(quarantine.c.id.desc()).limit(limit)
        return [QuarantineRow(**r._mapping) for r in self.read(lambda c: c.execute(asked).all())]

    def status(self) -> list[OutletStatus]:
        """How each outlet stands that has an article or a run, by name."""
        rows = {row.outlet: row for row in self.read(lambda c: c.execute(_STATUS).all())}
        edited = self.read(lambda c: {row.outlet: row.edited for row in c.execute(_EDITED)})
        runs = self.last_runs()
        return [
            OutletStatus(
                outlet=name,
                articles=rows[name].articles if name in rows else 0,
                stubs=rows[name].stubs if name in rows else 0,
                edited=edited.get(name, 0),
                gone=rows[name].gone if name in rows else 0,
                stories=rows[name].stories if name in rows else 0,
                last_captured_at=rows[name].last_captured_at if name in rows else None,
                last_published_at=rows[name].last_published_at if name in rows else None,
                last_run=runs.get(name),
            )
            for name in sorted(rows.keys() | runs.keys())
        ]

    def _stories(self, at_least: int, newest_first: bool, filters: Filters) -> Iterator[StoryRow]:
        asked = STORIES
        if where := conditions(filters):
            asked = asked.where(article.c.story_id.in_(select(article.c.story_id).where(*where)))
        by_story = article.c.story_id.desc() if newest_first else article.c.story_id
        asked = asked.order_by(by_story, article.c.id)
        with self._streaming(asked) as rows:
            for _, members in groupby(rows, key=lambda row: row.story_id):
                whole = list(members)
                if len(whole) >= at_least:
                    yield story_row(whole)

    @contextmanager
    def _streaming(self, asked: Select[Any]) -> Iterator[Iterable[AnyRow]]:
        """The rows a few at a time; a reader that stops early leaves no cursor open."""
        with (
            self.reading() as connection,
            connection.execution_options(yield_per=_AT_ONCE).execute(asked) as rows,
        ):
            yield rows

    def _resolved(self, filters: Filters) -> Filters:
        wanted = filters.get("story")
        return filters if wanted is None else {**filters, "story": self.redirect(wanted)}


_STATUS = select(
    article.c.outlet,
    func.count().label("articles"),
    func.sum(case((is_article(), 0), else_=1)).label("stubs"),
    func.count(article.c.gone_at).label("gone"),
    func.count(article.c.story_id.distinct()).label("stories"),
    func.max(article.c.last_captured_at).label("last_captured_at"),
    func.max(article.c.published_at).label("last_published_at"),
).group_by(article.c.outlet)
_WITH_SEVERAL = (
    select(version.c.article_id).group_by(version.c.article_id).having(func.count() > 1).subquery()
)
_EDITED = (
    select(article.c.outlet, func.count().label("edited"))
    .join_from(article, _WITH_SEVERAL, _WITH_SEVERAL.c.article_id == article.c.id)
    .group_by(article.c.outlet)
)


def _found(row: AnyRow | None, what: str, wanted: int) -> AnyRow:
    if row is None:
        raise NotFound(f"no {what} has the id {wanted}")
    return row
