"""Chooses the rules that fit a page's layout, and applies their line rules to the text."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from crawler.extract.page import css_select
from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules


def choose_rules(page: Page, layouts: tuple[Rules, ...]) -> Rules:
    """Returns the rules whose selectors fit the page; empty rules if the outlet has none.

    Rules that were still in use when the page was fetched are tried first.
    """
    candidates = [rules for rules in layouts if not rules.when or _matches(page, rules.when)]
    if len(candidates) == 1:
        return candidates[0]
    candidates.sort(key=lambda rules: _outdated(rules, page.fetched_at))
    for rules in candidates:
        if rules.body and _matches(page, rules.body):
            return rules
    return candidates[0] if candidates else Rules()


def apply_line_rules(parts: Iterable[str], rules: Rules) -> list[str]:
    """Applies `cut`, `end` and `erase` to each line of the paragraphs.

    Removes lines that `cut` matches and everything from the first line that `end` matches, and
    deletes what `erase` matches inside lines.
    """
    result: list[str] = []
    for part in parts:
        lines: list[str] = []
        for line in part.split("\n"):
            if any(pattern.search(line) for pattern in _compiled(rules.end)):
                return [*result, "\n".join(lines)] if lines else result
            if not any(pattern.search(line) for pattern in _compiled(rules.cut)):
                lines.append(_erased(line, rules.erase))
        if lines:
            result.append("\n".join(lines))
    return result


def _erased(line: str, patterns: tuple[str, ...]) -> str:
    for pattern in _compiled(patterns):
        line = pattern.sub("", line).rstrip()
    return line


@lru_cache(maxsize=2048)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    # The cache of `re` holds only 512 patterns; the outlets together have more.
    return tuple(re.compile(pattern) for pattern in patterns)


def _matches(page: Page, selectors: str | tuple[str, ...]) -> bool:
    return css_select.matches_any(page.tree, selectors)


def _outdated(rules: Rules, fetched_at: datetime | None) -> bool:
    return bool(rules.until and fetched_at and fetched_at.date() > rules.until)
