"""Which story each article is in: the part of the index that hands story ids down."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import Connection, select

from dedup.lead import choose_lead
from dedup.records import Document, Member, Story
from storage.identity import uid
from storage.index import lookups
from storage.index.succession import Living, succeed
from storage.tables.articles import article
from storage.tables.columns import AnyRow

Part = Literal["signature", "relation", "decision", "story", "attribution"]


class News:
    """Articles inserted in this transaction, of which some tables hold nothing yet: not to be asked."""

    def __init__(self) -> None:
        self._blank: dict[Part, set[int]] = {}
        self.forget()

    def expect(self, article_id: int) -> None:
        """Say that an article was just inserted."""
        for ids in self._blank.values():
            ids.add(article_id)

    def forget(self) -> None:
        """Take nothing for granted, as after an insert that was undone."""
        self._blank = {part: set() for part in get_args(Part)}

    def asked(self, part: Part, ids: Iterable[int]) -> list[int]:
        """The ids of which the table may hold something."""
        blank = self._blank[part]
        return [i for i in ids if i not in blank]

    def filled(self, part: Part, ids: Iterable[int]) -> None:
        """Say that the table holds something of these now."""
        self._blank[part].difference_update(ids)


class Membership:
    """The stories of articles, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._news = News()
        self._put: dict[int, tuple[Document, bytes]] = {}  # in this transaction, with text hashes

    def members(self, ids: Collection[int]) -> Mapping[int, Member]:
        known = {i: Member.from_document(*self._put[i]) for i in ids if i in self._put}
        asked = self._news.asked("signature", [i for i in ids if i not in known])
        rows = self._connection.execute(lookups.MEMBERS, {"ids": asked}) if asked else ()
        return known | {row.id: _member_of(row) for row in rows}

    def lead_of(self, document_id: int) -> int | None:
        held = self._stories_of([document_id])
        return held[0].lead_id if held else None

    def join_story(self, document_id: int, peer: int, lead: int) -> None:
        held = {row.id: row for row in self._stories_of([document_id, peer])}
        into, old = held[peer], held.get(document_id)
        if old is not None and old.story_id != into.story_id:
            self._leave(document_id, old, into.story_id)
        self._move([document_id], into.story_id)
        if into.lead_id != lead:
            self._connection.execute(lookups.SET_LEAD, {"me": into.story_id, "lead": lead})

    def assign_stories(self, stories: Sequence[Story]) -> None:
        rows = self._stories_of([member for each in stories for member in each.members])
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

    def stand_alone(self, document_id: int) -> None:
        """Put a document into a story of its own, out of any other."""
        held = self._stories_of([document_id])
        if not held:
            self._move([document_id], self._new_story(document_id))
        elif self._sizes([held[0].story_id])[held[0].story_id] > 1:
            self._move([document_id], self._new_story(document_id))
            if held[0].lead_id == document_id:
                self._choose_lead(held[0].story_id)

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
        """Go over to another story; an empty one becomes a redirect."""
        alone = self._sizes([old.story_id])[old.story_id] == 1
        self._move([document_id], into)
        if alone:
            self._connection.execute(lookups.REDIRECT, {"me": old.story_id, "into": into})
        elif old.lead_id == document_id:
            self._choose_lead(old.story_id)

    def _choose_lead(self, story_id: int) -> None:
        ids = select(article.c.id).where(article.c.story_id == story_id)
        members = self.members(self._connection.scalars(ids).all())
        chosen = choose_lead(members.values()).id if members else None
        self._connection.execute(lookups.SET_LEAD, {"me": story_id, "lead": chosen})

    def _new_story(self, lead: int) -> int:
        row = {"lead_id": lead, "created_at": datetime.now(UTC)}
        return int(self._connection.scalars(lookups.INSERT_STORY, row).one())

    def _move(self, ids: Sequence[int], into: int) -> None:
        if ids:
            self._connection.execute(lookups.MOVE, {"ids": ids, "into": into})
            self._news.filled("story", ids)

    def _stories_of(self, ids: Iterable[int]) -> Sequence[AnyRow]:
        asked = self._news.asked("story", ids)
        return self._connection.execute(lookups.STORIES_OF, {"ids": asked}).all() if asked else ()

    def _sizes(self, stories: Collection[int]) -> Mapping[int, int]:
        rows = self._connection.execute(lookups.SIZES, {"ids": list(stories)}) if stories else ()
        return {row.story_id: row.size for row in rows}


def _member_of(row: AnyRow) -> Member:
    return Member(
        id=row.id,
        uid=uid(row.outlet, row.identity),
        text_hash=row.text_hash,
        outlet=row.outlet,
        rank=row.rank,
        published_at=row.published_at,
        first_seen_at=row.seen_at,
    )
