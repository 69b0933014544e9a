"""Collects what each evidence on a page says, which one is used, and the links of a source."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler import trial
from crawler.discovery.source_parser import match_source, parse_source
from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.page import css_select
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of
from crawler.extract.page.rules import FIELD_SELECTORS, Rules, Selectors
from crawler.extract.page.structured import StructuredData, parse_structured_data
from crawler.outlet import Outlet
from crawler.registry import make_generic_outlet
from crawler.sources import ParsedSource

FIELD_BY_ATTRIBUTE = {"date": "published_at", "modified": "modified_at", "body": "text"}
FIELDS = ("title", "published_at", "modified_at", "authors", "section", "tags", "lead", "captions",
          "language", "text")  # fmt: skip
_META_PATTERNS = {
    "title": re.compile(r"(?:^|[:.])title$|^document-title$|^headline$"),
    "published_at": re.compile(
        r"publish(?!er)|pubdate|issued|created|^date$|[:.]date$", re.IGNORECASE
    ),
    "modified_at": re.compile(r"modif|updated|lastmod", re.IGNORECASE),
    "authors": re.compile(r"author|byline|creator", re.IGNORECASE),
    "section": re.compile(r"section|category", re.IGNORECASE),
    "tags": re.compile(r"keyword|(?:^|[:-])tags?$", re.IGNORECASE),
    "lead": re.compile(r"description$", re.IGNORECASE),
    "language": re.compile(r"lang|locale", re.IGNORECASE),
}
_MAX_SHOWN_CHARS = 400


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One piece of evidence for a field.

    `source`: where it stands. `value`: what it says, shortened. `is_used`: the field's value comes
    from it.
    """

    source: str
    value: str
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """The extraction of a page, its layout, and the evidence for each field.

    `source`: what the page lists; None for an article.
    """

    extraction: Extraction
    layout: str
    source: ParsedSource | None = None
    evidence: dict[str, list[FieldEvidence]] = field(default_factory=dict)


def inspect_page(page: Page, outlet: type[Outlet]) -> Inspection:
    """Extracts a page by the outlet's rules and collects all evidence.

    Evidence comes from the rules, JSON-LD, meta tags, elements, and an extraction without rules.
    """
    try:
        return trial.bounded(lambda: _inspect_page(page, outlet))
    except (trial.HostileError, trial.UntriedError):
        return Inspection(extract_page(page, outlet), "")


def _inspect_page(page: Page, outlet: type[Outlet]) -> Inspection:
    extraction = extract_page(page.unparsed_copy(), outlet)
    prepared = outlet.prepare(page.with_languages(outlet.languages))
    evidence: dict[str, list[FieldEvidence]] = {name: [] for name in FIELDS}
    for rules in outlet.rules:
        _add_evidence(evidence, _iter_from_rules(prepared, rules))
    structured = parse_structured_data(prepared)
    _add_evidence(evidence, _iter_from_structured(structured))
    _add_evidence(evidence, _iter_from_meta(prepared))
    _add_evidence(evidence, _iter_from_elements(prepared))
    _add_evidence(evidence, _iter_without_rules(page))
    used_sources = extraction.evidence
    for name, values in evidence.items():
        evidence[name] = [
            FieldEvidence(each.source, each.value, _is_used(each, used_sources.get(name, "")))
            for each in values
        ]
        if name in used_sources and not any(each.is_used for each in evidence[name]):
            evidence[name].insert(
                0, FieldEvidence(used_sources[name], _format_value(extraction, name), True)
            )
    source = None
    if extraction.article is None or not outlet.is_article(page.url):
        declared_source = match_source(outlet, page.url, page.body)
        at = page.fetched_at or datetime.now(UTC)
        source = parse_source(declared_source, page.body, page.url, outlet, at)
    return Inspection(extraction, _describe_layout(prepared, outlet), source, evidence)


def _add_evidence(
    evidence: dict[str, list[FieldEvidence]], statements: Iterator[tuple[str, str, str]]
) -> None:
    for name, source, value in statements:
        evidence[name].append(FieldEvidence(source, value))


def _is_used(evidence: FieldEvidence, used_source: str) -> bool:
    return bool(used_source) and (
        evidence.source == used_source or used_source.startswith(f"{evidence.source},")
    )


def _iter_from_rules(page: Page, rules: Rules) -> Iterator[tuple[str, str, str]]:
    for attribute in FIELD_SELECTORS:
        selectors: Selectors = getattr(rules, attribute)
        for selector in css_select.selector_alternatives(selectors):
            texts = list(css_select.iter_values(page.tree, selector))
            if texts:
                name = FIELD_BY_ATTRIBUTE.get(attribute, attribute)
                yield name, f"rules {selector}", shorten(" / ".join(texts))


def _iter_from_structured(structured: StructuredData) -> Iterator[tuple[str, str, str]]:
    for source, value in structured.published:
        yield "published_at", source, value
    for source, value in structured.modified:
        yield "modified_at", source, value
    values_by_source = {
        ("title", "json-ld headline"): structured.headlines,
        ("authors", "json-ld author"): structured.authors,
        ("authors", "json-ld creator"): structured.creators,
        ("section", "json-ld articleSection"): structured.sections,
        ("tags", "json-ld keywords"): structured.keywords,
        ("lead", "json-ld description"): structured.descriptions,
        ("text", "json-ld articleBody"): [structured.article_body]
        if structured.article_body
        else [],
    }
    for (name, source), values in values_by_source.items():
        if values:
            yield name, source, shorten(" / ".join(values))


def _iter_from_meta(page: Page) -> Iterator[tuple[str, str, str]]:
    for meta, values in page.meta.items():
        for name, pattern in _META_PATTERNS.items():
            if pattern.search(meta):
                yield name, f"meta {meta}", shorten(" / ".join(values))
                break


def _iter_from_elements(page: Page) -> Iterator[tuple[str, str, str]]:
    for node in page.tree.css("h1")[:5]:
        if text := text_of(node):
            yield "title", "h1", shorten(text)
    for node in page.tree.css("time")[:5]:
        time = node.attributes.get("datetime") or text_of(node)
        if time:
            yield "published_at", "time", shorten(time)


def _iter_without_rules(page: Page) -> Iterator[tuple[str, str, str]]:
    """Yields what an extraction without any rules finds."""
    extraction = extract_page(page.unparsed_copy(), make_generic_outlet("example.com"))
    for name in FIELDS:
        if value := _format_value(extraction, name):
            source = extraction.evidence.get(name, "")
            yield name, f"without rules: {source}" if source else "without rules", value


def _format_value(extraction: Extraction, name: str) -> str:
    value = getattr(extraction.article, name, None)
    if not value:
        return ""
    return shorten(" / ".join(value) if isinstance(value, tuple) else str(value))


def shorten(text: str) -> str:
    """Returns a text on one line; of a long text its length and its beginning."""
    line = " ".join(text.split())
    return (
        line
        if len(line) <= _MAX_SHOWN_CHARS
        else f"[{len(line):,} characters] {line[:_MAX_SHOWN_CHARS]}..."
    )


def _describe_layout(page: Page, outlet: type[Outlet]) -> str:
    for number, rules in enumerate(outlet.rules, 1):
        if rules.when and not css_select.matches_any(page.tree, rules.when):
            continue
        if not rules.body or css_select.matches_any(page.tree, rules.body):
            until = f", until {rules.until}" if rules.until else ""
            return f"layout {number} of {len(outlet.rules)}{until}"
    return "no layout of the outlet fits" if outlet.rules else "the outlet has no rules"
