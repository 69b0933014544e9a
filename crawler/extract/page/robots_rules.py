"""Reads what a page tells robots about archiving: the header X-Robots-Tag and meta tags.

The forms are those of Google's documentation ("Robots meta tag, data-nosnippet, and X-Robots-Tag
specifications"): names in any letter case, several headers, rules for one robot only. Of rules that
contradict each other the strictest counts.
"""

import re

from crawler import trial
from crawler.extract.page.page import Page

ROBOT_NAME = "nkwire"
HEADER = "x-robots-tag"
"""In `Page.headers` the values of several headers stand on lines of their own."""
FORBIDS_ARCHIVING = "noarchive"
"""The flag of an extraction whose page forbids archiving."""

# `nocache` is Bing's name of `noarchive`. `none` and `unavailable_after` speak of search results only.
_FORBIDDING = frozenset({"noarchive", "nocache"})
_CPU_SECONDS = 0.4  # so that this and the reading of the page together stay cheap
_META_NAMES = ("robots", ROBOT_NAME, HEADER)
_OWN_NAMES = frozenset({"", "*", "robots", ROBOT_NAME})
_WITH_VALUE = re.compile(r"unavailable_after|max-[a-z]+(?:-[a-z]+)?")
_ROBOT = re.compile(r"[\w./*-]+")
_RULE_IN_META = re.compile(
    rb"<meta\s(?=[^<>]*robots|[^<>]*nkwire)[^<>]*?(?:%b)"
    % b"|".join(each.encode() for each in sorted(_FORBIDDING)),
    re.IGNORECASE,
)


def archiving_ban(page: Page) -> str:
    """Returns the rule that forbids to archive a page, and its place; "" if there is none.

    Examples: `X-Robots-Tag: noarchive`, `meta robots: noarchive`.
    """
    if ban := _ban_in_headers(page):
        return ban
    for name in _META_NAMES:
        for value in page.meta.get(name, ()):
            if rule := find_rule(value):
                return f"meta {name}: {rule}"
    return ""


def archiving_ban_of_source(page: Page) -> str:
    """Returns the same for a page that is not parsed: it is, if its bytes may hold such a tag.

    The tags of a page that costs too much count as missing.
    """
    may_hold_tag = _RULE_IN_META.search(page.body) or b"\0" in page.body[:100]  # UTF-16
    if not may_hold_tag:
        return _ban_in_headers(page)
    try:
        return trial.bounded(lambda: archiving_ban(page.unparsed_copy()), cpu=_CPU_SECONDS)
    except (trial.HostileError, trial.UntriedError):
        return _ban_in_headers(page)


def _ban_in_headers(page: Page) -> str:
    for value in page.headers.get(HEADER, "").split("\n"):
        if rule := find_rule(value):
            return f"X-Robots-Tag: {rule}"
    return ""


def find_rule(value: str) -> str:
    """Returns the rule in a header or meta tag that forbids us to archive; "" if none does.

    A robot's name counts for all rules after it, until the next name.
    """
    robot = ""
    for part in value.replace(";", ",").lower().split(","):
        rule = part.strip()
        name, colon, rest = (each.strip() for each in rule.partition(":"))
        if colon and _ROBOT.fullmatch(name) and not _WITH_VALUE.fullmatch(name):
            robot, rule = name.split("/")[0], rest
        words = rule.partition(":")[0].split()
        if robot in _OWN_NAMES and (found := next(filter(_FORBIDDING.__contains__, words), "")):
            return found
    return ""
