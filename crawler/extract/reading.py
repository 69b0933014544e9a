"""From a page to an article: declared rules first, then what the page says of itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crawler.extract import selecting
from crawler.extract.blocks import joined
from crawler.extract.dates import ParsedDate, parse_date
from crawler.extract.declared import Listed, OutletDeclaration
from crawler.extract.meta import first
from crawler.extract.page import Page
from crawler.extract.rules import Rules
from storage.records import Article, PageClass


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page is, the article on it if it has one, why not otherwise, and the evidence.

    `evidence`: field -> where its value was taken from. `published`: the time as it was read.
    """

    page_class: PageClass
    article: Article | None
    reason: str
    evidence: dict[str, str] = field(default_factory=dict)
    published: ParsedDate | None = None


def read(page: Page, outlet: OutletDeclaration, link: Listed | None = None) -> Reading:
    """Read one page of an outlet."""
    page = outlet.prepare(page.with_languages(outlet.languages))
    if page.refusal:
        return Reading(PageClass.ERROR, None, f"hostile page: {page.refusal}")
    rules = choose_rules(page, outlet.rules)
    selecting.remove(page.tree, rules.drop)
    evidence: dict[str, str] = {}
    title = _text(page, rules.title, "title", evidence)
    if not title:
        title, where = first(page.meta, "og:title", "title")
        evidence["title"] = f"meta {where}"
    parts, where = selecting.all_paragraphs(page.tree, rules.body)
    evidence["text"] = f"rules {where}"
    published = _published(page, outlet, rules, link, evidence)
    text = joined(trimmed(parts, rules))
    article = Article(
        outlet=outlet.name,
        url=page.url,
        canonical_url=first(page.meta, "canonical", "og:url")[0],
        key=outlet.key_of(page.url) or (link.key if link else ""),
        title=title,
        text=text,
        lead=_text(page, rules.lead, "lead", evidence),
        authors=selecting.all_values(page.tree, rules.authors)[0],
        section=_text(page, rules.section, "section", evidence),
        tags=selecting.all_values(page.tree, rules.tags)[0],
        captions=selecting.all_values(page.tree, rules.captions)[0],
        language=outlet.languages[0] if outlet.languages else "",
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_source=evidence.get("published_at", ""),
        published_raw=published.raw if published else "",
        rights=outlet.rights,
        evidence=evidence,
    )
    article = outlet.finish(page, article)
    if not article.text:
        return Reading(PageClass.ERROR, None, "no text found", evidence, published)
    return Reading(article.page_class, article, "", evidence, published)


def choose_rules(page: Page, layouts: tuple[Rules, ...]) -> Rules:
    """Give the layout whose selectors fit the page; dates decide which is tried first."""
    fitting = [rules for rules in layouts if not rules.when or _has(page, rules.when)]
    fitting.sort(key=lambda rules: _outdated(rules, page.fetched_at))
    for rules in fitting:
        if rules.body and selecting.matches_any(page.tree, rules.body):
            return rules
    return fitting[0] if fitting else Rules()


def trimmed(parts: Iterable[str], rules: Rules) -> list[str]:
    """Leave out lines that `cut` matches and all from the first that `end` matches."""
    kept: list[str] = []
    for part in parts:
        lines: list[str] = []
        for line in part.split("\n"):
            if any(re.search(pattern, line) for pattern in rules.end):
                return [*kept, "\n".join(lines)] if lines else kept
            if not any(re.search(pattern, line) for pattern in rules.cut):
                lines.append(line)
        if lines:
            kept.append("\n".join(lines))
    return kept


def _has(page: Page, selector: str) -> bool:
    return selecting.matches_any(page.tree, selector)


def _outdated(rules: Rules, fetched_at: datetime | None) -> bool:
    return bool(rules.until and fetched_at and fetched_at.date() > rules.until)


def _text(page: Page, selectors: Any, name: str, evidence: dict[str, str]) -> str:
    value, selector = selecting.first_value(page.tree, selectors)
    if value:
        evidence[name] = f"rules {selector}"
    return value


def _published(
    page: Page,
    outlet: OutletDeclaration,
    rules: Rules,
    link: Listed | None,
    evidence: dict[str, str],
) -> ParsedDate | None:
    now = page.fetched_at or datetime.now(UTC)
    for selector in selecting.alternatives(rules.date):
        for value in selecting.values(page.tree, selector):
            found = parse_date(
                value,
                timezone=outlet.timezone,
                languages=outlet.languages,
                now=now,
                format=rules.date_format,
            )
            if found:
                evidence["published_at"] = f"rules {selector}"
                return found
    return None
