"""Defines the tables of reports: which articles carry which report, worked out day by day.

`carrier` and `carrying_story` are written in the transaction that saves an article or changes its
story. `touched_day` then names the days that must be worked out again. `report`, `carried` and
`report_redirect` are the result, replaced in one transaction with the deletion of those names. So
a process may be killed at any moment: what is stored is whole, and the next process goes on.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    true,
)

from storage.tables.articles import metadata
from storage.tables.columns import EnumText, Id, UtcDateTime


class RedirectReason(StrEnum):
    """Why a number of a report leads elsewhere."""

    MERGED = "merged"  # it is one report with another one now
    GONE = "gone"  # none of its articles is sure to carry a report any more


class CarrierColumns(TypedColumns):
    """An article that may carry a report. `cues`: as `dedup.reports.cues.encode_cues` makes them.
    `carries`: whether it is sure enough to make a report by itself. `brought_number`: the number of
    its report in the export that it came from; its report gets it here too if it is free.
    """

    article_id: Named[int] = Column(
        Id, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    cues_version: Named[str] = Column(Text)
    cues: Named[bytes] = Column(LargeBinary)
    carries: Named[bool] = Column(Boolean)
    brought_number: Named[int | None] = Column(BigInteger)


carrier = Table("carrier", metadata, CarrierColumns)


class CarryingStoryColumns(TypedColumns):
    """A story with a carrier. `article_id`: its most senior carrier, which stands for it. `day`: the
    day of that article in Pyongyang. `report_id`: NULL until it is worked out; negative for a group
    of stories that is no report, because none of its articles is sure to carry one.
    """

    story_id: Named[int] = Column(Id, ForeignKey("story.id"), primary_key=True, autoincrement=False)
    article_id: Named[int] = Column(BigInteger)
    day: Named[date] = Column(Date)
    carries: Named[bool] = Column(Boolean)
    report_id: Named[int | None] = Column(BigInteger)


carrying_story = Table(
    "carrying_story", metadata, CarryingStoryColumns, Index(None, "day"), Index(None, "report_id")
)


class TouchedDayColumns(TypedColumns):
    """A day to work out again: since `touched_at`, because of this story (NULL: of any)."""

    id: Named[int] = Column(Id, primary_key=True)
    day: Named[date] = Column(Date)
    story_id: Named[int | None] = Column(BigInteger)
    touched_at: Named[datetime] = Column(UtcDateTime)


touched_day = Table(
    "touched_day", metadata, TouchedDayColumns, Index(None, "day"), sqlite_autoincrement=True
)


class ReportColumns(TypedColumns):
    """A report. `lead_id`: its lead document. `agency`: the outlet of the lead document if that is of
    the agency, else the name of the agency that most of its articles cite, "" if none is cited.
    `day`: its first day in Pyongyang. `outlets`, `articles`: their number. `first_at`, `last_at`:
    the times (`carried.at`) of its first and last article.
    """

    id: Named[int] = Column(Id, primary_key=True)
    lead_id: Named[int] = Column(Id, ForeignKey("article.id"))
    agency: Named[str] = Column(Text)
    day: Named[date] = Column(Date)
    outlets: Named[int] = Column(Integer)
    articles: Named[int] = Column(Integer)
    first_at: Named[datetime] = Column(UtcDateTime)
    last_at: Named[datetime] = Column(UtcDateTime)
    worked_out_at: Named[datetime] = Column(UtcDateTime)


report = Table(
    "report",
    metadata,
    ReportColumns,
    Index(None, "day"),
    Index(None, "first_at", "id", "outlets"),
    Index(None, "outlets", "first_at", "id"),
    sqlite_autoincrement=True,
)  # autoincrement: the number of a report is never given again


class CarriedColumns(TypedColumns):
    """An article that carries a report. `at`: when it was published, else first seen. It appeared
    after `appeared_after` (NULL: not known) and not after `appeared_by`. `delay_least`,
    `delay_most`: how much later than the agency's original, in seconds; NULL: not known.
    `stated_at`, `stated_precision`: the time that the outlet states; `is_zone_known`: whether the
    zone of its time of day is known.
    """

    article_id: Named[int] = Column(
        Id, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    report_id: Named[int] = Column(Id, ForeignKey("report.id"))
    manner: Named[str] = Column(Text)
    at: Named[datetime] = Column(UtcDateTime)
    appeared_after: Named[datetime | None] = Column(UtcDateTime)
    appeared_by: Named[datetime] = Column(UtcDateTime)
    delay_least: Named[float | None] = Column(Float)
    delay_most: Named[float | None] = Column(Float)
    stated_at: Named[datetime | None] = Column(UtcDateTime)
    stated_precision: Named[str | None] = Column(Text)
    is_zone_known: Named[bool] = Column(Boolean, default=True, server_default=true())


carried = Table(
    "carried", metadata, CarriedColumns, Index(None, "report_id"), Index(None, "at", "report_id")
)


class ReportRedirectColumns(TypedColumns):
    """A former number of a report. `report_id`: the report that it became; NULL if it became none.
    `lead_id`: its last lead document, which leads to a story in any case.
    """

    id: Named[int] = Column(Id, primary_key=True, autoincrement=False)
    report_id: Named[int | None] = Column(Id, ForeignKey("report.id"))
    lead_id: Named[int] = Column(Id, ForeignKey("article.id"))
    reason: Named[RedirectReason] = Column(EnumText(RedirectReason))
    redirected_at: Named[datetime] = Column(UtcDateTime)


report_redirect = Table(
    "report_redirect", metadata, ReportRedirectColumns, Index(None, "report_id")
)
