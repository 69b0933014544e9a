"""Keeps the stories of articles and their ids: the story part of the dedup index."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, insert, select

from dedup.lead import choose_lead
from dedup.records import Document, Member, Story
from storage.identity import make_uid
from storage.index import dedup_queries as lookups
from storage.index.loaded_rows import LoadedRows
from storage.index.story_ids import ExistingStory, assign_story_ids
from storage.tables.articles import article
from storage.tables.columns import AnyRow
from storage.tables.departures import departure

_INSERT_DEPARTURE = insert(departure)

_MAX_UNSTORED_STORIES = 10_000  # a reclustering makes as many as there are articles

IndexTable = Literal["signature", "relation", "decision", "story", "attribution", "carrier"]


@dataclass(frozen=True, slots=True)
class Move:
    """An article that went from one story to another. All are ids."""

    article: int
    left: int
    into: int


@dataclass(slots=True)
class StoryChanges:
    """What a change did to stories that existed before.

    `redirects`: the number of a story that was merged -> the story that it leads to now.
    """

    moves: list[Move] = field(default_factory=list)
    redirects: dict[int, int] = field(default_factory=dict)


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
        self._ids_without_rows = {table: set() for table in get_args(IndexTable)}

    def ids_to_query(self, table: IndexTable, ids: Iterable[int]) -> list[int]:
        """Returns the ids for which the table may have rows."""
        ids_without_rows = self._ids_without_rows[table]
        return [article_id for article_id in ids if article_id not in ids_without_rows]

    def mark_filled(self, table: IndexTable, ids: Iterable[int]) -> None:
        """Records that the table has rows for these ids now."""
        self._ids_without_rows[table].difference_update(ids)


class StoryMembership:
    """The stories of articles, within one transaction.

    `dedup.copies.index.Graph` documents the methods that it declares. `leaving`: articles that a
    person splits off; they never keep the number of a story that others stay in. `changes`: if it
    is set, all changes of this transaction are added to it. `wanted_story_ids`: the number that a
    new story gets if an article is its lead document and no story ever had the number.
    """

    leaving: Collection[int] = ()
    changes: StoryChanges | None = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inserted_ids = InsertedIds()
        self.wanted_story_ids: dict[int, int] = {}
        self._recent_documents: dict[
            int, tuple[Document, bytes]
        ] = {}  # placed in this transaction, with text hashes
        self._loaded = LoadedRows()
        self._without_story: dict[int, None] = {}  # they get stories of their own, in this order
        self.changed_story_ids: set[int] = set()  # those whose members or lead document changed

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        loaded = self._loaded.members
        known = {article_id: loaded[article_id] for article_id in ids if article_id in loaded}
        recent = {
            article_id: Member.from_document(*self._recent_documents[article_id])
            for article_id in ids
            if article_id not in known and article_id in self._recent_documents
        }
        ids_to_query = self._inserted_ids.ids_to_query(
            "signature",
            [each for each in ids if each not in known and each not in recent],
        )
        rows = (
            self._connection.execute(lookups.MEMBERS_QUERY, {"ids": ids_to_query})
            if ids_to_query
            else ()
        )
        found = recent | {row[0]: _make_member(*row) for row in rows}
        if found:
            self._loaded.add_members(found.values())
        return known | found

    def lead_of(self, document_id: int) -> int | None:
        rows = self._load_stories([document_id])
        return rows[0].lead_id if rows else None

    def has_large_story(self, ids: Collection[int], limit: int) -> bool:
        story_ids = sorted({row.story_id for row in self._load_stories(sorted(ids))})
        parameters = {"ids": story_ids, "limit": limit}
        return bool(
            story_ids and self._connection.scalar(lookups.LARGE_STORY_QUERY, parameters) is not None
        )

    def join_story(self, document_id: int, peer: int, lead: int) -> None:
        row_by_article = {row.id: row for row in self._load_stories([document_id, peer])}
        new_story, old_story = row_by_article[peer], row_by_article.get(document_id)
        if old_story is not None and old_story.story_id != new_story.story_id:
            self._leave_story(document_id, old_story, new_story.story_id)
        self._move_articles([document_id], new_story.story_id)
        if new_story.lead_id != lead:
            self._set_lead(new_story.story_id, lead)

    def assign_stories(self, stories: Sequence[Story]) -> None:
        rows = self._load_stories([member for each in stories for member in each.members])
        old_story_ids = {row.id: row.story_id for row in rows}
        lead_ids = {row.story_id: row.lead_id for row in rows}
        self.changed_story_ids.update(lead_ids)
        sizes = self._load_story_sizes(lead_ids)
        existing_stories = [
            ExistingStory(old_id, lead_id or 0, sizes[old_id])
            for old_id, lead_id in lead_ids.items()
        ]
        succession = assign_story_ids(stories, old_story_ids, existing_stories, self.leaving)
        story_ids = [
            self._store_story(each, kept_id, old_story_ids, lead_ids)
            for each, kept_id in zip(stories, succession.ids, strict=True)
        ]
        moves = [
            Move(article_id, old_id, story_id)
            for each, story_id in zip(stories, story_ids, strict=True)
            for article_id in each.members
            if (old_id := old_story_ids.get(article_id)) and old_id != story_id
        ]
        self._record_changes(
            moves, {old: story_ids[position] for old, position in succession.redirects.items()}
        )
        for old_id in succession.with_remaining_members:
            if lead_ids[old_id] in old_story_ids:
                self._update_lead(old_id)

    def move_to_own_story(self, document_id: int) -> None:
        """Moves a document out of its story into a story of its own."""
        rows = self._load_stories([document_id])
        if not rows:
            self._add_own_story(document_id)
        elif self._load_story_sizes([rows[0].story_id])[rows[0].story_id] > 1:
            new_story_id = self._insert_story(document_id)
            self._leave_story(document_id, rows[0], new_story_id)

    def _store_story(
        self,
        story: Story,
        kept_id: int,
        old_story_ids: Mapping[int, int],
        lead_ids: Mapping[int, int],
    ) -> int:
        """Stores a story under the id `kept_id`, or a new id if that is 0; returns the id.

        Returns 0 for a new article by itself: its story is stored together with others.
        """
        if not kept_id and story.members == (story.lead,) and story.lead not in old_story_ids:
            self._add_own_story(story.lead)
            return 0
        story_id = kept_id or self._insert_story(story.lead)
        if kept_id and lead_ids[kept_id] != story.lead:
            self._set_lead(kept_id, story.lead)
        self._move_articles(
            [
                article_id
                for article_id in story.members
                if old_story_ids.get(article_id) != story_id
            ],
            story_id,
        )
        return story_id

    def _leave_story(self, document_id: int, old_story: AnyRow, new_story_id: int) -> None:
        """Moves a document to another story; a story left empty becomes a redirect."""
        self.changed_story_ids.add(old_story.story_id)
        is_last_member = self._load_story_sizes([old_story.story_id])[old_story.story_id] == 1
        self._move_articles([document_id], new_story_id)
        self._record_changes(
            [Move(document_id, old_story.story_id, new_story_id)],
            {old_story.story_id: new_story_id} if is_last_member else {},
        )
        if not is_last_member and old_story.lead_id == document_id:
            self._update_lead(old_story.story_id)

    def _record_changes(self, moves: Sequence[Move], redirects: Mapping[int, int]) -> None:
        """Stores the redirects, and who left a number that does not lead to the new story.

        A former number follows its last lead document.
        """
        for old_id, story_id in redirects.items():
            self._connection.execute(lookups.REDIRECT_STORY, {"me": old_id, "into": story_id})
        now = datetime.now(UTC)
        departures = [
            {
                "story_id": move.left,
                "article_id": move.article,
                "into_id": move.into,
                "left_at": now,
            }
            for move in moves
            if redirects.get(move.left) != move.into
        ]
        if departures:
            self._connection.execute(_INSERT_DEPARTURE, departures)
            self._connection.execute(
                lookups.FOLLOW_LEAD,
                [
                    {
                        "left": each["story_id"],
                        "article": each["article_id"],
                        "target": each["into_id"],
                    }
                    for each in departures
                ],
            )
        if self.changes is not None:
            self.changes.moves += moves
            self.changes.redirects |= redirects

    def _update_lead(self, story_id: int) -> None:
        query = select(article.c.id).where(article.c.story_id == story_id)
        members = self.members(self._connection.scalars(query).all())
        lead_id = choose_lead(members.values()).id if members else None
        self._set_lead(story_id, lead_id)

    def _set_lead(self, story_id: int, lead_id: int | None) -> None:
        self._connection.execute(lookups.SET_LEAD, {"me": story_id, "lead": lead_id})
        self.changed_story_ids.add(story_id)

    def _add_own_story(self, article_id: int) -> None:
        """Gives an article without a story its own one, which `flush_stories` stores."""
        if article_id in self.wanted_story_ids:
            self._move_articles([article_id], self._insert_story(article_id))
            return
        self._without_story[article_id] = None
        if len(self._without_story) >= _MAX_UNSTORED_STORIES:
            self.flush_stories()

    def flush_stories(self) -> None:
        """Stores the new stories of single articles: they get the next numbers, in order."""
        leads = list(self._without_story)
        if not leads:
            return
        self._without_story.clear()
        now = datetime.now(UTC)
        story_ids = self._connection.scalars(
            lookups.INSERT_STORIES, [{"lead_id": each, "created_at": now} for each in leads]
        ).all()
        self._connection.execute(
            lookups.SET_OWN_STORY,
            [{"me": each, "into": into} for each, into in zip(leads, story_ids, strict=True)],
        )
        self.changed_story_ids.update(story_ids)
        self._inserted_ids.mark_filled("story", leads)

    def _insert_story(self, lead: int) -> int:
        self.flush_stories()
        row: dict[str, Any] = {"lead_id": lead, "created_at": datetime.now(UTC)}
        wanted = self.wanted_story_ids.get(lead)
        if wanted and not self._connection.scalar(lookups.STORY_EXISTS_QUERY, {"me": wanted}):
            row["id"] = wanted
        return int(self._connection.scalars(lookups.INSERT_STORY, row).one())

    def _move_articles(self, ids: Sequence[int], story_id: int) -> None:
        if ids:
            self._connection.execute(lookups.SET_STORY, {"ids": ids, "into": story_id})
            self.changed_story_ids.add(story_id)
            self._inserted_ids.mark_filled("story", ids)

    def _load_stories(self, ids: Sequence[int]) -> Sequence[AnyRow]:
        if not self._without_story.keys().isdisjoint(ids):
            self.flush_stories()
        ids_to_query = self._inserted_ids.ids_to_query("story", ids)
        return (
            self._connection.execute(lookups.STORIES_QUERY, {"ids": ids_to_query}).all()
            if ids_to_query
            else ()
        )

    def _load_story_sizes(self, story_ids: Collection[int]) -> Mapping[int, int]:
        rows = (
            self._connection.execute(lookups.STORY_SIZES_QUERY, {"ids": list(story_ids)})
            if story_ids
            else ()
        )
        return {row.story_id: row.size for row in rows}


def _make_member(
    article_id: int,
    outlet: str,
    identity: str,
    published_at: datetime | None,
    seen_at: datetime | None,
    _language: str,
    rank: int,
    text_hash: bytes,
) -> Member:
    return Member(
        id=article_id,
        uid=make_uid(outlet, identity),
        text_hash=text_hash,
        outlet=outlet,
        rank=rank,
        published_at=published_at,
        first_seen_at=seen_at,
    )
