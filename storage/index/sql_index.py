"""Implements `dedup.copies.index.Index` with tables, for corpora of any size.

It gives the same answers as `dedup.copies.memory_index.MemoryIndex`. One statement looks up all
keys of a text (about four times cheaper than one statement for each key, ten times on PostgreSQL).
No key costs more than `Scheme.hot_key` rows, however many texts hold it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from dedup.copies.index import rank_candidates
from dedup.records import (
    Attribution,
    Decision,
    DecisionVerb,
    Document,
    Features,
    Relation,
    RelationKind,
)
from dedup.reports.cues import Cues
from dedup.signature.scheme import Scheme, SchemeMismatch
from storage.batches import batched
from storage.identity import make_uid
from storage.index import dedup_queries as lookups
from storage.index.carriers import store_carrier, touch_stories
from storage.index.index_flush import sync_and_flush
from storage.index.membership import StoryMembership
from storage.index.pending_keys import PendingKeys, pack_keys, unpack_keys
from storage.index.shared_keys import count_shared_keys
from storage.index.story_figures import store_story_figures
from storage.tables.articles import band, fingerprint
from storage.tables.columns import AnyRow

_MAX_RECENT_DOCUMENTS = 1000  # documents of this transaction that are kept in memory
_MAX_UNSTORED_SIGNATURES = 500  # fewer: so the documents of these are in memory


class SqlIndex(StoryMembership):
    """The dedup index within one transaction; make a new one for each transaction.

    `dedup.copies.index.Index` documents the methods that it declares.
    `candidates` and `put` raise SchemeMismatch for features of another scheme.
    """

    keeps_spans = False

    def __init__(
        self, connection: Connection, scheme: Scheme, pending_keys: PendingKeys | None = None
    ) -> None:
        super().__init__(connection)
        self.scheme = scheme
        self._pending_keys = PendingKeys() if pending_keys is None else pending_keys
        self._is_synced = False
        self._changed_article_ids: set[int] = set()
        self._has_decisions: bool | None = None
        self._unstored_signatures: dict[int, Features] = {}

    def mark_inserted(self, article_id: int) -> None:
        """Records an article that was just inserted; other tables have no rows of it yet."""
        self._inserted_ids.add(article_id)

    def mark_changed(self, article_id: int) -> None:
        """Records that the text or the times of an article changed, for `finish`."""
        self._changed_article_ids.add(article_id)

    def replace_carrier(self, document: Document, cues: Cues | None) -> None:
        """Stores whether an article may carry a report, see `carriers.store_carrier`."""
        is_new = not self._inserted_ids.ids_to_query("carrier", [document.id])
        store_carrier(self._connection, document, cues, is_new=is_new)
        self._inserted_ids.mark_filled("carrier", [document.id])
        self.mark_changed(document.id)

    def finish(self) -> None:
        """Stores the figures of changed stories, and names the days whose reports may have changed.

        Call it at the end of the transaction.
        """
        self.flush()
        rows = (
            self._connection.execute(
                lookups.STORY_IDS_QUERY, {"ids": sorted(self._changed_article_ids)}
            )
            if self._changed_article_ids
            else ()
        )
        story_ids = {row.story_id for row in rows if row.story_id}
        changed_ids = self.changed_story_ids | story_ids
        store_story_figures(self._connection, changed_ids)
        touch_stories(self._connection, changed_ids)

    def flush(self) -> None:
        """Stores what was put off to be stored together; call it at the end of a savepoint."""
        self.flush_stories()
        self._flush_signatures()

    def reset_after_rollback(self) -> None:
        """Forgets what was cached in this transaction, after a savepoint was rolled back.

        What was put off is lost too, so `flush` comes before each savepoint.
        """
        self._without_story.clear()
        self._unstored_signatures.clear()
        self._inserted_ids.clear()
        self._recent_documents.clear()
        self._loaded.clear()
        if self._is_synced:
            self._pending_keys.sync_after_rollback(self._connection)

    def candidates(self, document_id: int, features: Features) -> Sequence[int]:
        self._check_scheme(features)
        if not len(features.bands) and not len(features.fingerprints) and not features.text_hash:
            return []
        self._sync_pending_keys()
        bands, fingerprints, may_be_printed = count_shared_keys(
            self._connection, self._pending_keys, self.scheme, document_id, features
        )
        min_shared = self.scheme.min_fingerprints
        candidate_ids = {
            *bands,
            *(article_id for article_id, count in fingerprints.items() if count >= min_shared),
        }
        hashes = {
            article_id: self._recent_documents[article_id][1]
            for article_id in candidate_ids
            if article_id in self._recent_documents
        }
        unknown = sorted(candidate_ids - hashes.keys())
        if unknown or may_be_printed:
            if may_be_printed:
                self._flush_signatures()
            parameters = {
                "me": document_id,
                "ids": unknown,
                "text_hash": features.text_hash if may_be_printed else b"",
                "prints": self.scheme.prints,
            }
            rows = self._connection.execute(lookups.CANDIDATE_HASHES_QUERY, parameters)
            hashes |= dict(rows.all())
        candidates = {
            article_id: (bands[article_id] + fingerprints[article_id], text_hash)
            for article_id, text_hash in hashes.items()
        }
        return rank_candidates(candidates, features.text_hash, self.scheme)

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        known = {
            document_id: self._recent_documents[document_id][0]
            if document_id in self._recent_documents
            else self._loaded.documents[document_id]
            for document_id in ids
            if document_id in self._recent_documents or document_id in self._loaded.documents
        }
        ids_to_query = self._inserted_ids.ids_to_query(
            "signature", [document_id for document_id in ids if document_id not in known]
        )
        if not ids_to_query:
            return known
        rows = self._connection.execute(lookups.SIGNED_DOCUMENTS_QUERY, {"ids": ids_to_query})
        documents = [make_document(*row) for row in rows]
        self._loaded.add_documents(documents)
        return known | {document.id: document for document in documents}

    def put(self, document: Document, features: Features) -> None:
        self._check_scheme(features)
        self._sync_pending_keys()
        self._remove_signature(document.id)
        self._unstored_signatures[document.id] = features
        self._inserted_ids.mark_filled("signature", [document.id])
        if len(self._unstored_signatures) >= _MAX_UNSTORED_SIGNATURES:
            self._flush_signatures()
        self._pending_keys.put(document.id, features.bands, features.fingerprints)
        self._loaded.forget_article(document.id)
        self._recent_documents.pop(document.id, None)  # so that it is the latest
        self._recent_documents[document.id] = (document, features.text_hash)
        if len(self._recent_documents) > _MAX_RECENT_DOCUMENTS:
            del self._recent_documents[next(iter(self._recent_documents))]

    def _flush_signatures(self) -> None:
        if not self._unstored_signatures:
            return
        rows = [signature_row(*each) for each in self._unstored_signatures.items()]
        self._unstored_signatures.clear()
        self._connection.execute(lookups.INSERT_SIGNATURE, rows)
        self._connection.execute(
            lookups.INSERT_PENDING, [{"article_id": row["article_id"]} for row in rows]
        )

    def remove(self, document_id: int) -> None:
        self._sync_pending_keys()
        self._remove_signature(document_id)
        self._recent_documents.pop(document_id, None)
        self._loaded.forget_article(document_id)
        self.replace_relations(document_id, ())
        self.move_to_own_story(document_id)

    def replace_relations(self, document_id: int, relations: Iterable[Relation]) -> None:
        has_rows = bool(self._inserted_ids.ids_to_query("relation", [document_id]))
        if has_rows:
            for statement in lookups.DELETE_RELATIONS:
                self._connection.execute(statement, {"me": document_id})
        self._loaded.drop_relations(document_id, is_new=not has_rows)
        self.mark_changed(document_id)
        self._insert_relations(relations)

    def amend_relations(self, changed: Iterable[Relation], dropped: Iterable[Relation]) -> None:
        changed_list = list(changed)
        ends = [{"first": edge.a, "second": edge.b} for edge in (*changed_list, *dropped)]
        if ends:
            self._connection.execute(lookups.DELETE_RELATION, ends)
        for pair in ends:
            self._loaded.drop_relation(pair["first"], pair["second"])
        self._insert_relations(changed_list)

    def _insert_relations(self, relations: Iterable[Relation]) -> None:
        edges = list(relations)
        if not edges:
            return
        self._connection.execute(lookups.INSERT_RELATION, [relation_row(edge) for edge in edges])
        for edge in edges:
            self._loaded.put_relation(edge)
            self._inserted_ids.mark_filled("relation", (edge.a, edge.b))

    def relations(self, ids: Collection[int]) -> Sequence[Relation]:
        loaded = self._loaded.relations
        edges = {
            (edge.a, edge.b): edge
            for article_id in ids
            if article_id in loaded
            for edge in loaded[article_id].values()
        }
        unknown = [article_id for article_id in ids if article_id not in loaded]
        if ids_to_query := self._inserted_ids.ids_to_query("relation", unknown):
            rows = self._connection.execute(lookups.RELATIONS_QUERY, {"ids": ids_to_query})
            edges |= {(row.a, row.b): relation_from_row(row) for row in rows}
        self._loaded.add_relations(unknown, edges.values())
        return list(edges.values())

    def decisions(self, ids: Collection[int]) -> Sequence[Decision]:
        ids_to_query = self._inserted_ids.ids_to_query("decision", ids)
        if not ids_to_query or not self._any_decision_exists():
            return []
        rows = self._connection.execute(lookups.DECISIONS_QUERY, {"ids": ids_to_query})
        return list(
            {
                (row.a, row.b): Decision(row.a, row.b, DecisionVerb(row.verb)) for row in rows
            }.values()
        )

    def replace_attributions(self, article_id: int, attributions: Iterable[Attribution]) -> None:
        """Replaces the attributions of an article; not part of `dedup.copies.index.Index`."""
        if self._inserted_ids.ids_to_query("attribution", [article_id]):
            self._connection.execute(lookups.DELETE_ATTRIBUTIONS, {"me": article_id})
        rows = [{"article_id": article_id, **asdict(each)} for each in attributions]
        if rows:
            self._connection.execute(lookups.INSERT_ATTRIBUTION, rows)
            self._inserted_ids.mark_filled("attribution", [article_id])

    def _sync_pending_keys(self) -> None:
        if not self._is_synced:
            sync_and_flush(self._connection, self._pending_keys)
            self._is_synced = True

    def _remove_signature(self, document_id: int) -> None:
        if document_id in self._unstored_signatures:
            self._flush_signatures()
        ids_to_query = self._inserted_ids.ids_to_query("signature", [document_id])
        stored_keys = (
            ids_to_query
            and self._connection.execute(lookups.STORED_KEYS_QUERY, {"me": document_id}).first()
        )
        if not stored_keys:
            return
        for postings, keys in ((band, stored_keys.bands), (fingerprint, stored_keys.fingerprints)):
            row = {"me": document_id, "hashes": unpack_keys(keys).tolist()}
            self._connection.execute(lookups.DELETE_POSTINGS[postings.name], row)
        self._connection.execute(lookups.DELETE_SIGNATURE, {"me": document_id})
        self._connection.execute(lookups.INSERT_PENDING, {"article_id": document_id})
        self._pending_keys.drop(document_id)

    def _any_decision_exists(self) -> bool:
        # The placement lock keeps other processes from adding decisions in this transaction.
        if self._has_decisions is None:
            self._has_decisions = bool(self._connection.scalar(lookups.DECISION_EXISTS_QUERY))
        return self._has_decisions

    def _check_scheme(self, features: Features) -> None:
        if features.scheme != self.scheme.name:
            raise SchemeMismatch(
                f"these features were made with scheme {features.scheme}, the database holds"
                f" {self.scheme.name}: `nkwire recluster` makes new ones"
            )


def load_documents(connection: Connection, ids: Collection[int]) -> dict[int, Document]:
    """Loads articles (stubs too) as documents by id; unknown ids are left out."""
    rows = connection.execute(lookups.DOCUMENTS_QUERY, {"ids": list(ids)})
    return {row[0]: make_document(*row) for row in rows}


def load_documents_without_text(
    connection: Connection, ids: Collection[int]
) -> dict[int, Document]:
    """Loads articles as documents without title and text, for any number of ids."""
    return {
        row[0]: make_document(*row)
        for batch in batched(sorted(ids))
        for row in connection.execute(lookups.DOCUMENTS_WITHOUT_TEXT_QUERY, {"ids": batch})
    }


def make_document(
    article_id: int,
    outlet: str,
    identity: str,
    published_at: datetime | None,
    seen_at: datetime | None,
    language: str,
    rank: int,
    title: str,
    text: str,
) -> Document:
    """Makes a document of the columns of the document queries, in their order."""
    return Document(
        id=article_id,
        uid=make_uid(outlet, identity),
        title=title,
        text=text,
        language=language,
        outlet=outlet,
        published_at=published_at,
        first_seen_at=seen_at,
        rank=rank,
    )


def signature_row(document_id: int, features: Features) -> dict[str, Any]:
    """Builds the row of `signature` for the features of a document."""
    return {
        "article_id": document_id,
        "scheme": features.scheme,
        "text_hash": features.text_hash,
        "shingles": features.shingles,
        "signature": features.signature.astype("<u4").tobytes(),
        "bands": pack_keys(features.bands),
        "fingerprints": pack_keys(features.fingerprints),
    }


def relation_row(edge: Relation) -> dict[str, Any]:
    """Builds the row of `relation`; spans are not stored but computed again on demand."""
    return {name: getattr(edge, name) for name in lookups.RELATION_FIELDS}


def relation_from_row(row: AnyRow) -> Relation:
    """Builds a relation, without its spans, from a row of `relation`."""
    return Relation(
        a=row.a,
        b=row.b,
        kind=RelationKind(row.kind),
        merges=row.merges,
        jaccard=row.jaccard,
        containment_ab=row.containment_ab,
        containment_ba=row.containment_ba,
        reason=row.reason,
        source=row.source,
    )
