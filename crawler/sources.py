"""The types of sources that an outlet declares, and what parsing one returns."""

from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.extract.page.rules import Selectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An article's URL, and what the listing says about the article.

    `published_precision`: a `TimePrecision` value. `key`: the outlet's own identifier.
    """

    url: str
    title: str = ""
    published_at: datetime | None = None
    published_precision: str = ""
    modified_at: datetime | None = None
    key: str = ""
    lead: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A place that lists articles.

    `trust_validators`: True if its ETag and Last-Modified are correct, so that it can be polled
    with conditional requests (RFC 9110). `verified`: how we know the source: "V 2023-04 ..." was
    seen in a saved answer of that month, "U 2026-02 ..." is stated by others, "" is unchecked.
    `until`: the last day on which it answered. A source with `until` is never polled; it only
    serves to read archives and recorded pages.
    """

    url: str
    trust_validators: bool = field(default=False, kw_only=True)
    verified: str = field(default="", kw_only=True)
    until: date | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """An RSS or Atom feed; its XML may be broken."""


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of sitemaps.

    `follow`: regular expression that a sub-sitemap's URL must match; "" reads all. `newest`: how
    many sub-sitemaps a run reads, the latest `lastmod` first.
    """

    follow: str = field(default="", kw_only=True)
    newest: int = field(default=3, kw_only=True)


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with Google's news extension: title and publication date beside each URL."""


@dataclass(frozen=True, slots=True)
class JsonListing(Source):
    """A JSON answer with a list of articles. Members are named by dotted paths: `"data.rows"`.

    `items`: path of the list; "" if the answer itself is the list. The other paths start at a row.
    `link_pattern`, `link_template`: as in `Listing`.
    """

    items: str = field(default="", kw_only=True)
    link: str = field(default="url", kw_only=True)
    title: str = field(default="title", kw_only=True)
    date: str = field(default="", kw_only=True)
    lead: str = field(default="", kw_only=True)
    link_pattern: str = field(default="", kw_only=True)
    link_template: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Listing(Source):
    r"""An HTML page that lists articles.

    `item` selects the rows; `link`, `title`, `date` and `lead` apply inside a row.
    A selector with nothing before `@` reads the row itself: `link="@onclick"`. If the URL is inside
    a script call, `link_pattern` captures it, or parts of it, in groups. `link_template` builds the
    URL from the groups: `link_pattern=r'fn_showArticle\("(AR\d+)"'` with
    `link_template="/view?code={0}"`. Without a template, the first group is the URL:
    `link_pattern=r"article_open\('([^']+)'"`.

    Paging: `next` selects the URL of the next page, or `next_template` builds it from `{page}`. A
    run reads at most `pages` pages. `total`, `page_count`: regular expressions with one group,
    searched in the page's source; they read how many articles and pages the listing declares.
    """

    item: str = field(kw_only=True)
    link: Selectors = field(default="a@href", kw_only=True)
    title: Selectors = field(default="a", kw_only=True)
    date: Selectors = field(default=(), kw_only=True)
    lead: Selectors = field(default=(), kw_only=True)
    next: Selectors = field(default=(), kw_only=True)
    next_template: str = field(default="", kw_only=True)
    pages: int = field(default=1, kw_only=True)
    link_pattern: str = field(default="", kw_only=True)
    link_template: str = field(default="", kw_only=True)
    total: str = field(default="", kw_only=True)
    page_count: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class FormListing(Listing):
    """A listing whose next page needs a POST of a form, with a CSRF token and session cookies.

    `form` selects the form. Its fields are posted unchanged, except `page_field`, the page number.
    """

    form: str = field(kw_only=True)
    page_field: str = field(default="page_num", kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """A page of a source to read. `form_fields`: fields to POST; () means a GET."""

    source: Source
    url: str
    form_fields: tuple[tuple[str, str], ...] = ()
    page: int = 1
    modified_at: datetime | None = None
    sitemap_depth: int = 0  # how many sitemap indexes lie above it


@dataclass(slots=True)
class ParsedSource:
    """What parsing one answer of a source returned.

    `problems`: one line each, for the log; the rest of the answer was read anyway.
    `declared_total`: how many articles the listing says it has; None if it does not say.
    """

    links: list[Link] = field(default_factory=list)
    further_pages: list[SourcePage] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    declared_total: int | None = None


@dataclass(frozen=True, slots=True)
class AnyListing(Source):
    """Any HTML page; links are chosen by whether they look like articles."""
