"""Checks an outlet as politely as a crawl: robots.txt, each source once, the newest article.

Nothing is stored. Settings, delays and guards are those of a crawl. The article is fetched only if
a source lists one.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from crawler.crawl import causes
from crawler.crawl.causes import Cause
from crawler.crawl.listed_articles import ListedArticle
from crawler.crawl.options import CrawlOptions
from crawler.crawl.responses import page_from_response
from crawler.crawl.session import Session
from crawler.extract.extraction import extract_page
from crawler.faults import faults
from crawler.outlet import Outlet
from crawler.processes.run import crawl_settings, find_outlet, run_sessions
from crawler.recorded.saved_pages import format_date
from crawler.sources import SourcePage
from crawler.spider import BLOCKED, OutletSpider
from crawler.spider_loader import spider_class
from crawler.topic import is_on_topic
from storage.records import RunOutcome
from storage.wording.numbers import format_count

CHECKED_FIELDS = (
    "title",
    "published_at",
    "modified_at",
    "authors",
    "section",
    "tags",
    "lead",
    "text",
)


@dataclass(slots=True)
class SourceCheck:
    """What one source answered.

    `dated`: how many of the links
    have a date.
    """

    kind: str
    url: str
    verified: str
    cause: Cause = Cause.OK
    why: str = ""
    status: int = 0
    links: int = 0
    dated: int = 0
    newest: datetime | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PageCheck:
    """How the newest article was read: its page class, and each field's size and evidence."""

    url: str
    cause: Cause = Cause.OK
    why: str = ""
    page_class: str = ""
    published_at: str = ""
    on_topic: bool | None = None
    evidence: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class OutletCheck:
    """The check of one outlet.

    `faults`: of its declaration, a sentence each; `robots`: host -> what its robots.txt says about
    us.
    """

    outlet: str
    at: datetime
    faults: list[str] = field(default_factory=list)
    robots: dict[str, str] = field(default_factory=dict)
    sources: list[SourceCheck] = field(default_factory=list)
    page: PageCheck | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every source lists links, and the article has a title, a time, and a text or a lead.

        What is wrong with the declaration is said in the report, and does not count.
        """
        page = self.page
        all_list_links = bool(self.sources) and all(each.links for each in self.sources)
        is_article = page is not None and page.page_class in ("article", "stub")
        if not all_list_links or not is_article or page is None:
            return False
        has_text = page.sizes.get("text") or page.sizes.get("lead")
        return bool(page.published_at and page.sizes.get("title") and has_text)


class CheckSpider(OutletSpider):
    """A crawl that keeps what it was answered in `found`, and stores nothing."""

    found: ClassVar[OutletCheck]

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *args: Any, session: Session | None = None, **kwargs: Any
    ) -> Self:
        spider = super().from_crawler(crawler, *args, session=session, **kwargs)
        crawler.signals.connect(spider.robots_parsed, signal=signals.robots_parsed)
        return spider

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Records what a robots.txt allows."""
        agent = self.settings["ROBOTSTXT_USER_AGENT"]
        host = request.url.split("/")[2]
        verb = "allows" if robotparser.allowed(request.url, agent) else "forbids"
        delay = robotparser.crawl_delay(agent)
        delay_note = f", asks for {delay:g} s between requests" if delay else ""
        self.found.robots[host] = f"{verb} {request.url}{delay_note}"

    def _read_source(self, response: Response, follow: SourcePage, resume: int) -> list[Request]:
        """Records what a source answered; its further pages are not read."""
        check = _new_source_check(follow)
        self.found.sources.append(check)
        check.status, check.cause = response.status, causes.cause_of_status(response.status)
        if check.cause is not Cause.OK:
            check.why = f"HTTP status {response.status}"
            return []
        parsed = self._parse_links(response, follow, 1)
        if isinstance(parsed, str):
            check.cause = Cause.REFUSED if parsed == BLOCKED else Cause.ERROR
            check.why = parsed
            return []
        dates = [link.published_at for link in parsed.links if link.published_at]
        check.links, check.dated, check.problems = len(parsed.links), len(dates), parsed.problems
        check.newest = max(dates, default=None)
        if not parsed.links:
            check.why = "no link to an article found on it"
        return []

    def source_failed(self, failure: Failure) -> None:
        """Records why a source did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        check = _new_source_check(request.cb_kwargs["follow"])
        check.cause, check.why = causes.explain_failure(failure.value)
        self.found.sources.append(check)

    async def parse_page(
        self, response: Response, entry: ListedArticle | None = None, again: bool = False
    ) -> AsyncIterator[Request]:
        """Records how the article's page is read; yields nothing."""
        self.found.page = _check_page(response, entry, self.outlet)
        return
        yield  # makes this a generator; a check stores nothing

    def page_failed(self, failure: Failure) -> None:
        """Records why the article's page did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        cause, message = causes.explain_failure(failure.value)
        self.found.page = PageCheck(request.url, cause, message)


def check_outlets(
    names: Sequence[str | type[Outlet]],
    home: Path,
    settings: Mapping[str, Any] | None = None,
) -> list[OutletCheck]:
    """Checks outlets one after the other. Raises UnknownOutletError.

    Can be called only once in a process, as `crawler.processes.run.crawl`.
    """
    options = CrawlOptions(home=home, dry_run=True, limit=1, settings=settings or {})
    sessions = [Session(find_outlet(name), options) for name in names]
    checks = {
        session: OutletCheck(session.outlet.name, datetime.now(UTC), faults=faults(session.outlet))
        for session in sessions
    }
    run_sessions(
        sessions,
        crawl_settings(options, {"NKWIRE_PAGE_BUDGET": 1}),
        lambda session: spider_class(session.outlet, CheckSpider, found=checks[session]),
    )
    for session, check in checks.items():
        check.sources.sort(key=lambda source: source.url)
        if session.run.outcome in (RunOutcome.FAILED, RunOutcome.KILLED):
            check.note = session.run.cause
    return list(checks.values())


def _new_source_check(follow: SourcePage) -> SourceCheck:
    source = follow.source
    return SourceCheck(type(source).__name__, source.url, source.verified)


def _check_page(response: Response, entry: ListedArticle | None, outlet: type[Outlet]) -> PageCheck:
    cause = causes.cause_of_status(response.status)
    if cause is not Cause.OK:
        return PageCheck(response.url, cause, f"HTTP status {response.status}")
    extraction = extract_page(page_from_response(response), outlet, entry.link if entry else None)
    article = extraction.article
    check = PageCheck(response.url, Cause.OK, extraction.reason, str(extraction.page_class))
    check.evidence, check.flags = dict(extraction.evidence), extraction.flags
    check.published_at = format_date(extraction.published) or ""
    if article is None:
        return check
    check.page_class = str(article.page_class)
    values = {name: getattr(article, name) for name in CHECKED_FIELDS}
    check.sizes = {name: _field_size(value) for name, value in values.items()}
    check.on_topic = is_on_topic(article)
    return check


def _field_size(value: object) -> int:
    return len(value) if isinstance(value, str | tuple | list) else int(value is not None)


def format_check(check: OutletCheck) -> list[str]:
    """Returns the report on one outlet as lines of Markdown, ready to be pasted into an issue."""
    lines = [f"## {check.outlet}: {'ok' if check.passed else 'needs attention'}", ""]
    lines.append(f"Checked {check.at.isoformat(timespec='minutes')}.")
    lines += [f"- declaration: {fault}" for fault in check.faults]
    lines += [f"- robots.txt of {host}: {answer}" for host, answer in sorted(check.robots.items())]
    for source in check.sources:
        lines += _format_source(source)
    lines += _format_page(check.page) if check.page else ["- no article was asked for"]
    if check.note and not check.passed:
        lines.append(f"- the check failed: {check.note}")
    return [*lines, ""]


def _format_source(source: SourceCheck) -> list[str]:
    result = f"{source.cause}: {source.why}" if source.why else source.cause
    newest = f", newest {source.newest.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if source.newest else ""
    links = (
        f"; {format_count(source.links, 'link')}, {source.dated} dated{newest}"
        if source.cause is Cause.OK
        else ""
    )
    declared = f" (declared: {source.verified})" if source.verified else ""
    line = f"- {source.kind} {source.url}: {result}{links}{declared}"
    return [line, *(f"  - {problem}" for problem in source.problems)]


def _format_page(page: PageCheck) -> list[str]:
    result = f"{page.cause}: {page.why}" if page.cause is not Cause.OK else page.page_class
    reason = f" ({page.why})" if page.cause is Cause.OK and page.why else ""
    lines = [f"- article {page.url}: {result}{reason}"]
    if page.sizes:
        lines += ["", "| field | length | taken from |", "|---|---|---|"]
        for name, size in page.sizes.items():
            value = page.published_at if name == "published_at" and size else str(size)
            lines.append(f"| {name} | {value} | {page.evidence.get(name, '') or '-'} |")
        lines.append("")
    if page.on_topic is not None:
        lines.append(f"- concerns North Korea: {'yes' if page.on_topic else 'no'}")
    lines += [f"- {flag}" for flag in page.flags]
    return lines


def check_to_dict(check: OutletCheck) -> dict[str, Any]:
    """Returns the same report as plain values, for `--json`."""
    return {**asdict(check), "good": check.passed}
