"""Keeps the stories of articles and their ids: the story part of the dedup index."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import Connection, select

from dedup.lead import choose_lead
from dedup.records import Document, Member, Story
from storage.identity import make_uid
from storage.index import dedup_queries as lookups
from storage.index.story_ids import ExistingStory, assign_story_ids
from storage.tables.articles import article
from storage.tables.columns import AnyRow

IndexTable = Literal["signature", "relation", "decision", "story", "attribution"]


class InsertedIds:
    """Ids of articles that this transaction inserted and that have no rows in some tables yet.

    Such tables need not be queried for these ids.
    """

    def __init__(self) -> None:
        self._ids_without_rows: dict[IndexTable, set[int]] = {}
        self.clear()

    def add(self, article_id: int) -> None:
        """Records an article that was just inserted; no table has rows of it yet."""
        for ids in self._ids_without_rows.values():
            ids.add(article_id)

    def clear(self) -> None:
        """Forgets all ids, as after a rolled back insert."""
        self._ids_without_rows = {part: set() for part in get_args(IndexTable)}

    def ids_to_query(self, part: IndexTable, ids: Iterable[int]) -> list[int]:
        """Returns the ids for which the table may have rows."""
        blank = self._ids_without_rows[part]
        return [i for i in ids if i not in blank]

    def mark_filled(self, part: IndexTable, ids: Iterable[int]) -> None:
        """Records that the table has rows for these ids now."""
        self._ids_without_rows[part].difference_update(ids)


class StoryMembership:
    """The stories of articles, within one transaction.

    `dedup.copies.index.Graph` documents the methods that it declares.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inserted_ids = InsertedIds()
        self._recent_documents: dict[
            int, tuple[Document, bytes]
        ] = {}  # placed in this transaction, with text hashes

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        known = {
            i: Member.from_document(*self._recent_documents[i])
            for i in ids
            if i in self._recent_documents
        }
        asked = self._inserted_ids.ids_to_query("signature", [i for i in ids if i not in known])
        rows = self._connection.execute(lookups.MEMBERS_QUERY, {"ids": asked}) if asked else ()
        return known | {row.id: _member_from_row(row) for row in rows}

    def lead_of(self, document_id: int) -> int | None:
        held = self._load_stories([document_id])
        return held[0].lead_id if held else None

    def join_story(self, document_id: int, peer: int, lead: int) -> None:
        held = {row.id: row for row in self._load_stories([document_id, peer])}
        into, old = held[peer], held.get(document_id)
        if old is not None and old.story_id != into.story_id:
            self._leave_story(document_id, old, into.story_id)
        self._move_articles([document_id], into.story_id)
        if into.lead_id != lead:
            self._connection.execute(lookups.SET_LEAD, {"me": into.story_id, "lead": lead})

    def assign_stories(self, stories: Sequence[Story]) -> None:
        rows = self._load_stories([member for each in stories for member in each.members])
        before = {row.id: row.story_id for row in rows}
        leads = {row.story_id: row.lead_id for row in rows}
        sizes = self._load_story_sizes(leads)
        living = [ExistingStory(old, lead or 0, sizes[old]) for old, lead in leads.items()]
        succession = assign_story_ids(stories, before, living)
        taken = [
            self._store_story(each, known, before, leads)
            for each, known in zip(stories, succession.ids, strict=True)
        ]
        for old, heir in succession.redirects.items():
            self._connection.execute(lookups.REDIRECT_STORY, {"me": old, "into": taken[heir]})
        for old in succession.with_remaining_members:
            if leads[old] in before:
                self._update_lead(old)

    def move_to_own_story(self, document_id: int) -> None:
        """Moves a document out of its story into a story of its own."""
        held = self._load_stories([document_id])
        if not held:
            self._move_articles([document_id], self._insert_story(document_id))
        elif self._load_story_sizes([held[0].story_id])[held[0].story_id] > 1:
            self._move_articles([document_id], self._insert_story(document_id))
            if held[0].lead_id == document_id:
                self._update_lead(held[0].story_id)

    def _store_story(
        self, story: Story, known: int, before: Mapping[int, int], leads: Mapping[int, int]
    ) -> int:
        """Stores a story under the id `known`, or a new id if that is 0; returns the id."""
        story_id = known or self._insert_story(story.lead)
        if known and leads[known] != story.lead:
            self._connection.execute(lookups.SET_LEAD, {"me": known, "lead": story.lead})
        self._move_articles([i for i in story.members if before.get(i) != story_id], story_id)
        return story_id

    def _leave_story(self, document_id: int, old: AnyRow, into: int) -> None:
        """Moves a document to another story; a story left empty becomes a redirect."""
        alone = self._load_story_sizes([old.story_id])[old.story_id] == 1
        self._move_articles([document_id], into)
        if alone:
            self._connection.execute(lookups.REDIRECT_STORY, {"me": old.story_id, "into": into})
        elif old.lead_id == document_id:
            self._update_lead(old.story_id)

    def _update_lead(self, story_id: int) -> None:
        ids = select(article.c.id).where(article.c.story_id == story_id)
        members = self.members(self._connection.scalars(ids).all())
        chosen = choose_lead(members.values()).id if members else None
        self._connection.execute(lookups.SET_LEAD, {"me": story_id, "lead": chosen})

    def _insert_story(self, lead: int) -> int:
        row = {"lead_id": lead, "created_at": datetime.now(UTC)}
        return int(self._connection.scalars(lookups.INSERT_STORY, row).one())

    def _move_articles(self, ids: Sequence[int], into: int) -> None:
        if ids:
            self._connection.execute(lookups.SET_STORY, {"ids": ids, "into": into})
            self._inserted_ids.mark_filled("story", ids)

    def _load_stories(self, ids: Iterable[int]) -> Sequence[AnyRow]:
        asked = self._inserted_ids.ids_to_query("story", ids)
        return (
            self._connection.execute(lookups.STORIES_QUERY, {"ids": asked}).all() if asked else ()
        )

    def _load_story_sizes(self, stories: Collection[int]) -> Mapping[int, int]:
        rows = (
            self._connection.execute(lookups.STORY_SIZES_QUERY, {"ids": list(stories)})
            if stories
            else ()
        )
        return {row.story_id: row.size for row in rows}


def _member_from_row(row: AnyRow) -> Member:
    return Member(
        id=row.id,
        uid=make_uid(row.outlet, row.identity),
        text_hash=row.text_hash,
        outlet=row.outlet,
        rank=row.rank,
        published_at=row.published_at,
        first_seen_at=row.seen_at,
    )
