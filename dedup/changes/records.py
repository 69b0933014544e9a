"""What is compared and what is said of it. Plain values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What a change touched; a change may have several."""

    HEADLINE = "headline"
    LEAD = "lead"
    BODY = "body"
    NAMES = "names"
    NUMBERS = "numbers"
    DATE = "date"
    BYLINE = "byline"
    CAPTION = "caption"


class ChangeNature(StrEnum):
    """What a change is."""

    EDIT = "edit"
    REWRITE = "rewrite"  # worded anew from end to end, the same report all the same
    RETRANSLATION = "retranslation"  # a rewrite of an edition that is itself a translation
    UPDATE = "update"  # the next stage of a wire report, announced as such: LEAD, 2nd LD, 종합
    REREAD = "reread"  # the page was read by other rules: our doing until the old one is re-read


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedVersion:
    """One version of an article as it is compared.

    `published_at`: aware; `published_by_day`: known no more exactly than to the day. `rules`: by
    which rules it was read. `translated`: the edition is a translation by the outlet itself. `lacks`:
    fields (authors, captions) that are empty because the page has none, not because none was found.
    """

    title: str
    text: str
    lead: str = ""
    authors: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    published_at: datetime | None = None
    is_date_only: bool = False
    modified_at: datetime | None = None
    language: str = ""
    rules: str = ""
    translated: bool = False
    absent_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The difference between two versions.

    `added`, `removed`: letters and digits of title and text; `share`: of both versions' letters, 0
    to 1. `silent`: the page does not tell that it was changed. `boring`: why nobody need look, "" if
    one should.
    """

    kinds: tuple[ChangeKind, ...]
    nature: ChangeNature
    added: int
    removed: int
    share: float
    silent: bool
    boring: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: " " is in both versions, "-" only in the old, "+" only in the new one."""

    sign: str
    text: str
