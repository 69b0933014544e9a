"""Does the work of `recluster`: compares all articles again and stores the result."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from dedup.bulk.bulk_clustering import BulkClustering
from dedup.bulk.flat_rows import mapping_codec
from dedup.bulk.spill import ObjectSpill, Spill
from dedup.bulk.task_pool import TaskPool, ThisProcess
from dedup.bulk.union_find import UnionFind
from dedup.copies.placement import detach_document, recompute_stories
from dedup.records import Attribution, Decision, Features, Relation, Story
from dedup.signature.scheme import Scheme
from storage.batches import ROWS_PER_BATCH, batched
from storage.dialects import lock_placement
from storage.index import dedup_queries as lookups
from storage.index.article_placement import place_article
from storage.index.carriers import read_again
from storage.index.corpus import replace_scheme
from storage.index.index_flush import discard_pending, insert_postings
from storage.index.sql_index import (
    SqlIndex,
    load_documents,
    relation_row,
    signature_row,
)
from storage.reclustering.article_features import (
    ArticleFeatures,
    DatabaseDocuments,
    iter_article_features,
    lacks_signatures,
)
from storage.reclustering.decisions import load_decisions
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

_ARTICLES_PER_BATCH = ROWS_PER_BATCH
_RELATION_ROWS = mapping_codec(*lookups.RELATION_FIELDS)
_ATTRIBUTION_ROWS = mapping_codec("article_id", *(each.name for each in fields(Attribution)))
_SIGNATURE_ROWS = mapping_codec(*signature.c.keys())
_POSTING_DTYPE = np.dtype([("key", "<i8"), ("owner", "<i8")])
_BUCKET_BITS = 6
"""Leading bits of a key that choose its bucket: 64 buckets, each sorted by itself."""


@dataclass(frozen=True, slots=True)
class StoredClustering:
    """The stored stories of all whole articles: four int64 arrays of equal length, in order of id.

    `version_stamps`: hashes of the current version and the times of each article; a different stamp
    means that the article must be placed again. `story_ids`, `lead_ids`: its story and the lead
    document of the story; the negative id of the article, and 0, if it is not placed yet.
    """

    ids: NDArray[np.int64]
    version_stamps: NDArray[np.int64]
    story_ids: NDArray[np.int64]
    lead_ids: NDArray[np.int64]

    @classmethod
    def load(cls, connection: Connection) -> "StoredClustering":
        """Loads the stories from the database."""
        query = (
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
        rows = connection.execute(query, execution_options={"yield_per": 10_000})
        values = np.fromiter(
            (
                (
                    row.id,
                    hash((row.version_id, row.published_at, row.seen_at)),
                    row.story_id or -row.id,
                    row.lead_id or 0,
                )
                for row in rows
            ),
            np.dtype((np.int64, 4)),
        )
        return cls(*np.ascontiguousarray(values.reshape(-1, 4).T))

    def changed_ids(self, current: "StoredClustering") -> NDArray[np.int64]:
        """Returns the ids of articles in `current` that are new or have another stamp."""
        positions = np.searchsorted(self.ids, current.ids).clip(max=max(len(self.ids) - 1, 0))
        if not len(self.ids):
            return current.ids
        is_same = (self.ids[positions] == current.ids) & (
            self.version_stamps[positions] == current.version_stamps
        )
        changed: NDArray[np.int64] = current.ids[~is_same]
        return changed


class ReclusterJob:
    """One re-clustering: `run` compares all articles, `store` writes the result.

    `before`: the stored stories. `folder`: an empty folder for intermediate results.
    `keep_results`: False if `store` will not be called. `pool`: reads and compares the texts.
    After `run`, both attributes below have one entry for each article of `before`.
    `story_positions`: the position in `before` of the first member of its story; `lead_ids`: the id
    of the lead document of its story.
    """

    def __init__(
        self,
        connection: Connection,
        scheme: Scheme,
        folder: Path,
        before: StoredClustering,
        decisions: Sequence[Decision],
        *,
        keep_results: bool,
        pool: TaskPool | None = None,
    ) -> None:
        self.before = before
        self.story_positions = np.arange(len(before.ids))
        self.lead_ids = before.ids.copy()
        self._connection = connection
        self._scheme = scheme
        self._decisions = decisions
        self._keeps_results = keep_results
        self._pool = pool or ThisProcess()
        self._renews_signatures = lacks_signatures(connection, scheme)
        for name in ("bulk", "kept"):
            (folder / name).mkdir()
        self._clustering = BulkClustering(
            DatabaseDocuments(connection, _ARTICLES_PER_BATCH),
            scheme,
            folder / "bulk",
            decisions,
            with_spans=False,
            pool=self._pool,
        )
        self._relations: ObjectSpill[dict[str, Any]] = ObjectSpill(
            folder / "kept", "relations", _RELATION_ROWS
        )
        self._attributions: ObjectSpill[dict[str, Any]] = ObjectSpill(
            folder / "kept", "attributions", _ATTRIBUTION_ROWS
        )
        self._signatures: ObjectSpill[dict[str, Any]] = ObjectSpill(
            folder / "kept", "signatures", _SIGNATURE_ROWS
        )
        self._key_spills = {
            table.name: Spill(folder / "kept", table.name, _POSTING_DTYPE)
            for table in (band, fingerprint)
        }

    def run(self, progress: Any) -> None:
        """Compares all articles; writes nothing to the database.

        `progress` is called with the work done and the total; each article counts twice. Raises
        OSError if the folder's disk is full.
        """
        total = 2 * len(self.before.ids)
        done = 0
        for batch in iter_article_features(
            self._connection,
            batched(self.before.ids.tolist(), _ARTICLES_PER_BATCH),
            self._scheme,
            self._pool,
            renews_signatures=self._renews_signatures,
            with_attributions=self._keeps_results,
        ):
            for found in batch:
                self._add_article(found)
            done += len(batch)
            progress(done, total)
        for part in self._clustering.iter_parts(
            lambda compared_count: progress(total // 2 + compared_count, total)
        ):
            self._add_results(part.stories, part.relations)
        progress(total, total)

    def moved_mask(self) -> NDArray[np.bool_]:
        """Returns a mask over `before.ids`: articles whose story has other members now."""
        _, old_story, old_sizes = np.unique(
            self.before.story_ids, return_inverse=True, return_counts=True
        )
        _, new_story, new_sizes = np.unique(
            self.story_positions, return_inverse=True, return_counts=True
        )
        _, pair, shared_sizes = np.unique(
            old_story * (len(new_sizes) + 1) + new_story, return_inverse=True, return_counts=True
        )
        is_moved: NDArray[np.bool_] = (shared_sizes[pair] != old_sizes[old_story]) | (
            shared_sizes[pair] != new_sizes[new_story]
        )
        return is_moved

    def store(self, connection: Connection) -> None:
        """Writes the result, and places articles that arrived or changed since `before`."""
        lock_placement(connection)
        replace_scheme(connection, self._scheme)
        for table in (relation, attribution):
            connection.execute(delete(table))
        if self._renews_signatures:
            self._replace_signatures(connection)
        for rows in batched(self._attributions.read(0), _ARTICLES_PER_BATCH):
            connection.execute(insert(attribution), rows)
        for rows in batched(self._relations.read(0), _ARTICLES_PER_BATCH):
            connection.execute(lookups.INSERT_RELATION, rows)
        index = SqlIndex(connection, self._scheme)
        for stories in self._iter_changed_stories():
            index.assign_stories(stories)
        self._apply_late_changes(connection, index)
        index.finish()
        if (self.before.story_ids < 0).any():
            read_again(connection)

    def _add_article(self, found: ArticleFeatures) -> None:
        """Adds an article to the clustering; spills the rows that `store` writes later."""
        if self._keeps_results:
            self._attributions.add(0, found.attributions)
        if self._keeps_results and self._renews_signatures:
            self._signatures.add(0, [signature_row(found.article_id, found.features)])
            self._spill_keys(found.article_id, found.features)
        self._clustering.add(found.article_id, found.features)

    def _spill_keys(self, article_id: int, features: Features) -> None:
        for spill, keys in zip(
            self._key_spills.values(), (features.bands, features.fingerprints), strict=True
        ):
            records = np.empty(len(keys), _POSTING_DTYPE)
            records["key"], records["owner"] = np.sort(keys), article_id
            buckets = records["key"] >> (64 - _BUCKET_BITS)
            for bucket_records in np.split(records, np.flatnonzero(np.diff(buckets)) + 1):
                if len(bucket_records):
                    spill.add(int(bucket_records["key"][0]) >> (64 - _BUCKET_BITS), bucket_records)

    def _add_results(self, stories: Iterable[Story], relations: Iterable[Relation]) -> None:
        if self._keeps_results:
            self._relations.add(0, (relation_row(each) for each in relations))
        for each in stories:
            if len(each.members) > 1:
                positions = np.searchsorted(self.before.ids, each.members)
                self.story_positions[positions] = positions[0]
                self.lead_ids[positions] = each.lead

    def _replace_signatures(self, connection: Connection) -> None:
        """Replaces all signatures and all keys of the inverted indexes."""
        for table in (band, fingerprint, signature):
            connection.execute(delete(table))
        discard_pending(connection)
        for rows in batched(self._signatures.read(0), _ARTICLES_PER_BATCH):
            connection.execute(lookups.INSERT_SIGNATURE, rows)
        for name, spill in self._key_spills.items():
            for bucket in spill.buckets:
                records = np.sort(spill.read_all(bucket), order=("key", "owner"))
                insert_postings(connection, name, records["key"], records["owner"])

    def _iter_changed_stories(self) -> Iterator[list[Story]]:
        """Yields batches of changed stories; stories that exchange members are in one batch."""
        changed = np.flatnonzero(self.moved_mask() | (self.lead_ids != self.before.lead_ids))
        _, old_stories = np.unique(self.before.story_ids, return_inverse=True)
        forest = UnionFind(len(old_stories) + len(self.story_positions))
        for position in changed.tolist():
            forest.union(
                int(self.story_positions[position]), len(old_stories) + int(old_stories[position])
            )
        roots = np.array(
            [forest.find(int(self.story_positions[position])) for position in changed], np.int64
        )
        order = np.lexsort((changed, self.story_positions[changed], roots))
        batch: list[Story] = []
        member_count = 0
        for group in np.split(changed[order], np.flatnonzero(np.diff(roots[order])) + 1):
            batch += self._iter_stories(group)
            member_count += len(group)
            if member_count >= _ARTICLES_PER_BATCH:
                yield batch
                batch, member_count = [], 0
        yield batch

    def _iter_stories(self, positions: NDArray[np.int64]) -> Iterator[Story]:
        """Yields the stories of these articles, which are grouped by story."""
        for story_positions in np.split(
            positions, np.flatnonzero(np.diff(self.story_positions[positions])) + 1
        ):
            if len(story_positions):
                members = tuple(self.before.ids[story_positions].tolist())
                yield Story(members, int(self.lead_ids[story_positions[0]]))

    def _apply_late_changes(self, connection: Connection, index: SqlIndex) -> None:
        """Places articles that arrived or changed since the start, and applies new decisions.

        What arrived to be placed later waits for the next reclustering.
        """
        index.flush()
        current = StoredClustering.load(connection)
        unplaced_ids = set(current.ids[current.story_ids < 0].tolist())
        late_ids = [
            each for each in self.before.changed_ids(current).tolist() if each not in unplaced_ids
        ]
        neighbour_ids = {
            neighbour_id for late_id in late_ids for neighbour_id in detach_document(index, late_id)
        }
        for ids in batched(late_ids, _ARTICLES_PER_BATCH):
            for document in load_documents(connection, ids).values():
                place_article(index, document, None)
        changed_decisions = set(load_decisions(connection)) ^ set(self._decisions)
        recompute_stories(
            index,
            neighbour_ids
            | {
                article_id
                for decision in changed_decisions
                for article_id in (decision.a, decision.b)
            },
        )
