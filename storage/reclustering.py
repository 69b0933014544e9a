"""All stories anew, by the rules of this version and the decisions of persons.

The work is done in memory, beside the running database; only the result is written, in one
transaction in which articles that came meanwhile are placed too. Ids of stories are handed down as in
any other change, so what was exported keeps its meaning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from dedup.features import features
from dedup.memory import MemoryIndex
from dedup.place import place
from dedup.records import Document, Features
from storage import lookups
from storage.batches import batched
from storage.corpus import renewed_scheme, replace_scheme
from storage.deciding import Deciding
from storage.engine import lock_placement
from storage.index import SqlIndex, load_documents, relation_row
from storage.models import (
    article,
    attribution,
    band,
    fingerprint,
    is_article,
    relation,
    signature,
)
from storage.placing import cite, place_article
from storage.settling import KEEP, post_all, post_anew

_AT_ONCE = 200
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Reclustered:
    """What changed, or would. `moved`: articles that are with others than before."""

    articles: int
    stories_before: int
    stories_after: int
    moved: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """All whole articles placed anew. `versions`: article -> the version that was placed."""

    index: MemoryIndex
    versions: dict[int, int]
    features: dict[int, Features]


class Reclustering(Deciding):
    """The part of the database that can start over."""

    def recluster(self, *, dry_run: bool = False, progress: Progress | None = None) -> Reclustered:
        """Compare all articles anew and make their stories anew; `dry_run`: only say what changes.

        It also brings the signatures of an older nkwire up to date. Needs memory for all texts.
        `progress` is called now and then with the articles placed and their total. Raises
        SchemeError for a database of a newer nkwire.
        """
        with self.reading() as connection:
            scheme = renewed_scheme(connection)
            before = _companies(connection)
            done = _Work(MemoryIndex(scheme, decided=self.decisions()), {}, {})
            for document, version_id in _documents(connection):
                done.features[document.id] = features(document, scheme)
                place(done.index, document, done.features[document.id])
                done.versions[document.id] = version_id
                if progress and len(done.versions) % _AT_ONCE == 0:
                    progress(len(done.versions), len(before))
        if not dry_run:
            self.write(lambda connection: _store(connection, done))
            self._scheme = scheme
        return _compared(before, done.index)


def _documents(connection: Connection) -> Iterator[tuple[Document, int]]:
    """All whole articles in order of id, each with its current version."""
    versions = _versions(connection)
    for ids in batched(sorted(versions), _AT_ONCE):
        documents = load_documents(connection, ids)
        for i in ids:
            yield documents[i], versions[i]


def _versions(connection: Connection) -> dict[int, int]:
    asked = select(article.c.id, article.c.version_id).where(is_article())
    return {row.id: row.version_id for row in connection.execute(asked)}


def _companies(connection: Connection) -> dict[int, frozenset[int]]:
    """Each whole article with those that are in its story now."""
    asked = select(article.c.id, article.c.story_id).where(is_article())
    members: dict[int, set[int]] = {}
    for row in connection.execute(asked):
        members.setdefault(row.story_id, set()).add(row.id)
    return {i: company for ids in members.values() for company in [frozenset(ids)] for i in ids}


def _compared(before: dict[int, frozenset[int]], index: MemoryIndex) -> Reclustered:
    after = {
        i: company for s in index.stories for company in [frozenset(s.members)] for i in company
    }
    return Reclustered(
        articles=len(after),
        stories_before=len(set(before.values())),
        stories_after=len(set(after.values())),
        moved=tuple(sorted(i for i, company in after.items() if before[i] != company)),
    )


def _store(connection: Connection, done: _Work) -> None:
    lock_placement(connection)
    replace_scheme(connection, done.index.scheme)
    for table in (relation, band, fingerprint, signature, attribution):
        connection.execute(delete(table))
    post_anew(connection)
    tables = SqlIndex(connection, done.index.scheme)
    for ids in batched(done.versions, _AT_ONCE):
        for document in load_documents(connection, ids).values():
            tables.sign(document.id, done.features[document.id])
            tables.attribute(document.id, cite(document))
    for ids in batched(done.features, KEEP):
        post_all(connection, {i: done.features[i] for i in ids})
    for edges in batched(done.index.relations(done.versions), _AT_ONCE):
        connection.execute(lookups.INSERT_RELATION, [relation_row(edge) for edge in edges])
    tables.assign(done.index.stories)
    _catch_up(connection, tables, done.versions)


def _catch_up(connection: Connection, tables: SqlIndex, placed: dict[int, int]) -> None:
    """Place what came or changed while the work was done."""
    late = [i for i, version in _versions(connection).items() if placed.get(i) != version]
    for ids in batched(sorted(late), _AT_ONCE):
        for document in load_documents(connection, ids).values():
            place_article(tables, document, None)
