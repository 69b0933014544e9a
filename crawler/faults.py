"""What is wrong with a declared outlet: all rules that the outlets of `spiders/` must keep."""

import inspect
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from crawler.extract.page.css_select import select_nodes, selector_alternatives, split_attribute
from crawler.extract.page.page import Page
from crawler.extract.page.rules import RULE_PATTERNS, RULE_SELECTORS
from crawler.extract.urls import is_own_url
from crawler.outlet import Outlet, value_faults
from crawler.sources import Listing

MIN_INTERVAL, MAX_INTERVAL = timedelta(minutes=10), timedelta(days=1)
MIN_DELAY = 3.0  # seconds between requests
_VERIFIED = re.compile(r"[VU](?:,? |$)")
_EMPTY_PAGE = Page(b"<html><body><p></p></body></html>", "https://example.org/")
_LISTING_SELECTORS = ("item", "link", "title", "date", "lead", "next")


def faults(outlet: type[Outlet]) -> list[str]:
    """Returns what is wrong with a declaration, one line each; [] if it keeps all rules.

    Python refuses wrong values when it makes the class (`DeclarationError`). The other rules hold
    for the outlets of `spiders/` only: tests and the demo are not polite to their own machine.
    """
    found = value_faults(outlet)
    if not found:
        found = [
            f"{outlet.__name__}.{fault}"
            for rule in (_names, _politeness, _sources, _selectors, _layouts, _hooks)
            for fault in rule(outlet)
        ]
    return found


def _names(outlet: type[Outlet]) -> Iterator[str]:
    if outlet.__module__.rpartition(".")[2] != outlet.name:
        yield f"name: must be the name of the file, {outlet.__module__}, got {outlet.name!r}"
    if _plain(outlet.__name__) != _plain(outlet.name):
        yield f"name: must be the name of the class too, got {outlet.name!r}"
    title = inspect.getdoc(outlet) or ""
    if "\n" in title or not title.endswith("."):
        yield f"__doc__: must be one line: the outlet's name and a full stop at the end, got {title!r}"


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _politeness(outlet: type[Outlet]) -> Iterator[str]:
    if not MIN_INTERVAL <= outlet.every <= MAX_INTERVAL:
        yield f"every: must be from {MIN_INTERVAL} to {MAX_INTERVAL}, got {outlet.every}"
    if outlet.delay < MIN_DELAY:
        yield f"delay: must be at least {MIN_DELAY:g} seconds, got {outlet.delay:g}"


def _sources(outlet: type[Outlet]) -> Iterator[str]:
    for source in outlet.sources:
        if not is_own_url(source.url, outlet.hosts):
            yield f"sources: {source.url} is on none of the outlet's hosts"
        if not _VERIFIED.match(source.verified):
            yield f'sources: {source.url} does not say how it is known: verified="V ..." or "U ..."'
    if all(source.until is not None for source in outlet.sources):
        yield "sources: one must still answer, so have no `until`"


def _selectors(outlet: type[Outlet]) -> Iterator[str]:
    for rules in outlet.rules:
        yield from _selector_faults("rules", rules, RULE_SELECTORS)
        for pattern in (pattern for name in RULE_PATTERNS for pattern in getattr(rules, name)):
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"rules: {pattern!r} is not a regular expression ({error})"
    for source in outlet.sources:
        if isinstance(source, Listing):
            yield from _selector_faults("sources", source, _LISTING_SELECTORS)


def _selector_faults(attribute: str, owner: object, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        for selector in selector_alternatives(getattr(owner, name)):
            try:
                select_nodes(_EMPTY_PAGE.tree, split_attribute(selector)[0])
            except ValueError as error:
                yield f"{attribute}: {name}: {error}"


def _layouts(outlet: type[Outlet]) -> Iterator[str]:
    for earlier, later in pairwise(outlet.rules):
        if earlier.until is not None and later.until is None:
            yield "rules: today's layouts come first, those with `until` after them"
        if earlier.until is None and later.until is None and not earlier.when:
            yield "rules: only the last of today's layouts needs no `when`"


def _hooks(outlet: type[Outlet]) -> Iterator[str]:
    if outlet.prepare(_EMPTY_PAGE) is not _EMPTY_PAGE:
        yield "prepare: must return a page of another kind unchanged"
