"""The base class of all declared outlets, and the checks of the values that one declares.

A declaration is a class body of plain values, and knows nothing of Scrapy. A wrong, missing or unknown attribute raises
`DeclarationError` when the class is made. Base classes that declare nothing pass `abstract=True`.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from crawler.errors import CrawlerError
from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.sources import Feed, NewsSitemap, Source
from storage.records import Article

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")

MIN_ADAPTIVE_INTERVAL = timedelta(minutes=10)  # of feeds; `between` may declare less
RIGHTS = ("full", "lead", "none")
STATE_MEDIA = "state-media"
ALL_OUTLETS = "all"


class DeclarationError(CrawlerError, TypeError):
    """Raised for a wrong class body; the message names class, attribute and what to write."""


@dataclass(frozen=True, slots=True)
class Expect:
    """How many recent articles the sources list at least; with fewer, the run is `empty`.

    `within`: the age up to which an article is recent.
    """

    min_items: int = 1
    within: timedelta = timedelta(days=7)


class Outlet:
    """A publisher that we read. Subclasses declare values only; the docstring is the outlet's name.

    Required:

    - `name`: lower-case letters, digits, `_ . -`;
    - `every`: the poll interval;
    - `languages`: of the texts, ISO 639, the main one first;
    - `country`: ISO 3166 alpha-2;
    - `timezone`: IANA, of times printed without a zone;
    - `hosts`: with all their subdomains; redirects to other hosts are not followed;
    - `rights`: how much of a text may be passed on: "full", "lead" or "none";
    - `sources`: where new articles are listed;
    - `article`: regular expression, searched in a URL; it matches URLs of articles.

    Optional:

    - `between`: the shortest and the longest poll interval, if the interval adapts to how much is
      new; feeds and news sitemaps adapt between half and twice `every` without it;
    - `key`: regular expression, searched in the URL; its groups, joined by "/", are the outlet's
      own identifier of an article;
    - `rules`: one entry for each page layout, today's first;
    - `topic`: True stores only articles that concern North Korea;
    - `browser`: True if pages need a browser;
    - `delay`: seconds between requests;
    - `expect`: how many recent articles are listed at least;
    - `groups`: groups that the other values do not tell: `state-media`, for media under the orders
      of a state (those of North Korea need no word);
    - `agency_rank`: 0 for KCNA's own text, 1 for wire agencies, 9 for others;
    - `paywalled`: True if the outlet sells its texts;
    - `rights_note`: the reason for `rights`, in words;
    - `site_metadata`: regular expressions, matched from the start of `NAME=VALUE` of a page's meta
      tags; what matches is the same on all pages, so it is no article's lead or tag;
    - `revisit`: the ages at which an article is fetched again, instead of the default intervals;
    - `page_validators`: True if a 304 for an article page can be trusted (RFC 9110).
    """

    name: ClassVar[str]
    every: ClassVar[timedelta]
    languages: ClassVar[tuple[str, ...]]
    country: ClassVar[str]
    timezone: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]]
    rights: ClassVar[str]
    sources: ClassVar[tuple[Source, ...]]
    article: ClassVar[str]
    rights_note: ClassVar[str] = ""
    between: ClassVar[tuple[timedelta, ...]] = ()
    key: ClassVar[str] = ""
    rules: ClassVar[tuple[Rules, ...]] = ()
    topic: ClassVar[bool] = False
    browser: ClassVar[bool] = False
    delay: ClassVar[float] = 5.0
    expect: ClassVar[Expect] = Expect()
    groups: ClassVar[tuple[str, ...]] = ()
    agency_rank: ClassVar[int] = 9
    paywalled: ClassVar[bool] = False
    site_metadata: ClassVar[tuple[str, ...]] = ()
    revisit: ClassVar[tuple[timedelta, ...]] = ()
    page_validators: ClassVar[bool] = False

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract and (faults := value_faults(cls)):
            raise DeclarationError("; ".join(faults))

    @classmethod
    def prepare(cls, page: Page) -> Page:
        """Hook: converts an answer that is not the article's HTML (script JSON, XML) to HTML."""
        return page

    @classmethod
    def finish(cls, page: Page, article: Article) -> Article:
        """Hook: corrects what rules cannot express, after all other fields were read."""
        return article

    @classmethod
    def poll_interval_range(cls) -> tuple[timedelta, ...]:
        """Returns the shortest and the longest poll interval; () if it is always `every`."""
        polled_sources = [source for source in cls.sources if source.until is None]
        if (
            cls.between
            or not polled_sources
            or not all(isinstance(each, Feed | NewsSitemap) for each in polled_sources)
        ):
            return cls.between
        return (max(min(cls.every, MIN_ADAPTIVE_INTERVAL), cls.every / 2), cls.every * 2)

    @classmethod
    def is_article(cls, url: str) -> bool:
        """Returns whether a URL is that of an article, by the pattern `article`."""
        return re.search(cls.article, url) is not None

    @classmethod
    def key_from_url(cls, url: str) -> str:
        """Returns the outlet's own article identifier in a URL; "" if it has none.

        If the whole query is base64, `key` is searched in the decoded query.
        """
        match = re.search(cls.key, _decode_base64_query(url)) if cls.key else None
        return "/".join(filter(None, match.groups())) if match else ""


def _decode_base64_query(url: str) -> str:
    address, separator, query = unquote(url).partition("?")
    query = re.split("[&#]", query, maxsplit=1)[0]
    if len(query) < 16 or not _BASE64.fullmatch(query):
        return url
    try:
        return address + separator + b64decode(query + "=" * (-len(query) % 4)).decode("ascii")
    except ValueError:
        return url


def value_faults(outlet: type[Outlet]) -> list[str]:
    """Returns what is unknown, missing or wrong in a class body, one line each; [] if nothing."""
    faults = [_value_fault(outlet, attribute, check) for attribute, check in _CHECKS.items()]
    return [f"{outlet.__name__}.{each}" for each in (*_unknown_attributes(outlet), *faults) if each]


def _unknown_attributes(outlet: type[Outlet]) -> Iterator[str]:
    allowed = {*_CHECKS, "prepare", "finish"}
    for attribute in vars(outlet):
        if attribute not in allowed and not (attribute[:2] == attribute[-2:] == "__"):
            yield f"{attribute}: unknown; known are {', '.join(sorted(allowed))}"


def _value_fault(outlet: type[Outlet], attribute: str, check: Callable[[Any], str]) -> str:
    if not hasattr(outlet, attribute):
        return f"{attribute}: please declare it"
    value = getattr(outlet, attribute)
    problem = check(value)
    return f"{attribute}: {problem}, got {value!r}" if problem else ""


def _one_of(*values: str) -> Callable[[Any], str]:
    return lambda value: "" if value in values else f"must be one of {', '.join(values)}"


def _instance_of(kind: type | tuple[type, ...], description: str) -> Callable[[Any], str]:
    return lambda value: "" if isinstance(value, kind) else f"must be {description}"


def _matches(pattern: str, description: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        is_valid = isinstance(value, str) and re.fullmatch(pattern, value)
        return "" if is_valid else f"must be {description}"

    return check


def _tuple_of(check: Callable[[Any], str], *, empty: bool = False) -> Callable[[Any], str]:
    def check_all(value: Any) -> str:
        if not isinstance(value, tuple):
            return "must be a tuple (a trailing comma makes one)"
        if not value and not empty:
            return "must not be empty"
        return next((f"each {problem}" for item in value if (problem := check(item))), "")

    return check_all


def _check_positive_timedelta(value: Any) -> str:
    is_valid = isinstance(value, timedelta) and value > timedelta(0)
    return "" if is_valid else "must be a timedelta above 0"


def _check_positive_number(value: Any) -> str:
    is_valid = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return "" if is_valid else "must be a number of seconds above 0"


def _check_timezone(value: Any) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError):
        return 'must be an IANA zone such as "Asia/Seoul"'
    return ""


def _check_interval_range(value: Any) -> str:
    if problem := _tuple_of(_check_positive_timedelta, empty=True)(value):
        return problem
    is_valid = not value or (len(value) == 2 and value[0] <= value[1])
    return "" if is_valid else "must be the shortest and the longest time, in this order"


def _check_pattern(value: Any) -> str:
    try:
        re.compile(value)
    except (re.error, TypeError) as error:
        return f"must be a regular expression ({error})"
    return ""


def _check_key_pattern(value: Any) -> str:
    if value == "" or (problem := _check_pattern(value)):
        return problem if value else ""
    return (
        "" if re.compile(value).groups else "must have a group: the text that it matches is the key"
    )


_CHECKS: dict[str, Callable[[Any], str]] = {
    "name": _matches(r"[a-z0-9][a-z0-9_.-]*", 'lower-case letters, digits, "_", "." or "-"'),
    "every": _check_positive_timedelta,
    "languages": _tuple_of(_matches(r"[a-z]{2,3}", "a lower-case ISO 639 code")),
    "country": _matches(r"[A-Z]{2}", "an upper-case ISO 3166 code of two letters"),
    "timezone": _check_timezone,
    "hosts": _tuple_of(
        _matches(r"[a-z0-9.-]+\.[a-z0-9-]+(:\d+)?", "a lower-case host without scheme or path")
    ),
    "rights": _one_of(*RIGHTS),
    "sources": _tuple_of(_instance_of(Source, "a Source (Feed, Sitemap, Listing ...)")),
    "article": _check_pattern,
    "rights_note": _instance_of(str, "text"),
    "between": _check_interval_range,
    "key": _check_key_pattern,
    "rules": _tuple_of(_instance_of(Rules, "a Rules(...)"), empty=True),
    "topic": _instance_of(bool, "True or False"),
    "browser": _instance_of(bool, "True or False"),
    "delay": _check_positive_number,
    "expect": _instance_of(Expect, "an Expect(...)"),
    "groups": _tuple_of(_one_of(STATE_MEDIA), empty=True),
    "agency_rank": _instance_of(int, "a whole number"),
    "paywalled": _instance_of(bool, "True or False"),
    "site_metadata": _tuple_of(_check_pattern, empty=True),
    "revisit": _tuple_of(_check_positive_timedelta, empty=True),
    "page_validators": _instance_of(bool, "True or False"),
}

GROUPS: Mapping[str, Callable[[type[Outlet]], bool]] = {
    "state-media": lambda outlet: outlet.country == "KP" or STATE_MEDIA in outlet.groups,
    "wires": lambda outlet: outlet.agency_rank <= 1,
    "korean": lambda outlet: outlet.country in ("KP", "KR"),
    "north-korean": lambda outlet: outlet.country == "KP",
    "south-korean": lambda outlet: outlet.country == "KR",
}
"""Which outlets each group has, by what they declare."""
