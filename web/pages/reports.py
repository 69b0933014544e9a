"""Lists reports, by time or by the number of outlets that carry them."""

from dataclasses import dataclass

from storage.browsing.position import Position
from storage.browsing.report_lines import ReportLine, ReportOrder, load_report_lines
from web.page import Page, Query
from web.pages import filters
from web.parameters import Parameter, ParameterKind

ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """A page of reports. `order`: by `time` of the first article, or by number of `outlets`."""

    order: ReportOrder
    rows: tuple[ReportLine, ...]
    next: Position | None
    previous: Position | None


def load(query: Query) -> Reports:
    """Reads a page of the reports that pass the filters."""
    order = ReportOrder(query["order"])
    since, until = filters.read_days(query)
    listing = load_report_lines(
        query.database,
        limit=ROWS,
        before=query["before"],
        after=query["after"],
        order=order,
        min_outlets=query["outlets"],
        agency=query["agency"],
        since=since,
        until=until,
        language=query["language"],
        decided_only=query["decided"],
    )
    return Reports(order=order, rows=listing.rows, next=listing.next, previous=listing.previous)


PAGE = Page(
    name="reports",
    path="/reports",
    summary="Reports of the news agency, and how many outlets carry each.",
    template="reports.html",
    model=Reports,
    load=load,
    parameters=(
        Parameter(
            name="order",
            kind=ParameterKind.CHOICE,
            description="The order: by time of the first article, or by number of outlets.",
            choices=tuple(each.value for each in ReportOrder),
            default=ReportOrder.TIME.value,
        ),
        Parameter(
            name="outlets",
            kind=ParameterKind.INTEGER,
            description="Only reports that at least so many outlets carry.",
            default=1,
            minimum=1,
            maximum=10_000,
        ),
        Parameter(name="agency", description="Only reports of this agency: kcna ..."),
        Parameter(name="language", description="Only reports whose lead document is in this one."),
        filters.SINCE,
        filters.UNTIL,
        Parameter(
            name="decided",
            kind=ParameterKind.FLAG,
            description="1: only reports with an article that a person grouped.",
            default=False,
        ),
        filters.BEFORE,
        filters.AFTER,
    ),
    section="/reports",
)
