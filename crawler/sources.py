"""Where an outlet lists new articles: typed, declared once, each able to read its own response."""

from dataclasses import dataclass, field
from datetime import datetime

from crawler.extract.rules import Selectors


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
    """A place that lists articles. `trust_validators`: its ETag and Last-Modified tell the truth."""

    url: str
    trust_validators: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """RSS or Atom, also a broken one."""


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap or an index of sitemaps; `follow`: pattern of the sub-sitemaps worth reading."""

    follow: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap with Google's news names: title and publication date beside each address."""


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """An HTML page that lists articles. `item` selects a row; the other selectors are within it."""

    item: str = field(kw_only=True)
    link: Selectors = field(default="a@href", kw_only=True)
    title: Selectors = field(default="a", kw_only=True)
    date: Selectors = field(default=(), kw_only=True)
    next: Selectors = field(default=(), kw_only=True)
    pages: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class FormListing(Listing):
    """A listing that pages by posting a form with a CSRF token and the session's cookies."""

    form: str = field(kw_only=True)
    page_field: str = field(default="page_num", kw_only=True)
