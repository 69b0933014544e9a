"""Records of the comparison of two versions. Plain values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """A field or content that a change touched; a change can have several kinds."""

    HEADLINE = "headline"
    LEAD = "lead"
    BODY = "body"
    NAMES = "names"
    NUMBERS = "numbers"
    DATE = "date"
    BYLINE = "byline"
    CAPTION = "caption"


class ChangeNature(StrEnum):
    """The nature of a change."""

    EDIT = "edit"
    REWRITE = "rewrite"  # reworded from end to end, but the same report
    RETRANSLATION = "retranslation"  # a rewrite of an edition that is itself a translation
    UPDATE = "update"  # the next stage of a wire report, announced as such: LEAD, 2nd LD, 종합
    REREAD = "reread"  # extracted by other rules; no outlet edit until re-extracted


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedVersion:
    """One version of an article, as input of the comparison.

    `published_at` and `modified_at`: timezone-aware. `is_date_only`: the publication time is known
    to the day only. `rules`: the extraction rules that read the page. `translated`: this edition is
    the outlet's own translation. `absent_fields`: fields (authors, captions) that are empty because
    the page has none, not because extraction found none.
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

    `added`, `removed`: letters and digits of title and text. `share`: these, as a share of the
    letters and digits of both versions, 0 to 1. `silent`: the page does not say that it was
    changed. `boring`: the reason why nobody needs to look at the change, "" if somebody should.
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
    """A stretch of text.

    `sign`: " " for text in both versions, "-" only in the old, "+" only in the new one.
    """

    sign: str
    text: str
