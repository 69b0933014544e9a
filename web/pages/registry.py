"""Lists all pages, and all answers that are no page. What is not here does not exist."""

from web.page import Page
from web.pages import (
    about,
    api,
    compare,
    day,
    decisions,
    export,
    graph,
    report,
    reports,
    search,
    stories,
)
from web.pages.articles import article, changes, diff
from web.pages.feeds import FEED_PAGES
from web.pages.health import HEALTH
from web.pages.recording import RECORDING
from web.pages.report_files import REPORT_FILES
from web.pages.watch import latency, outlet, outlets, timeline
from web.raw import RawPage

_PAGES: tuple[Page, ...] = (
    day.TODAY,
    day.PAGE,
    search.PAGE,
    reports.PAGE,
    report.PAGE,
    stories.LIST,
    stories.PAGE,
    article.PAGE,
    changes.PAGE,
    diff.PAGE,
    compare.PAGE,
    graph.PAGE,
    outlets.PAGE,
    outlet.PAGE,
    timeline.PAGE,
    latency.PAGE,
    decisions.PAGE,
    decisions.SPLIT,
    export.PAGE,
    about.PAGE,
)

_RAW_PAGES: tuple[RawPage, ...] = (
    HEALTH,
    *FEED_PAGES,
    *REPORT_FILES,
    *export.FILES,
    RECORDING,
    changes.CHANGE,
    *diff.CHOICES,
)

_API, _OPENAPI = api.make_pages(_PAGES, _RAW_PAGES)
PAGES: tuple[Page, ...] = (*_PAGES, _API)
RAW_PAGES: tuple[RawPage, ...] = (*_RAW_PAGES, _OPENAPI)
