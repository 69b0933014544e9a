"""The fields of one page, each computed when it is first asked for.

What an outlet's rules give is not looked for elsewhere, so that a page of a declared outlet costs
its parsing and little more. Every field notes in `evidence` where its value was taken from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

from crawler.extract.addresses import canonical, host_of, original_address
from crawler.extract.body.body import Clues, letters
from crawler.extract.body.prose import Prose, find_prose, find_shown, is_described, is_part_of
from crawler.extract.classify import Seen, Verdict, classify
from crawler.extract.dates.datelines import find_dateline
from crawler.extract.dates.zones import of_place
from crawler.extract.fields.declared import Listed, OutletDeclaration
from crawler.extract.fields.people import clean_names, find_authors
from crawler.extract.fields.published import (
    Claim,
    Setting,
    find_modified,
    find_published,
    from_dateline,
    listed,
    refine,
    same_day,
)
from crawler.extract.fields.titles import alike, find_title
from crawler.extract.language import language_of
from crawler.extract.page import selecting
from crawler.extract.page.blocks import joined
from crawler.extract.page.clean import clean_line
from crawler.extract.page.layout import choose_rules, trimmed
from crawler.extract.page.meta import first
from crawler.extract.page.outline import weight
from crawler.extract.page.page import Page
from crawler.extract.page.rules import Selectors
from crawler.extract.page.structured import Structured, read_structured
from storage.records import Article, PageClass

_LANGUAGE = ("html-lang", "og:locale", "content-language", "language", "dc.language")
_DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description")
_SECTION = ("article:section", "og:article:section", "section", "parsely-section",
            "cxenseparse:category", "dable:category", "category")  # fmt: skip
_TAGS = ("article:tag", "og:article:tag", "news_keywords", "keywords", "parsely-tags",
         "sailthru.tags", "tags")  # fmt: skip
_SURELY_WHOLE, _MUCH_MORE = 500, 3
_MOST_TAGS = 40
_LONGEST_TAG = 80
_SAME_OPENING = 60


class PageReader:
    """Reads one page of one outlet. The page's tree loses what the rules drop."""

    def __init__(self, page: Page, outlet: OutletDeclaration, link: Listed | None) -> None:
        self.page = page
        self.outlet = outlet
        self.link = link
        self.evidence: dict[str, str] = {}
        self.problems: list[str] = []
        self.rules = choose_rules(page, outlet.rules)
        # Captions often stand in boxes that the rules drop from the text.
        self.captions = selecting.all_values(page.tree, self.rules.captions)[0]
        selecting.remove(page.tree, self.rules.drop)

    @cached_property
    def structured(self) -> Structured:
        return read_structured(self.page)

    @cached_property
    def missed(self) -> bool:
        """The outlet has rules and none fits: its pages look different now."""
        return any(rules.body for rules in self.outlet.rules) and not self._selected[0]

    @cached_property
    def title(self) -> str:
        declared = self._declared("title", self.rules.title)
        if declared and (not self.missed or self._is_title(declared)):
            return declared
        if self.link and self.link.title and not self._title_on_page():
            self.evidence["title"] = "listing"
            return self.link.title
        return self._title_on_page()

    @cached_property
    def prose(self) -> Prose:
        """The text and its lead: by the rules, or by what the page looks like."""
        lead = self._declared("lead", self.rules.lead)
        found = self._better_than_rules() if self.rules_text else self._found()
        if found is None:
            return Prose(self.rules_text, lead, self.captions, "rules")
        self.evidence["text"] = found.source
        return replace(found, lead=lead or found.lead, captions=self.captions or found.captions)

    def _found(self) -> Prose:
        free = self.structured.free is not False and not self.outlet.paywalled
        return find_prose(self.page, self._clues(), free=free)

    def _better_than_rules(self) -> Prose | None:
        """The visible text, if a short one that the rules select is only its beginning or another."""
        if len(self.rules_text) >= _SURELY_WHOLE or weight(self.rules_text) >= _SURELY_WHOLE:
            return None
        clues = self._clues()
        found = find_shown(self.page, clues)
        if is_part_of(self.rules_text, found):
            self.problems.append("rules-partial")
            return found
        much = found.weight > _MUCH_MORE * weight(self.rules_text) and found.weight > _SURELY_WHOLE
        if much and is_described(found.text, clues) and not is_described(self.rules_text, clues):
            self.problems.append("rules-doubtful")
            return found
        return None

    def _clues(self) -> Clues:
        description = first(self.page.meta, *_DESCRIPTION)[0]
        return Clues(self.title, description, self.structured.article_body)

    @cached_property
    def _selected(self) -> tuple[list[str], str]:
        return selecting.all_paragraphs(self.page.tree, self.rules.body)

    @cached_property
    def rules_text(self) -> str:
        parts, selector = self._selected
        known = letters(self.title)
        near = 4 * len(self.title)  # what is longer is no headline, and need not be compared
        text = joined(
            part
            for part in trimmed(parts, self.rules)
            if len(part) > near or letters(part) != known
        )
        if text:
            self.evidence["text"] = f"rules {selector}"
        return text

    @cached_property
    def published(self) -> Claim | None:
        told = self._listed()
        claim = self._declared_date()
        if claim is None or self.missed:
            found = find_published(self.page, lambda: self.structured, self.setting, self.title)
            # On a page that the rules do not fit, a selector may find another article's date.
            claim = claim if claim and (not found or same_day(claim, found)) else found
        if claim is None and (dateline := find_dateline(self.prose.text)):
            claim = from_dateline(dateline.date, self.setting) if self.page.fetched_at else None
        if told and claim and claim.source.endswith("the day of capture"):
            claim = None  # the listing said it when it was fresher
        claim = refine(claim, [told], self.setting) if claim and told else claim or told
        if claim and claim.time.has_time and not claim.time.has_zone:
            claim = Claim(claim.time, f"{claim.source}, zone unknown")
        if claim:
            self.evidence["published_at"] = claim.source
        return claim

    @cached_property
    def setting(self) -> Setting:
        said = first(self.page.meta, *_LANGUAGE)[0].lower().replace("_", "-")
        languages = self.outlet.languages or (said, said[:2])
        host = host_of(original_address(self.page.url))
        guess = "" if self.outlet.timezone else of_place(host, said)
        now = self.page.fetched_at or datetime.now(UTC)
        return Setting(self.outlet.timezone, guess, languages, now)

    @cached_property
    def verdict(self) -> Verdict:
        seen = Seen(
            self.title,
            self.prose.text,
            has_date=self.published is not None,
            rules=bool(self.rules_text),
            paywalled=self.outlet.paywalled,
        )
        return classify(self.page, seen, lambda: self.structured)

    def flags(self) -> tuple[str, ...]:
        flags = list(self.page.decoded.flags)
        if self.page.truncated or ("outline" in vars(self.page) and self.page.outline.cut):
            flags.append("truncated")
        if any(rules.body for rules in self.outlet.rules) and not self.rules_text:
            flags.append("rules-missed")
        return (*flags, *self.problems)

    def article(self, page_class: PageClass) -> Article:
        lead, text = self._lead_and_text()
        claim = self.published
        return Article(
            outlet=self.outlet.name,
            url=self.page.url,
            canonical_url=self._canonical(),
            key=self.outlet.key_of(self.page.url) or (self.link.key if self.link else ""),
            title=self.title,
            text=text,
            page_class=page_class,
            lead=lead,
            authors=self._authors(),
            section=self._section(),
            tags=self._tags(),
            language=self._language(text),
            dateline=find_dateline(text),
            captions=self.prose.captions,
            published_at=claim.time.at if claim else None,
            published_precision=claim.time.precision if claim else None,
            published_source=claim.source if claim else "",
            published_raw=claim.time.raw[:200] if claim else self._unread_date(),
            modified_at=self._modified(),
            rights=self.outlet.rights,
            rules_version=self.rules.version,
            evidence=self.evidence,
        )

    def _declared(self, name: str, selectors: Selectors) -> str:
        value, selector = selecting.first_value(self.page.tree, selectors)
        if value:
            self.evidence[name] = f"rules {selector}"
        return value

    def _is_title(self, declared: str) -> bool:
        """Say whether a page that the rules do not fit has this headline all the same."""
        found = self._title_on_page()
        if found and not alike(declared, found):
            return False
        self._declared("title", self.rules.title)
        return True

    def _title_on_page(self) -> str:
        host = host_of(original_address(self.page.url))
        found = find_title(self.page, self.structured, host)
        if found.text:
            self.evidence["title"] = found.source
        return found.text

    def _declared_date(self) -> Claim | None:
        for selector in selecting.alternatives(self.rules.date):
            for value in selecting.values(self.page.tree, selector):
                if time := self.setting.read(value, self.rules.date_format):
                    return Claim(time, f"rules {selector}")
        return None

    def _unread_date(self) -> str:
        return selecting.first_value(self.page.tree, self.rules.date)[0][:200]

    def _listed(self) -> Claim | None:
        if self.link is None or self.link.published_at is None:
            return None
        return listed(self.link.published_at, self.link.published_precision, self.setting.now)

    def _modified(self) -> datetime | None:
        value, selector = selecting.first_value(self.page.tree, self.rules.modified)
        claim = Claim(time, f"rules {selector}") if (time := self.setting.read(value)) else None
        claim = claim or next(find_modified(self.page, lambda: self.structured, self.setting), None)
        if claim is None and self.link and self.link.modified_at:
            claim = listed(self.link.modified_at, "", self.setting.now)
        if claim is None or (self.published and claim.time.at < self.published.time.at):
            return None
        self.evidence["modified_at"] = claim.source
        return claim.time.at

    def _lead_and_text(self) -> tuple[str, str]:
        """The text holds the standfirst too, as a reader sees it; a stub's text may be it alone."""
        lead, text = self.prose.lead, self.prose.text
        # A standfirst that the text opens with, and then goes on, is not printed twice.
        if lead and letters(lead)[:_SAME_OPENING] not in letters(text):
            text = joined((lead, text))
        if not lead:
            lead, name = first(self.page.meta, *_DESCRIPTION)
            if not lead and self.link:
                lead, name = self.link.lead, "listing"
            if lead:
                self.evidence["lead"] = name if name == "listing" else f"meta {name}"
        return lead, text or lead

    def _authors(self) -> tuple[str, ...]:
        found, selector = selecting.all_values(self.page.tree, self.rules.authors)
        if names := clean_names(found):
            self.evidence["authors"] = f"rules {selector}"
            return names
        authors = find_authors(
            self.page, self.structured, self._site(), self.prose.text, look=not self.rules_text
        )
        if authors.names:
            self.evidence["authors"] = authors.source
        return authors.names

    def _site(self) -> Sequence[str]:
        return [*self.page.meta.get("og:site_name", ()), self.outlet.name]

    def _section(self) -> str:
        if value := self._declared("section", self.rules.section):
            return value
        value, name = first(self.page.meta, *_SECTION)
        if not value and self.structured.sections:
            value, name = self.structured.sections[0], "articleSection"
        if value:
            self.evidence["section"] = f"meta {name}" if name in _SECTION else f"json-ld {name}"
        return value[:_LONGEST_TAG]

    def _tags(self) -> tuple[str, ...]:
        found, selector = selecting.all_values(self.page.tree, self.rules.tags)
        source = f"rules {selector}"
        if not found:
            name = next((name for name in _TAGS if self.page.meta.get(name)), "")
            found, source = tuple(self.page.meta.get(name, ())), f"meta {name}"
        if not found and self.link:
            found, source = tuple(self.link.tags), "listing"
        if not found:
            found, source = tuple(self.structured.keywords), "json-ld keywords"
        tags = _separate(found)
        if tags:
            self.evidence["tags"] = source
        return tags

    def _language(self, text: str) -> str:
        said = first(self.page.meta, *_LANGUAGE)[0]
        language, source = language_of(f"{self.title}\n{text}", said, self.outlet.languages)
        if language:
            self.evidence["language"] = source
        return language

    def _canonical(self) -> str:
        said = first(self.page.meta, "canonical", "og:url")[0]
        return canonical(self.page.url, said) if said else ""


def _separate(found: Iterable[str]) -> tuple[str, ...]:
    tags = (clean_line(tag).strip("# ") for text in found for tag in text.split(","))
    kept = dict.fromkeys(tag for tag in tags if tag and len(tag) <= _LONGEST_TAG)
    return tuple(kept)[:_MOST_TAGS]
