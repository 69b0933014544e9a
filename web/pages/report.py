"""Shows a report: how it spread, who carried it, and two of its articles side by side."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from storage.browsing.report_details import ReportDetails, load_report_details
from storage.errors import InvalidRequest
from storage.reports.carriage import CarryingArticle, Report, load_carriage
from storage.reports.delays import DelayRange, compute_delay, to_seconds
from storage.reports.former_numbers import find_number
from storage.reports.manners import MANNER_RANK, CarriageManner
from storage.reports.origin import Origin
from storage.stated_time import StatedTime
from storage.wording.numbers import format_count
from web.charts.scale import round_down
from web.charts.spread import Delay
from web.comparison import Comparison, load_comparison
from web.errors import Gone, Redirect
from web.page import Page, Query, link
from web.pages import filters
from web.parameters import Parameter, ParameterKind, parse_number

ROWS_PER_PAGE = 40
_FURTHER_PER_PAGE = 60
"""Folded articles on a page, over all outlets; an outlet shows 8 at most."""
_MAX_FURTHER = 8
_MAX_COMPARED_CHARS = 24_000
"""Two longer texts are compared on a page of their own, so that this one stays small."""
_COPIES = (CarriageManner.VERBATIM, CarriageManner.EDITED)

ORIGIN_WORDS: Mapping[Origin, str] = {
    Origin.ORIGINAL: "it appeared before all others, by their times",
    Origin.FIRST_SEEN: "it is known before all others, but another may have appeared earlier",
    Origin.UNKNOWN: "the times do not tell which article was first",
}
_AGENCY_WORDS = "it is the agency's own text"
_ZERO_WORDS = {
    Origin.ORIGINAL: "original",
    Origin.FIRST_SEEN: "first seen",
    Origin.UNKNOWN: "lead document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An article that carries the report.

    `later_more_than_seconds`, `later_less_than_seconds`: how much later than the lead document it
    appeared, by polls and stated times together; None: not known. `later`: the same in words, "" for
    the lead document.
    """

    article: int
    outlet: str
    url: str
    title: str
    language: str
    manner: CarriageManner
    appeared_after: datetime | None
    appeared_by: datetime
    stated_at: StatedTime | None
    later_more_than_seconds: float | None
    later_less_than_seconds: float | None
    later: str
    is_lead: bool
    bar: Delay


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRow:
    """A row of the table: an article, and further ones of its outlet.

    `further_count`: how many further ones there are; `further` has the first of them.
    """

    closest: Carrier
    further: tuple[Carrier, ...] = ()
    further_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedAgency:
    """State media that articles of the report cite. `articles`: how many do."""

    name: str
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """A report as its page shows it.

    `copies`: verbatim and edited articles. `derived`: articles in other words. `median_later_*`: the
    middle of the ranges of all outlets but the lead's, in seconds. `statement_levels`: how many
    articles name which level. `is_behind`, `worked_out_until`, `waiting_days`, `unread_articles`:
    what is not worked out yet, see `storage.reports.working_out.ReportsLag`. `rows`: one for each
    outlet, or for each article of the parameter `outlet`, those of this `page`. `row_count`: the
    rows of all `pages`. `digest`: SHA-256 of the content of the lead document's current version,
    which was captured at `captured_at` (None: imported). `a`, `b`: the articles that are chosen, or
    suggested. `comparison`: these two, if the address names them and they are short enough.
    """

    report: int
    title: str
    language: str
    lead: Carrier
    day: date
    first_at: datetime
    agency: str
    agencies: tuple[CitedAgency, ...]
    origin: Origin
    origin_words: str
    zero_words: str
    articles: int
    outlets: int
    copies: int
    excerpts: int
    translations: int
    derived: int
    median_later_more_than_seconds: float | None
    median_later_less_than_seconds: float | None
    median_later: str
    statement_levels: Mapping[str, int]
    worked_out_at: datetime
    is_behind: bool
    worked_out_until: datetime | None
    waiting_days: int
    unread_articles: int
    digest: str
    captured_at: datetime | None
    spread: tuple[Delay, ...]
    earliest_minutes: float
    rows: tuple[CarrierRow, ...]
    row_count: int
    page: int
    pages: int
    a: int
    b: int | None
    comparison: Comparison | None
    is_compared_elsewhere: bool


def load(query: Query) -> ReportPage:
    """Reads a report. A former number redirects; a number that is no report any more is gone."""
    number = follow_report(query, query.ids["report"], "/reports/{}")
    found = load_carriage(query.database, report_id=number)[0]
    details = query.database.read(lambda connection: load_report_details(connection, number))
    return _make_page(query, found, details)


def follow_report(query: Query, name: str, address: str, prefix: str = "") -> int:
    """Returns the number of a report in an address: 7 or r7.

    `address`: that of the answer, with `{}` in the place of the name. `prefix`: what stands before
    the number there. Raises Redirect if the report is written otherwise there or has another number
    today, Gone if it is none any more, NotFound, and InvalidRequest.
    """
    number = parse_number(name, "r")
    with query.database.snapshot() as connection:
        meaning = find_number(connection, number)
    if meaning.report is None:
        where = f" Its last lead document is in story s{meaning.story}." if meaning.story else ""
        raise Gone(f"{meaning.as_words()}.{where}")
    if f"{prefix}{meaning.report}" != name:
        given = query.link().removeprefix(link(query.path))
        raise Redirect(f"{address.format(f'{prefix}{meaning.report}')}{given}")
    return number


def _make_page(query: Query, found: Report, details: ReportDetails) -> ReportPage:
    carriers = {
        each.article_id: _make_carrier(found.lead, each, details) for each in found.articles
    }
    closest = found.closest_by_outlet()
    all_rows = _list_rows(found, carriers, closest, str(query["order"]), query["outlet"])
    pages = max(1, -(-len(all_rows) // ROWS_PER_PAGE))
    page = query["page"]
    if page > pages:
        raise InvalidRequest(f"this report has {format_count(pages, 'page')}, not {page}")
    rows = _fold(all_rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE])
    middle = _median([carriers[each.article_id] for each in closest.values()])
    manners = Counter(each.manner for each in found.articles)
    comparison, is_elsewhere = _load_comparison(query)
    lead = carriers[found.lead.article_id]
    spread = tuple(each.bar for each in carriers.values())
    starts = [each.at for each in spread] + [each.least or 0 for each in spread]
    return ReportPage(
        report=found.id,
        title=found.lead.title,
        language=lead.language,
        lead=lead,
        day=details.day,
        first_at=details.first_at,
        agency=details.agency,
        agencies=tuple(
            CitedAgency(name=name, articles=number) for name, number in details.agencies
        ),
        origin=found.origin,
        origin_words=_AGENCY_WORDS if found.has_agency_original else ORIGIN_WORDS[found.origin],
        zero_words=_ZERO_WORDS[found.origin],
        articles=len(found.articles),
        outlets=len(closest),
        copies=sum(manners[each] for each in _COPIES),
        excerpts=manners[CarriageManner.EXCERPT],
        translations=manners[CarriageManner.TRANSLATION],
        derived=manners[CarriageManner.DERIVED],
        median_later_more_than_seconds=to_seconds(middle.low),
        median_later_less_than_seconds=to_seconds(middle.high),
        median_later="" if middle == DelayRange() else middle.as_later_words(),
        statement_levels=_count_levels(details),
        worked_out_at=details.worked_out_at,
        is_behind=details.lag.is_behind,
        worked_out_until=details.lag.worked_out_until,
        waiting_days=details.lag.waiting_days,
        unread_articles=details.lag.unread_articles,
        digest=details.lead_digest,
        captured_at=details.lead_captured_at,
        spread=spread,
        earliest_minutes=round_down(min(starts)),
        rows=tuple(rows),
        row_count=len(all_rows),
        page=page,
        pages=pages,
        a=query["a"] or found.lead.article_id,
        b=query["b"] or _suggest(rows, query["a"] or found.lead.article_id),
        comparison=comparison,
        is_compared_elsewhere=is_elsewhere,
    )


def _make_carrier(lead: CarryingArticle, each: CarryingArticle, details: ReportDetails) -> Carrier:
    is_lead = each.article_id == lead.article_id
    delay = DelayRange() if is_lead else compute_delay(lead.appearance, each.appearance)
    facts = details.articles.get(each.article_id)
    return Carrier(
        article=each.article_id,
        outlet=each.outlet,
        url=each.url,
        title=each.title,
        language=facts.language if facts else "",
        manner=each.manner,
        appeared_after=each.appeared_after,
        appeared_by=each.appeared_by,
        stated_at=each.stated,
        later_more_than_seconds=to_seconds(delay.low),
        later_less_than_seconds=to_seconds(delay.high),
        later="" if is_lead else delay.as_later_words(),
        is_lead=is_lead,
        bar=_make_bar(lead, each, delay, is_lead=is_lead),
    )


def _make_bar(
    lead: CarryingArticle, each: CarryingArticle, delay: DelayRange, *, is_lead: bool
) -> Delay:
    least, most = _minutes(delay.low), _minutes(delay.high)
    have_clocks = all(one.stated and one.stated.has_clock for one in (lead, each))
    at = (each.at - lead.at) / timedelta(minutes=1)
    if not have_clocks and not is_lead:
        at = most if most is not None else least or 0.0
    return Delay(each.manner, least, most, round(at, 1), have_clocks or is_lead)


def _minutes(delay: timedelta | None) -> float | None:
    return None if delay is None else round(delay / timedelta(minutes=1), 1)


def _list_rows(
    found: Report,
    carriers: Mapping[int, Carrier],
    closest: Mapping[str, CarryingArticle],
    order: str,
    outlet: str | None,
) -> list[CarrierRow]:
    """Returns the rows of all pages, the lead document first."""
    by_outlet: defaultdict[str, list[Carrier]] = defaultdict(list)
    for each in found.articles:
        by_outlet[each.outlet].append(carriers[each.article_id])
    if outlet is None:
        rows = [
            CarrierRow(
                closest=carriers[first.article_id],
                further=tuple(each for each in by_outlet[name] if each.article != first.article_id),
                further_count=len(by_outlet[name]) - 1,
            )
            for name, first in closest.items()
        ]
    elif outlet in by_outlet:
        rows = [CarrierRow(closest=each) for each in by_outlet[outlet]]
    else:
        raise InvalidRequest(f"no article of {outlet!r} carries this report")
    places = {each.article_id: place for place, each in enumerate(found.articles)}

    def key(row: CarrierRow) -> tuple[bool, int, int]:
        closeness = MANNER_RANK[row.closest.manner] if order == "closeness" else 0
        return not row.closest.is_lead, closeness, places[row.closest.article]

    return sorted(rows, key=key)


def _fold(rows: Sequence[CarrierRow]) -> list[CarrierRow]:
    """Keeps as many further articles as the page has room for."""
    folded = sum(1 for row in rows if row.further)
    room = max(1, min(_MAX_FURTHER, _FURTHER_PER_PAGE // max(1, folded)))
    return [
        CarrierRow(closest=row.closest, further=row.further[:room], further_count=row.further_count)
        for row in rows
    ]


def _median(carriers: Sequence[Carrier]) -> DelayRange:
    """Returns the medians of the least and of the most delays of outlets with both ends known."""
    known = [
        (each.later_more_than_seconds, each.later_less_than_seconds)
        for each in carriers
        if each.later_more_than_seconds is not None and each.later_less_than_seconds is not None
    ]
    if not known:
        return DelayRange()
    least, most = (median(ends) for ends in zip(*known, strict=True))
    return DelayRange(timedelta(seconds=least), timedelta(seconds=most))


def _count_levels(details: ReportDetails) -> dict[str, int]:
    levels = Counter(each.statement_level.value for each in details.articles.values())
    return {name: number for name, number in levels.most_common() if name != "unknown"}


def _suggest(rows: Sequence[CarrierRow], a: int) -> int | None:
    """Returns the closest article to compare with, None if there is no other."""
    others = [row.closest for row in rows if row.closest.article != a]
    others.sort(key=lambda each: MANNER_RANK[each.manner])
    return others[0].article if others else None


def _load_comparison(query: Query) -> tuple[Comparison | None, bool]:
    """Reads the two chosen articles, and tells whether they are too long for this page."""
    a, b = query["a"], query["b"]
    if a is None or b is None:
        return None, False
    articles = query.database.articles
    if len(articles.get(a).text) + len(articles.get(b).text) > _MAX_COMPARED_CHARS:
        return None, True
    return load_comparison(query, a, b), False


PAGE = Page(
    name="report",
    path="/reports/{report}",
    summary="A report: how it spread, who carried it, in which manner and how much later.",
    template="report.html",
    model=ReportPage,
    load=load,
    parameters=(
        Parameter(
            name="order",
            kind=ParameterKind.CHOICE,
            choices=("time", "closeness"),
            default="time",
            description="Rows by time, or the closest to the lead document first.",
        ),
        Parameter(name="outlet", description="Only the articles of this outlet, each in a row."),
        filters.PAGE_NUMBER,
        Parameter(name="a", kind=ParameterKind.INTEGER, description="Article to compare: its id."),
        Parameter(name="b", kind=ParameterKind.INTEGER, description="Article to compare it with."),
    ),
    section="/reports",
)
