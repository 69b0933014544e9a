"""The values that reading from the database returns. All times are in UTC."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from dedup.statements.statement_level import StatementLevel
from storage.records import CaptureOutcome, Dateline, PageClass, Run, TimePrecision
from storage.stated_time import StatedTime, make_stated_time
from storage.tables.columns import Names


class ArticleFilters(TypedDict, total=False):
    """The filters that select articles. An article must pass all filters that are given.

    `since` <= time < `until`, where the time is the publication time, or `first_seen_at` if there
    is none. `outlet`: one name or several. `language` is an ISO 639-1 code. `story` may be the id of a story that was merged into
    another. `statement_level`: the article has one of these levels. `dated`: whether the time of
    publication is known.
    """

    since: datetime | None
    until: datetime | None
    outlet: Names | None
    language: str | None
    story: int | None
    statement_level: Collection[str] | None
    dated: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """An article with its current version and its place in a story.

    `is_lead`: the article is the lead document of its story. `relation`: the kind of its relation
    to the lead document, or to the most similar member if it has none to the lead; "" for the lead
    document itself. `gone_at`: when a capture first found the page removed. `story_id`: negative if
    the article is not placed yet (`storage.index.unplaced`).
    """

    id: int
    outlet: str
    url: str
    canonical_url: str
    key: str
    external_id: str
    page_class: PageClass
    title: str
    text: str
    lead: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    language: str
    dateline: Dateline | None
    captions: tuple[str, ...]
    published_at: datetime | None
    published_precision: TimePrecision | None
    published_source: str
    published_raw: str
    modified_at: datetime | None
    first_seen_at: datetime
    last_poll_without_at: datetime | None
    last_captured_at: datetime | None
    gone_at: datetime | None
    rights: str
    rules_version: str
    version_id: int
    story_id: int
    is_lead: bool
    relation: str
    statement_level: StatementLevel

    @property
    def published(self) -> StatedTime | None:
        """The publication time as precisely as the outlet states it."""
        return make_stated_time(self.published_at, self.published_precision, self.published_source)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of an article. `captured_at` is None for an imported version."""

    id: int
    article_id: int
    current: bool
    captured_at: datetime | None
    stored_at: datetime
    page_class: PageClass
    title: str
    text: str
    lead: str
    published_at: datetime | None
    published_precision: TimePrecision | None
    published_raw: str
    modified_at: datetime | None
    rules_version: str
    content_sha256: str
    evidence: dict[str, str]

    @property
    def published(self) -> StatedTime | None:
        """The publication time as precisely as the outlet states it."""
        return make_stated_time(self.published_at, self.published_precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """One capture of an article page.

    `outcome`, `detail`: see `storage.records.CaptureResult`. `warc_offset`: in bytes.
    `truncated`: the body was cut off.
    """

    article_id: int
    version_id: int | None
    run_id: int | None
    fetched_at: datetime
    outcome: CaptureOutcome
    detail: str
    url: str
    status: int
    body_sha256: str
    warc_file: str
    warc_offset: int
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMember:
    """An article of a story, without its title and text."""

    id: int
    outlet: str
    url: str
    external_id: str
    language: str
    published_at: datetime | None
    published_precision: TimePrecision | None
    first_seen_at: datetime
    statement_level: StatementLevel

    @property
    def published(self) -> StatedTime | None:
        """The publication time as precisely as the outlet states it."""
        return make_stated_time(self.published_at, self.published_precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story with its members in order of id.

    `title`, `text`, `lead_text` and `rights` are those of the lead document.
    """

    id: int
    lead: StoryMember
    members: tuple[StoryMember, ...]
    title: str
    text: str
    lead_text: str
    rights: str

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets of the members, each once, in alphabetical order."""
        return tuple(sorted({member.outlet for member in self.members}))

    @property
    def first_seen_at(self) -> datetime:
        """When the first member was first seen."""
        return min(member.first_seen_at for member in self.members)

    @property
    def last_seen_at(self) -> datetime:
        """When the last member was first seen."""
        return max(member.first_seen_at for member in self.members)

    @property
    def last_published(self) -> StatedTime | None:
        """The latest known publication time of a member, as precisely as it is stated."""
        stated = (member.published for member in self.members)
        return max((each for each in stated if each), key=lambda each: each.at, default=None)

    @property
    def published_at(self) -> datetime | None:
        """The earliest known publication time of a member."""
        return self.published.at if self.published else None

    @property
    def published(self) -> StatedTime | None:
        """The earliest known publication time of a member, as precisely as it is stated."""
        stated = (member.published for member in self.members)
        return min((each for each in stated if each), key=lambda each: each.at, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """An article that left a story, in which others stayed.

    `left`: the number that the story had then. `story_id`: the story that the article is in now.
    """

    article_id: int
    left: int
    story_id: int
    left_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryNumber:
    """What the number of a story, once given, leads to.

    `story_id`: the story that has it now, or the one that it was merged into. `departures`: the
    articles that left and are in another story now, in the order in which they left.
    """

    number: int
    story_id: int
    departures: tuple[Departure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletStatus:
    """The number of stored articles of an outlet, and its last run.

    `stubs`: articles of which only title and lead paragraph are known. `edited`: articles with more
    than one version. `gone`: articles whose page was removed. `stories`: stories with a member.
    `last_clock_published_at`: the latest publication time of which the time of day is known.
    """

    outlet: str
    articles: int
    stubs: int
    edited: int
    gone: int
    stories: int
    last_captured_at: datetime | None
    last_published_at: datetime | None
    last_clock_published_at: datetime | None
    last_run: Run | None

    @property
    def last_published(self) -> StatedTime | None:
        """The latest publication time, as precisely as it is stated."""
        has_clock = self.last_published_at == self.last_clock_published_at
        return make_stated_time(self.last_published_at, None if has_clock else TimePrecision.DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """An article that could not be stored.

    `payload`: its fields as JSON, cut off if they are very long.
    """

    id: int
    outlet: str
    url: str
    reason: str
    payload: str
    added_at: datetime
