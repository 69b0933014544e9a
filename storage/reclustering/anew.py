"""The work of `recluster`: everything compared anew, and the result written over what is held."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from dedup.bulk.bulk_clustering import BulkClustering
from dedup.bulk.spill import ObjectSpill, Spill
from dedup.bulk.union_find import UnionFind
from dedup.copies.placement import detach_document, recompute_stories
from dedup.records import Decision, Document, Features, Relation, Story
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from storage.batches import batched
from storage.engine import lock_placement
from storage.index import lookups
from storage.index.corpus import replace_scheme
from storage.index.fresh import unpack
from storage.index.placing import cite, place_article
from storage.index.settling import post, post_anew
from storage.index.sql_index import (
    SqlIndex,
    load_documents,
    load_heads,
    relation_row,
    signature_row,
)
from storage.reclustering.deciding import load_decisions
from storage.tables.articles import (
    article,
    attribution,
    band,
    fingerprint,
    is_article,
    relation,
    signature,
    story,
)
from storage.tables.columns import among

_AT_ONCE = 500
_POSTING = np.dtype([("key", "<i8"), ("owner", "<i8")])
_PARTS = 6
"""The key space is sorted in 64 parts, by so many bits."""

_SIGNED = select(
    signature.c.article_id,
    signature.c.text_hash,
    signature.c.shingles,
    signature.c.bands,
    signature.c.fingerprints,
).where(among(signature.c.article_id, "ids"))


@dataclass(frozen=True, slots=True)
class Before:
    """All whole articles in order of id, as they are held: what is placed of each (`stamps`, which
    differ if anything does), its story, and the lead of that.
    """

    ids: NDArray[np.int64]
    stamps: NDArray[np.int64]
    stories: NDArray[np.int64]
    leads: NDArray[np.int64]

    @classmethod
    def load(cls, connection: Connection) -> "Before":
        """Read them."""
        asked = (
            select(article, story.c.lead_id)
            .with_only_columns(
                article.c.id,
                article.c.version_id,
                article.c.published_at,
                article.c.seen_at,
                article.c.story_id,
                story.c.lead_id,
            )
            .join_from(article, story, story.c.id == article.c.story_id, isouter=True)
            .where(is_article())
            .order_by(article.c.id)
        )
        rows = connection.execute(asked, execution_options={"yield_per": 10_000})
        numbers = np.fromiter(
            (
                (
                    row.id,
                    hash((row.version_id, row.published_at, row.seen_at)),
                    row.story_id or 0,
                    row.lead_id or 0,
                )
                for row in rows
            ),
            np.dtype((np.int64, 4)),
        )
        return cls(*np.ascontiguousarray(numbers.reshape(-1, 4).T))

    def differing(self, now: "Before") -> NDArray[np.int64]:
        """The ids of articles that are new, or other, than here."""
        at = np.searchsorted(self.ids, now.ids).clip(max=max(len(self.ids) - 1, 0))
        if not len(self.ids):
            return now.ids
        same = (self.ids[at] == now.ids) & (self.stamps[at] == now.stamps)
        differing: NDArray[np.int64] = now.ids[~same]
        return differing


@dataclass(frozen=True, slots=True)
class _Texts:
    """The articles of a database, as a source for `dedup.bulk.bulk_clustering`."""

    connection: Connection

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        return {
            i: document
            for some in batched(sorted(ids), _AT_ONCE)
            for i, document in load_documents(self.connection, some).items()
        }

    def documents_without_text(self, ids: Collection[int]) -> Mapping[int, Document]:
        return load_heads(self.connection, ids)


class Anew:
    """What came of comparing everything anew. `stories`: for each article of `before` the first one
    of its story, by their places; `leads`: the id of that story's lead.
    """

    def __init__(
        self,
        connection: Connection,
        scheme: Scheme,
        folder: Path,
        before: Before,
        decided: Sequence[Decision],
        *,
        keep: bool,
    ) -> None:
        self.before = before
        self.stories = np.arange(len(before.ids))
        self.leads = before.ids.copy()
        self._connection = connection
        self._scheme = scheme
        self._decided = decided
        self._keep = keep
        self._renews = _is_to_be_signed(connection, scheme)
        for name in ("bulk", "kept"):
            (folder / name).mkdir()
        self._bulk = BulkClustering(_Texts(connection), scheme, folder / "bulk", decided)
        self._relations: ObjectSpill[dict[str, Any]] = ObjectSpill(folder / "kept", "relations")
        self._attributions: ObjectSpill[dict[str, Any]] = ObjectSpill(
            folder / "kept", "attributions"
        )
        self._signatures: ObjectSpill[dict[str, Any]] = ObjectSpill(folder / "kept", "signatures")
        self._keys = {
            table.name: Spill(folder / "kept", table.name, _POSTING)
            for table in (band, fingerprint)
        }

    def do(self, progress: Any) -> None:
        """Compare everything; writes nothing to the database."""
        total = 2 * len(self.before.ids)
        done = 0
        for ids in batched(self.before.ids.tolist(), _AT_ONCE):
            for article_id, found in self._read(ids):
                self._bulk.add(article_id, found)
            done += len(ids)
            progress(done, total)
        for part in self._bulk.iter_parts(lambda high: progress(total // 2 + high, total)):
            self._take(part.stories, part.relations)
        progress(total, total)

    def moved(self) -> NDArray[np.bool_]:
        """Which articles are with others than before."""
        _, old, before = np.unique(self.before.stories, return_inverse=True, return_counts=True)
        _, new, after = np.unique(self.stories, return_inverse=True, return_counts=True)
        _, pair, both = np.unique(
            old * (len(after) + 1) + new, return_inverse=True, return_counts=True
        )
        moved: NDArray[np.bool_] = (both[pair] != before[old]) | (both[pair] != after[new])
        return moved

    def store(self, connection: Connection) -> None:
        """Write the result over what is held, and place what came or changed meanwhile."""
        lock_placement(connection)
        replace_scheme(connection, self._scheme)
        for table in (relation, attribution):
            connection.execute(delete(table))
        if self._renews:
            self._sign(connection)
        for rows in batched(self._attributions.read(0), _AT_ONCE):
            connection.execute(insert(attribution), rows)
        for rows in batched(self._relations.read(0), _AT_ONCE):
            connection.execute(lookups.INSERT_RELATION, rows)
        tables = SqlIndex(connection, self._scheme)
        for stories in self._changed():
            tables.assign_stories(stories)
        self._catch_up(connection, tables)

    def _read(self, ids: Sequence[int]) -> Iterator[tuple[int, Features]]:
        """The features of these articles; what is to be written of them is set aside."""
        if self._renews or self._keep:
            documents = load_documents(self._connection, ids)
        if self._keep:
            rows = [{"article_id": i, **asdict(each)} for i in ids for each in cite(documents[i])]
            self._attributions.add(0, rows)
        if not self._renews:
            signed = self._connection.execute(_SIGNED, {"ids": ids})
            held = {row.article_id: row for row in signed}
            yield from ((i, _features_of(held[i], self._scheme)) for i in ids)
            return
        for i in ids:
            found = compute_features(documents[i], self._scheme)
            if self._keep:
                self._signatures.add(0, [signature_row(i, found)])
                self._set_aside(i, found)
            yield i, found

    def _set_aside(self, article_id: int, found: Features) -> None:
        for spill, keys in zip(self._keys.values(), (found.bands, found.fingerprints), strict=True):
            records = np.empty(len(keys), _POSTING)
            records["key"], records["owner"] = np.sort(keys), article_id
            parts = records["key"] >> (64 - _PARTS)
            for some in np.split(records, np.flatnonzero(np.diff(parts)) + 1):
                if len(some):
                    spill.add(int(some["key"][0]) >> (64 - _PARTS), some)

    def _take(self, stories: Iterable[Story], relations: Iterable[Relation]) -> None:
        if self._keep:
            self._relations.add(0, (relation_row(each) for each in relations))
        for each in stories:
            if len(each.members) > 1:
                places = np.searchsorted(self.before.ids, each.members)
                self.stories[places] = places[0]
                self.leads[places] = each.lead

    def _sign(self, connection: Connection) -> None:
        """All signatures and keys anew."""
        for table in (band, fingerprint, signature):
            connection.execute(delete(table))
        post_anew(connection)
        for rows in batched(self._signatures.read(0), _AT_ONCE):
            connection.execute(lookups.INSERT_SIGNATURE, rows)
        for name, spill in self._keys.items():
            for part in spill.buckets:
                records = np.sort(spill.read_all(part), order=("key", "owner"))
                post(connection, name, records["key"], records["owner"])

    def _changed(self) -> Iterator[list[Story]]:
        """The stories that are others than before, those that exchange members together."""
        touched = np.flatnonzero(self.moved() | (self.leads != self.before.leads))
        _, old = np.unique(self.before.stories, return_inverse=True)
        forest = UnionFind(len(old) + len(self.stories))
        for place in touched.tolist():
            forest.union(int(self.stories[place]), len(old) + int(old[place]))
        roots = np.array([forest.find(int(self.stories[place])) for place in touched], np.int64)
        order = np.lexsort((touched, self.stories[touched], roots))
        waiting: list[Story] = []
        members = 0
        for group in np.split(touched[order], np.flatnonzero(np.diff(roots[order])) + 1):
            waiting += self._stories_of(group)
            members += len(group)
            if members >= _AT_ONCE:
                yield waiting
                waiting, members = [], 0
        yield waiting

    def _stories_of(self, places: NDArray[np.int64]) -> Iterator[Story]:
        """The stories of these articles, which come story by story."""
        for some in np.split(places, np.flatnonzero(np.diff(self.stories[places])) + 1):
            if len(some):
                members = tuple(self.before.ids[some].tolist())
                yield Story(members, int(self.leads[some[0]]))

    def _catch_up(self, connection: Connection, tables: SqlIndex) -> None:
        """Place what came or changed while the work was done, and obey what was decided."""
        late = self.before.differing(Before.load(connection)).tolist()
        near = {other for i in late for other in detach_document(tables, i)}
        for ids in batched(late, _AT_ONCE):
            for document in load_documents(connection, ids).values():
                place_article(tables, document, None)
        decided = set(load_decisions(connection)) ^ set(self._decided)
        recompute_stories(tables, near | {end for each in decided for end in (each.a, each.b)})


def _is_to_be_signed(connection: Connection, scheme: Scheme) -> bool:
    """Whether an article lacks a signature of this scheme."""
    lacking = (
        select(article.c.id)
        .outerjoin_from(
            article,
            signature,
            (signature.c.article_id == article.c.id) & (signature.c.scheme == scheme.name),
        )
        .where(is_article(), signature.c.article_id.is_(None))
    )
    return connection.execute(lacking.limit(1)).first() is not None


def _features_of(row: Any, scheme: Scheme) -> Features:
    return Features(
        scheme=scheme.name,
        text_hash=row.text_hash,
        shingles=row.shingles,
        signature=np.empty(0, np.uint32),
        bands=unpack(row.bands),
        fingerprints=unpack(row.fingerprints),
    )
