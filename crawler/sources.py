"""The typed sources that an outlet declares, and what reading one yields."""

from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.extract.page.rules import Selectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An article's address with what the listing knew of it."""

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
    """A place that lists articles. `trust_validators`: its ETag and Last-Modified tell the truth.

    `verified`: what is known of it, a letter and a date first: "V 2023-04 ..." was seen in a saved
    answer, "U 2026-02 ..." is said by others; "" nobody has looked. `until`: the last day on which
    it answered; such a source is never polled, and reads archives and recorded pages only.
    """

    url: str
    trust_validators: bool = field(default=False, kw_only=True)
    verified: str = field(default="", kw_only=True)
    until: date | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """RSS or Atom, also a broken one."""


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of sitemaps.

    `follow`: regular expression of the sub-sitemaps worth reading (empty: all). `newest`: how many
    of them a run reads, the latest `lastmod` first.
    """

    follow: str = field(default="", kw_only=True)
    newest: int = field(default=3, kw_only=True)


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with Google's news names: title and publication date beside each address."""


@dataclass(frozen=True, slots=True)
class JsonListing(Source):
    """A JSON answer with a list of articles. Names are dotted paths: `items="data.rows"`.

    `items` empty: the answer is the list. `link_pattern`, `link_template`: as in Listing.
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
    r"""An HTML page that lists articles. `item` selects a row; the other selectors are within it.

    A selector with nothing before `@` reads the row itself: `link="@onclick"`. Where the address is
    wrapped in a script call, `link_pattern` takes it out (its groups) and `link_template` builds the
    address: `link_pattern=r"article_open\('([^']+)'"` needs no template, since a single group is the
    address; `link_pattern=r'fn_showArticle\("(AR\d+)"'` with `link_template="/view?code={0}"` does.

    Paging: `next` selects the address of the next page, or `next_template` names it (`{page}`); at
    most `pages` pages a run. `total`, `page_count`: regular expressions with one group, searched in
    the page's source: how many articles and pages the outlet itself declares.
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
    """A listing that pages by posting a form with a CSRF token and the session's cookies.

    `form` selects the form; its fields are posted as they are, with `page_field` set to the page.
    """

    form: str = field(kw_only=True)
    page_field: str = field(default="page_num", kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """Another page of a source. `form`: fields to post; empty means a GET."""

    source: Source
    url: str
    form_fields: tuple[tuple[str, str], ...] = ()
    page: int = 1
    modified_at: datetime | None = None
    sitemap_depth: int = 0  # of sitemaps inside indexes


@dataclass(slots=True)
class ParsedSource:
    """What a listing yielded. `total`: how many articles it declares itself, None if it does not.

    `problems`: one line each, for the log; the rest of the listing was read all the same.
    """

    links: list[Link] = field(default_factory=list)
    further_pages: list[SourcePage] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    declared_total: int | None = None


@dataclass(frozen=True, slots=True)
class AnyListing(Source):
    """Any HTML page: the anchors that look as if they led to an article."""
