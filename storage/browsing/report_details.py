"""Reads what a page says of a report beside who carried it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from dedup.attribution.agencies import STATE_MEDIA
from dedup.statements.statement_level import StatementLevel
from storage.batches import batched
from storage.errors import NotFound
from storage.reports.working_out import ReportsLag, load_lag
from storage.tables.articles import article, attribution, version
from storage.tables.columns import in_bound_list
from storage.tables.reports import carried, report


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What is known of an article of a report beside how it carries it."""

    language: str
    statement_level: StatementLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDetails:
    """What is known of a report beside who carried it.

    `day`: its first day in Pyongyang. `first_at`: the time of its first article.
    `agencies`: the state media that its articles cite, the most cited first, each with the number
    of these articles. `lead_digest`: SHA-256 of the content of the current version of the lead
    document. `lead_captured_at`: when that version was captured; None: it was imported.
    """

    agency: str
    day: date
    first_at: datetime
    worked_out_at: datetime
    agencies: tuple[tuple[str, int], ...]
    articles: Mapping[int, ArticleFacts]
    lead_digest: str
    lead_captured_at: datetime | None
    lag: ReportsLag


def load_report_details(connection: Connection, report_id: int) -> ReportDetails:
    """Returns the details of a report. Raises NotFound if no report has this number now."""
    row = connection.execute(_REPORT_QUERY.where(report.c.id == report_id)).one_or_none()
    if row is None:
        raise NotFound(f"no report has the number {report_id}: see `nkwire carriage`")
    facts = connection.execute(_FACTS_QUERY.where(carried.c.report_id == report_id)).all()
    cited = connection.execute(_AGENCIES_QUERY.where(carried.c.report_id == report_id)).all()
    return ReportDetails(
        agency=row.agency,
        day=row.day,
        first_at=row.first_at,
        worked_out_at=row.worked_out_at,
        agencies=tuple((name, number) for name, number in cited),
        articles={each.id: ArticleFacts(each.language, each.statement_level) for each in facts},
        lead_digest=row.content_sha256,
        lead_captured_at=row.captured_at,
        lag=load_lag(connection),
    )


def load_languages(connection: Connection, article_ids: Collection[int]) -> dict[int, str]:
    """Returns the language of each of these articles."""
    query = select(article.c.id, article.c.language).where(in_bound_list(article.c.id, "ids"))
    return {
        row.id: row.language
        for ids in batched(article_ids)
        for row in connection.execute(query, {"ids": ids})
    }


_REPORT_QUERY = (
    select(
        report.c.agency,
        report.c.day,
        report.c.first_at,
        report.c.worked_out_at,
        version.c.content_sha256,
        version.c.captured_at,
    )
    .join_from(report, article, article.c.id == report.c.lead_id)
    .join(version, version.c.id == article.c.version_id)
)
_FACTS_QUERY = select(article.c.id, article.c.language, article.c.statement_level).join_from(
    carried, article, article.c.id == carried.c.article_id
)
_CITING = func.count(attribution.c.article_id.distinct())
_AGENCIES_QUERY = (
    select(attribution.c.agency, _CITING)
    .join_from(carried, attribution, attribution.c.article_id == carried.c.article_id)
    .where(attribution.c.agency.in_(sorted(STATE_MEDIA)))
    .group_by(attribution.c.agency)
    .order_by(_CITING.desc(), attribution.c.agency)
)
