"""What is read from the database: plain values, times in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from storage.records import Dateline, PageClass, Run, TimePrecision


class ArticleFilters(TypedDict, total=False):
    """Which articles are meant; all given ones must hold.

    `since` <= time < `until`, where the time is that of publication, else of the first sight.
    `story` may be an id that redirects.
    """

    since: datetime | None
    until: datetime | None
    outlet: str | None
    language: str | None
    story: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """An article with its current version, and its place in a story.

    `is_lead`: it stands for its story. `relation`: what it is to the lead document (else to the
    nearest member), "" for the lead itself. `gone_at`: when it was first found taken away.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One wording of an article. `captured_at`: None for an imported one."""

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
    published_raw: str
    modified_at: datetime | None
    rules_version: str
    content_sha256: str
    evidence: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """One fetch of an article's page. `outcome`: new, same, edited, stub, not-modified, gone, ..."""

    article_id: int
    version_id: int | None
    run_id: int | None
    fetched_at: datetime
    outcome: str
    url: str
    status: int
    body_sha256: str
    warc_file: str
    warc_offset: int
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMember:
    """An article of a story, without its words."""

    id: int
    outlet: str
    url: str
    external_id: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story with its members, in order of id. Title, text and the like are the lead document's."""

    id: int
    lead: StoryMember
    members: tuple[StoryMember, ...]
    title: str
    text: str
    lead_text: str
    rights: str

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets that printed it, each once, in alphabetical order."""
        return tuple(sorted({member.outlet for member in self.members}))

    @property
    def first_seen_at(self) -> datetime:
        """When the first member was first seen."""
        return min(member.first_seen_at for member in self.members)

    @property
    def published_at(self) -> datetime | None:
        """The earliest known publication of a member."""
        return min((m.published_at for m in self.members if m.published_at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletStatus:
    """How an outlet stands. `edited`: articles with more than one version."""

    outlet: str
    articles: int
    stubs: int
    edited: int
    gone: int
    stories: int
    last_captured_at: datetime | None
    last_published_at: datetime | None
    last_run: Run | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """An article that could not be stored. `payload`: all of it, as JSON (of a huge one the start)."""

    id: int
    outlet: str
    url: str
    reason: str
    payload: str
    added_at: datetime
