"""Reads the fields of one page, each one when it is first needed.

If an outlet's rules give a field, it is not searched for elsewhere, so that a page of a declared
outlet costs little more than its parsing. `evidence` records where each field's value comes from.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

from crawler import trial
from crawler.extract.body.article_text import (
    ArticleText,
    find_text,
    find_visible_text,
    is_part_of,
    matches_description,
)
from crawler.extract.body.body import ArticleMetadata, letters_only
from crawler.extract.classify import classify_page
from crawler.extract.dates.datelines import find_dateline
from crawler.extract.dates.zones import guess_zone
from crawler.extract.fields.authors import find_authors
from crawler.extract.fields.date_claims import DateClaim, PageDateParser, claim_from_listing
from crawler.extract.fields.names import clean_names
from crawler.extract.fields.protocols import ListingEntry, OutletDeclaration
from crawler.extract.fields.published import (
    claim_from_dateline,
    find_published,
    is_same_day,
    iter_modified_claims,
    refine_claim,
)
from crawler.extract.fields.sections import MAX_TAG_CHARS, find_section, find_tags, split_tags
from crawler.extract.fields.titles import (
    PRINTED,
    find_title,
    has_stated_heading,
    is_same_headline,
    is_stated,
)
from crawler.extract.language import detect_language
from crawler.extract.page import css_select
from crawler.extract.page.layout import apply_line_rules, choose_rules
from crawler.extract.page.meta import first_meta_value
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import join_paragraphs
from crawler.extract.page.rules import Selectors
from crawler.extract.page.structured import StructuredData, parse_structured_data
from crawler.extract.page_facts import Classification, PageFacts
from crawler.extract.urls import base_of, canonical_url, host_of, original_url
from storage.records import Article, PageClass

_LANGUAGE = ("html-lang", "og:locale", "content-language", "language", "dc.language")
_DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description")
_COMPLETE_TEXT_WEIGHT, _MUCH_MORE_RATIO = 500, 3
_UNPRINTED_DATES = ("listing", "url")
_COMPARED_LEAD_CHARS = 60


class PageReader:
    """Reads one page of one outlet. Removes from the page's tree what the rules drop."""

    def __init__(self, page: Page, outlet: OutletDeclaration, link: ListingEntry | None) -> None:
        self.page = page
        self.outlet = outlet
        self.link = link
        self.evidence: dict[str, str] = {}
        self.rule_flags: list[str] = []
        self.rules = choose_rules(page, outlet.rules)
        # Read captions before dropping: they are often in boxes that the rules drop.
        self.captions = css_select.all_values(page.tree, self.rules.captions)[0]
        css_select.remove_nodes(page.tree, self.rules.drop)

    @cached_property
    def structured(self) -> StructuredData:
        """The page's JSON-LD and microdata."""
        return parse_structured_data(self.page)

    @cached_property
    def rules_missed(self) -> bool:
        """Whether the outlet has rules and none finds a text: the page's layout is unknown."""
        return any(rules.body for rules in self.outlet.rules) and not self._selected_paragraphs[0]

    @cached_property
    def title(self) -> str:
        """The headline: by the rules, else by the page's metadata, else from the listing."""
        declared = self._select_value("title", self.rules.title)
        if declared and (not self.rules_missed or self._confirms_title(declared)):
            return declared if is_stated(self.page, declared) else self._correct_title(declared)
        if self.link and self.link.title and not self._find_page_title():
            self.evidence["title"] = "listing"
            return self.link.title
        return self._find_page_title()

    @cached_property
    def article_text(self) -> ArticleText:
        """The text, its lead and captions: by the rules, else found on the page."""
        lead = self._select_value("lead", self.rules.lead)
        found_text = self._find_better_text() if self.rules_text else self._find_text()
        if found_text is None:
            return ArticleText(self.rules_text, lead, self.captions, "rules")
        self.evidence["text"] = found_text.source
        return replace(
            found_text, lead=lead or found_text.lead, captions=self.captions or found_text.captions
        )

    def _find_text(self) -> ArticleText:
        is_free = self.structured.is_free is not False and not self.outlet.paywalled
        return find_text(self.page, self._metadata(), is_free=is_free)

    def _find_better_text(self) -> ArticleText | None:
        """Returns the visible text if it should replace the text by the rules, else None.

        It replaces a short text that is only its beginning, or that the page's metadata do not
        describe.
        """
        if (
            len(self.rules_text) >= _COMPLETE_TEXT_WEIGHT
            or text_weight(self.rules_text) >= _COMPLETE_TEXT_WEIGHT
        ):
            return None
        metadata = self._metadata()
        visible_text = find_visible_text(self.page, metadata)
        if is_part_of(self.rules_text, visible_text):
            self.rule_flags.append("rules-partial")
            return visible_text
        has_much_more = (
            visible_text.weight > _MUCH_MORE_RATIO * text_weight(self.rules_text)
            and visible_text.weight > _COMPLETE_TEXT_WEIGHT
        )
        if (
            has_much_more
            and matches_description(visible_text.text, metadata)
            and not matches_description(self.rules_text, metadata)
        ):
            self.rule_flags.append("rules-doubtful")
            return visible_text
        return None

    def _metadata(self) -> ArticleMetadata:
        description = first_meta_value(self.page.meta, *_DESCRIPTION)[0]
        return ArticleMetadata(self.title, description, self.structured.article_body)

    @cached_property
    def _selected_paragraphs(self) -> tuple[list[str], str]:
        return css_select.select_paragraphs(self.page.tree, self.rules.body)

    @cached_property
    def rules_text(self) -> str:
        """The text that the rules select, without the headline; "" if they find none."""
        parts, selector = self._selected_paragraphs
        title_letters = letters_only(self.title)
        # A longer part cannot be the headline and is not compared.
        max_compared_chars = 4 * len(self.title)
        text = join_paragraphs(
            part
            for part in apply_line_rules(parts, self.rules)
            if len(part) > max_compared_chars or letters_only(part) != title_letters
        )
        if text:
            self.evidence["text"] = f"rules {selector}"
        return text

    @cached_property
    def published(self) -> DateClaim | None:
        """The time of publication: by the rules, the metadata, the dateline or the listing."""
        listing_claim = self._listing_claim()
        claim = self._date_by_rules()
        if claim is None or self.rules_missed:
            page_claim = find_published(
                self.page, lambda: self.structured, self.date_parser, self.title
            )
            # If the rules do not fit the page, a selector may find another article's date.
            claim = (
                claim
                if claim and (not page_claim or is_same_day(claim, page_claim))
                else page_claim
            )
        if claim is None and (dateline := find_dateline(self.article_text.text)):
            claim = (
                claim_from_dateline(dateline.date, self.date_parser)
                if self.page.fetched_at
                else None
            )
        if listing_claim and claim and claim.source.endswith("the day of capture"):
            claim = None  # the listing was read earlier, when a relative date was more exact
        claim = (
            refine_claim(claim, [listing_claim], self.date_parser)
            if claim and listing_claim
            else claim or listing_claim
        )
        if claim and claim.time.has_time and not claim.time.has_zone:
            claim = DateClaim(claim.time, f"{claim.source}, zone unknown")
        if claim:
            self.evidence["published_at"] = claim.source
        return claim

    @cached_property
    def date_parser(self) -> PageDateParser:
        """A parser with the outlet's zone and languages; if unknown, guessed from host and page."""
        page_language = first_meta_value(self.page.meta, *_LANGUAGE)[0].lower().replace("_", "-")
        languages = self.outlet.languages or (page_language, page_language[:2])
        host = host_of(original_url(self.page.url))
        guessed_zone = "" if self.outlet.timezone else guess_zone(host, page_language)
        now = self.page.fetched_at or datetime.now(UTC)
        return PageDateParser(self.outlet.timezone, guessed_zone, languages, now)

    @cached_property
    def classification(self) -> Classification:
        """The page's class and the reason for it."""
        facts = PageFacts(
            self.title,
            self.article_text.text,
            has_date=self.published is not None,
            has_printed_date=bool(self.published and self.published.source not in _UNPRINTED_DATES),
            has_rules_text=bool(self.rules_text),
            paywalled=self.outlet.paywalled,
        )
        return classify_page(self.page, facts, lambda: self.structured)

    def flags(self) -> tuple[str, ...]:
        """Returns the flags, as `Extraction` lists them."""
        flags = list(self.page.decoded.flags)
        if self.page.truncated or ("outline" in vars(self.page) and self.page.outline.truncated):
            flags.append("truncated")
        if trial.is_tried() and self._has_too_many_values():
            flags.append("too-many-values")
        if any(rules.body for rules in self.outlet.rules) and not self.rules_text:
            flags.append("rules-missed")
        return (*flags, *self.rule_flags)

    def _has_too_many_values(self) -> bool:
        rules = self.rules
        fields = (rules.date, rules.authors, rules.tags, rules.captions)
        return any(css_select.has_too_many(self.page.tree, each) for each in fields)

    def build_article(self, page_class: PageClass) -> Article:
        """Returns the article with all its fields."""
        lead, text = self._lead_and_text()
        claim = self.published
        return Article(
            outlet=self.outlet.name,
            url=self.page.url,
            canonical_url=self._canonical(),
            key=self.outlet.key_from_url(self.page.url) or (self.link.key if self.link else ""),
            title=self.title,
            text=text,
            page_class=page_class,
            lead=lead,
            authors=self._authors(),
            section=self._section(),
            tags=self._tags(),
            language=self._language(text),
            dateline=find_dateline(text),
            captions=self.article_text.captions,
            published_at=claim.time.at if claim else None,
            published_precision=claim.time.precision if claim else None,
            published_source=claim.source if claim else "",
            published_raw=claim.time.raw[:200] if claim else self._unparsed_date(),
            modified_at=self._modified(),
            rights=self.outlet.rights,
            rules_version=self.rules.version,
            evidence=self.evidence,
        )

    def _select_value(self, name: str, selectors: Selectors) -> str:
        value, selector = css_select.first_value(self.page.tree, selectors)
        if value:
            self.evidence[name] = f"rules {selector}"
        return value

    def _confirms_title(self, declared: str) -> bool:
        """Returns whether the rules' headline agrees with the page, though the rules do not fit."""
        page_title = self._find_page_title()
        if page_title and not is_same_headline(declared, page_title):
            return False
        self._select_value("title", self.rules.title)
        return True

    def _correct_title(self, declared: str) -> str:
        """Returns the printed heading that the metadata state, if the rules find another one."""
        if not has_stated_heading(self.page):
            return declared
        evidence = dict(self.evidence)
        found = self._find_page_title()
        if self.evidence["title"] in PRINTED and is_stated(self.page, found):
            return found
        self.evidence.update(evidence)
        return declared

    def _find_page_title(self) -> str:
        host = host_of(original_url(self.page.url))
        headline = find_title(self.page, self.structured, host)
        if headline.text:
            self.evidence["title"] = headline.source
        return headline.text

    def _date_by_rules(self) -> DateClaim | None:
        for selector in css_select.selector_alternatives(self.rules.date):
            for value in css_select.iter_values(self.page.tree, selector):
                if time := self.date_parser.parse(value, self.rules.date_format):
                    return DateClaim(time, f"rules {selector}")
        return None

    def _unparsed_date(self) -> str:
        return css_select.first_value(self.page.tree, self.rules.date)[0][:200]

    def _listing_claim(self) -> DateClaim | None:
        if self.link is None or self.link.published_at is None:
            return None
        return claim_from_listing(
            self.link.published_at, self.link.published_precision, self.date_parser.now
        )

    def _modified(self) -> datetime | None:
        value, selector = css_select.first_value(self.page.tree, self.rules.modified)
        claim = (
            DateClaim(time, f"rules {selector}")
            if (time := self.date_parser.parse(value))
            else None
        )
        claim = claim or next(
            iter_modified_claims(self.page, lambda: self.structured, self.date_parser), None
        )
        if claim is None and self.link and self.link.modified_at:
            claim = claim_from_listing(self.link.modified_at, "", self.date_parser.now)
        if claim is None or (self.published and claim.time.at < self.published.time.at):
            return None
        self.evidence["modified_at"] = claim.source
        return claim.time.at

    def _lead_and_text(self) -> tuple[str, str]:
        """Returns lead and text. The text contains the lead; a stub's text may be only the lead."""
        lead, text = self.article_text.lead, self.article_text.text
        # A lead that the text already contains is not added again.
        if lead and letters_only(lead)[:_COMPARED_LEAD_CHARS] not in letters_only(text):
            text = join_paragraphs((lead, text))
        if not lead:
            lead, name = first_meta_value(self.page.meta, *_DESCRIPTION)
            if not lead and self.link:
                lead, name = self.link.lead, "listing"
            if lead:
                self.evidence["lead"] = name if name == "listing" else f"meta {name}"
        return lead, text or lead

    def _authors(self) -> tuple[str, ...]:
        printed_names, selector = css_select.all_values(self.page.tree, self.rules.authors)
        if names := clean_names(printed_names):
            self.evidence["authors"] = f"rules {selector}"
            return names
        authors = find_authors(
            self.page,
            self.structured,
            self._site(),
            self.title,
            self.article_text.text,
            search_page=not self.rules_text,
        )
        if authors.names:
            self.evidence["authors"] = authors.source
        return authors.names

    def _site(self) -> Sequence[str]:
        return [*self.page.meta.get("og:site_name", ()), self.outlet.name]

    def _section(self) -> str:
        value = self._select_value("section", self.rules.section)
        if not value:
            value, source = find_section(self.page, self.structured)
            if value:
                self.evidence["section"] = source
        return value[:MAX_TAG_CHARS]

    def _tags(self) -> tuple[str, ...]:
        found, selector = css_select.all_values(self.page.tree, self.rules.tags)
        source = f"rules {selector}"
        if not found:
            found, source = find_tags(self.page, self.structured, self.link)
        tags = split_tags(found)
        if tags:
            self.evidence["tags"] = source
        return tags

    def _language(self, text: str) -> str:
        page_language = first_meta_value(self.page.meta, *_LANGUAGE)[0]
        language, source = detect_language(
            f"{self.title}\n{text}", page_language, self.outlet.languages
        )
        if language:
            self.evidence["language"] = source
        return language

    def _canonical(self) -> str:
        stated_url = first_meta_value(self.page.meta, "canonical", "og:url")[0]
        if not stated_url:
            return ""
        return canonical_url(self.page.url, stated_url, base_of(self.page.tree, self.page.url))
