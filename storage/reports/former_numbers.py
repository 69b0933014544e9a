"""Tells what a number of a report means today, also if the report has become another one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.errors import NotFound
from storage.tables.articles import article
from storage.tables.reports import RedirectReason, carried, report, report_redirect

_REASONS = {
    (RedirectReason.MERGED, True): "they are one report now",
    (RedirectReason.GONE, True): "for a time no article was sure to carry it",
    (RedirectReason.MERGED, False): "no article is sure to carry it any more",
    (RedirectReason.GONE, False): "no article is sure to carry it any more",
}


@dataclass(frozen=True, slots=True)
class NumberMeaning:
    """What a number of a report means.

    `report`: the number of the report today, None if it is no report any more. `story`: the story
    of its last lead document. `reason` and `since` are None for a number that is still in use.
    """

    number: int
    report: int | None
    story: int | None
    reason: RedirectReason | None = None
    since: datetime | None = None

    @property
    def is_former(self) -> bool:
        """Whether the number was given up."""
        return self.reason is not None

    def as_words(self) -> str:
        """Says in one line what the number became."""
        if self.reason is None:
            return f"r{self.number} is a report"
        became = f"r{self.report}" if self.report else f"no report: see story s{self.story}"
        reason = _REASONS[self.reason, self.report is not None]
        return f"r{self.number} is {became} now ({reason})"


def find_number(connection: Connection, number: int) -> NumberMeaning:
    """Returns what a number of a report means. Raises NotFound if it was never given."""
    story_query = select(article.c.story_id).where(article.c.id == report.c.lead_id)
    living = connection.execute(
        select(report.c.id, story_query.scalar_subquery().label("story_id")).where(
            report.c.id == number
        )
    ).one_or_none()
    if living is not None:
        return NumberMeaning(number, number, living.story_id)
    former = connection.execute(
        select(report_redirect, article.c.story_id)
        .join_from(report_redirect, article, article.c.id == report_redirect.c.lead_id)
        .where(report_redirect.c.id == number)
    ).one_or_none()
    if former is None:
        raise NotFound(f"no report has the number {number}: see `nkwire carriage`")
    current = former.report_id or connection.scalar(
        select(carried.c.report_id).where(carried.c.article_id == former.lead_id)
    )
    return NumberMeaning(number, current, former.story_id, former.reason, former.redirected_at)


def current_number(connection: Connection, number: int) -> int:
    """Returns the number of the report that a number leads to.

    Raises NotFound if the number was never given, or leads to no report any more.
    """
    meaning = find_number(connection, number)
    if meaning.report is None:
        raise NotFound(meaning.as_words())
    return meaning.report
