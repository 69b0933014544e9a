"""`dedup.index.Index` in tables: the same answers as `dedup.memory.MemoryIndex`, for any size.

All keys of a text are asked for in one statement (about four times cheaper than one at a time, ten
times on PostgreSQL), and no key costs more than `Scheme.hot_key` rows, however many texts hold it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, delete, insert, select

from dedup.lead import lead
from dedup.records import Decision, Document, Features, Member, Relation, RelationKind, Story, Verb
from dedup.scheme import Scheme, SchemeMismatch
from storage import lookups
from storage.columns import AnyRow
from storage.identity import uid
from storage.models import article, band, fingerprint, relation, signature, story
from storage.succession import Living, succeed


class SqlIndex:
    """The index within one transaction: it sees what the transaction sees, and ends with it."""

    def __init__(self, connection: Connection, scheme: Scheme) -> None:
        self.scheme = scheme
        self._connection = connection

    def candidates(self, document_id: int, features: Features) -> Sequence[int]:
        self._check(features)
        limits = {
            "me": document_id,
            "hot_key": self.scheme.hot_key,
            "hot_sample": self.scheme.hot_sample - 1,
            "least": self.scheme.min_fingerprints,
            "bands": features.bands.tolist(),
            "fingerprints": features.fingerprints.tolist(),
        }
        found: dict[int, tuple[int, bytes]] = {}
        if len(features.bands) or len(features.fingerprints):
            rows = self._connection.execute(lookups.CANDIDATES, limits)
            found = {row.article_id: (row.hits, row.text_hash) for row in rows}
        twin = self._twin(document_id, features.text_hash)
        if twin and twin not in found:
            found[twin] = (0, features.text_hash)
        return _ranked(found, features.text_hash)[: self.scheme.max_candidates]

    def documents(self, ids: Collection[int]) -> Mapping[int, Document]:
        rows = self._connection.execute(lookups.PLACED_DOCUMENTS, {"ids": list(ids)}) if ids else ()
        return {row.id: document_of(row) for row in rows}

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        rows = self._connection.execute(lookups.MEMBERS, {"ids": list(ids)}) if ids else ()
        return {row.id: _member_of(row) for row in rows}

    def put(self, document: Document, features: Features) -> None:
        self._check(features)
        self._unpost(document.id)
        row = {
            "article_id": document.id,
            "scheme": features.scheme,
            "text_hash": features.text_hash,
            "shingles": features.shingles,
            "signature": features.signature.astype("<u4").tobytes(),
            "bands": pack(features.bands),
            "fingerprints": pack(features.fingerprints),
        }
        self._connection.execute(insert(signature), row)
        self._post(band, document.id, features.bands)
        self._post(fingerprint, document.id, features.fingerprints)

    def remove(self, document_id: int) -> None:
        self._unpost(document_id)
        self.relate(document_id, ())
        held = self._connection.execute(lookups.STORIES_OF, {"ids": [document_id]}).one_or_none()
        if held is not None and self._sizes([held.story_id])[held.story_id] > 1:
            self._move([document_id], self._new_story(document_id))
            if held.lead_id == document_id:
                self._choose_lead(held.story_id)

    def relate(self, document_id: int, relations: Iterable[Relation]) -> None:
        for statement in lookups.UNRELATE:
            self._connection.execute(statement, {"me": document_id})
        rows = [
            {name: getattr(edge, name) for name in lookups.RELATION_FIELDS} for edge in relations
        ]
        if rows:
            self._connection.execute(insert(relation), rows)

    def relations(self, ids: Collection[int]) -> Sequence[Relation]:
        rows = self._connection.execute(lookups.RELATIONS, {"ids": list(ids)}) if ids else ()
        return list({(row.a, row.b): relation_of(row) for row in rows}.values())

    def decisions(self, ids: Collection[int]) -> Sequence[Decision]:
        rows = self._connection.execute(lookups.DECISIONS, {"ids": list(ids)}) if ids else ()
        return list(
            {(row.a, row.b): Decision(row.a, row.b, Verb(row.verb)) for row in rows}.values()
        )

    def lead(self, document_id: int) -> int | None:
        row = self._connection.execute(lookups.STORIES_OF, {"ids": [document_id]}).one_or_none()
        return None if row is None else row.lead_id

    def join(self, document_id: int, peer: int, lead: int) -> None:
        rows = self._connection.execute(lookups.STORIES_OF, {"ids": [document_id, peer]}).all()
        held = {row.id: row for row in rows}
        into, old = held[peer], held.get(document_id)
        if old is not None and old.story_id != into.story_id:
            self._leave(document_id, old, into.story_id)
        self._move([document_id], into.story_id)
        if into.lead_id != lead:
            self._connection.execute(lookups.SET_LEAD, {"me": into.story_id, "lead": lead})

    def assign(self, stories: Sequence[Story]) -> None:
        ids = [member for each in stories for member in each.members]
        rows = self._connection.execute(lookups.STORIES_OF, {"ids": ids}).all()
        before = {row.id: row.story_id for row in rows}
        leads = {row.story_id: row.lead_id for row in rows}
        sizes = self._sizes(leads)
        living = [Living(old, lead or 0, sizes[old]) for old, lead in leads.items()]
        succession = succeed(stories, before, living)
        taken = [
            self._settle(each, known, before, leads)
            for each, known in zip(stories, succession.ids, strict=True)
        ]
        for old, heir in succession.redirects.items():
            self._connection.execute(lookups.REDIRECT, {"me": old, "into": taken[heir]})
        for old in succession.left:
            if leads[old] in before:
                self._choose_lead(old)

    def _settle(
        self, story: Story, known: int, before: Mapping[int, int], leads: Mapping[int, int]
    ) -> int:
        """Give a story its id and its members; returns the id."""
        story_id = known or self._new_story(story.lead)
        if known and leads[known] != story.lead:
            self._connection.execute(lookups.SET_LEAD, {"me": known, "lead": story.lead})
        self._move([i for i in story.members if before.get(i) != story_id], story_id)
        return story_id

    def _leave(self, document_id: int, old: AnyRow, into: int) -> None:
        """Take a document out of a story; an empty one becomes a redirect."""
        if self._sizes([old.story_id])[old.story_id] == 1:
            self._move([document_id], into)
            self._connection.execute(lookups.REDIRECT, {"me": old.story_id, "into": into})
        elif old.lead_id == document_id:
            self._move([document_id], into)
            self._choose_lead(old.story_id)

    def _choose_lead(self, story_id: int) -> None:
        ids = select(article.c.id).where(article.c.story_id == story_id)
        members = self.members(self._connection.scalars(ids).all())
        chosen = lead(members.values()).id if members else None
        self._connection.execute(lookups.SET_LEAD, {"me": story_id, "lead": chosen})

    def _new_story(self, lead: int) -> int:
        row = {"lead_id": lead, "created_at": datetime.now(UTC)}
        return int(self._connection.scalars(insert(story).returning(story.c.id), row).one())

    def _move(self, ids: Sequence[int], into: int) -> None:
        if ids:
            self._connection.execute(lookups.MOVE, {"ids": ids, "into": into})

    def _sizes(self, stories: Collection[int]) -> Mapping[int, int]:
        rows = self._connection.execute(lookups.SIZES, {"ids": list(stories)}) if stories else ()
        return {row.story_id: row.size for row in rows}

    def _twin(self, document_id: int, text_hash: bytes) -> int:
        if not text_hash:
            return 0
        asked = {"me": document_id, "text_hash": text_hash}
        return self._connection.scalar(lookups.TWIN, asked) or 0

    def _post(self, postings: Table, document_id: int, keys: NDArray[np.int64]) -> None:
        if len(keys):
            row = {"me": document_id, "hashes": np.unique(keys).tolist()}
            self._connection.execute(lookups.POST[postings.name], row)

    def _unpost(self, document_id: int) -> None:
        held = self._connection.execute(lookups.HELD_KEYS, {"me": document_id}).one_or_none()
        if held is None:
            return
        for postings, keys in ((band, held.bands), (fingerprint, held.fingerprints)):
            asked = {"me": document_id, "hashes": unpack(keys).tolist()}
            self._connection.execute(lookups.UNPOST[postings.name], asked)
        self._connection.execute(delete(signature).where(signature.c.article_id == document_id))

    def _check(self, features: Features) -> None:
        if features.scheme != self.scheme.name:
            raise SchemeMismatch(
                f"these features were made with scheme {features.scheme}, the database holds"
                f" {self.scheme.name}: make them anew with `nkwire recluster`"
            )


def pack(keys: NDArray[np.int64]) -> bytes:
    """int64 little-endian, the same on every machine."""
    return keys.astype("<i8").tobytes()


def unpack(keys: bytes) -> NDArray[np.int64]:
    """What `pack` packed."""
    return np.frombuffer(keys, "<i8").astype(np.int64)


def load_documents(connection: Connection, ids: Collection[int]) -> dict[int, Document]:
    """Articles as deduplication sees them, stubs too; unknown ids are left out."""
    rows = connection.execute(lookups.DOCUMENTS, {"ids": list(ids)})
    return {row.id: document_of(row) for row in rows}


def document_of(row: AnyRow) -> Document:
    return Document(
        id=row.id,
        uid=uid(row.outlet, row.identity),
        title=row.title,
        text=row.text,
        language=row.language,
        outlet=row.outlet,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        rank=row.rank,
    )


def relation_of(row: AnyRow) -> Relation:
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


def _member_of(row: AnyRow) -> Member:
    return Member(
        id=row.id,
        uid=uid(row.outlet, row.identity),
        text_hash=row.text_hash,
        outlet=row.outlet,
        rank=row.rank,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
    )


def _ranked(found: Mapping[int, tuple[int, bytes]], text_hash: bytes) -> list[int]:
    """The same text first, then most hits; of other documents with one text only the first."""
    firsts: dict[bytes, int] = {}
    for i in sorted(found):
        firsts.setdefault(found[i][1] or i.to_bytes(8), i)
    return sorted(
        firsts.values(),
        key=lambda i: (not text_hash or found[i][1] != text_hash, -found[i][0], i),
    )
