"""Parses declared listings: HTML pages (with paging by link or form) and JSON answers."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discovery.link_urls import absolute_url
from crawler.discovery.listed_text import MAX_LEAD_CHARS
from crawler.discovery.listing_dates import ListingDateParser
from crawler.extract.page.clean import clean_line
from crawler.extract.page.css_select import first_value
from crawler.extract.page.rules import Selectors
from crawler.extract.urls import base_of
from crawler.sources import FormListing, JsonListing, Link, Listing, ParsedSource, SourcePage
from storage.wording.numbers import format_count

MAX_ROWS = 5000


def parse_listing(
    source: Listing,
    tree: LexborHTMLParser,
    url: str,
    date_parser: ListingDateParser,
    page_number: int,
) -> ParsedSource:
    """Returns the rows of a listing page in page order, and the request for the next page.

    `page_number`: the number of this page, starting at 1.
    """
    root = tree.root
    if root is None:
        return ParsedSource(problems=["the listing is empty"])
    rows = root.css(source.item)
    base = base_of(tree, url)
    parsed = ParsedSource()
    parsed.links = [
        link for row in rows[:MAX_ROWS] if (link := _row(source, row, base, date_parser)).url
    ]
    if len(rows) > MAX_ROWS:
        parsed.problems.append(f"listing of {len(rows)} rows: the first {MAX_ROWS} were read")
    if not rows:
        parsed.problems.append(f"no row matches {source.item!r}")
    elif not parsed.links:
        parsed.problems.append(
            f"{format_count(len(rows), 'row')}, none with a link by {source.link!r}"
        )
    source_text = tree.html or ""
    parsed.declared_total = _find_declared_count(source.total, source_text)
    if parsed.links and page_number < (
        _find_declared_count(source.page_count, source_text) or 10**6
    ):
        parsed.further_pages.extend(_iter_next_pages(source, root, url, base, page_number + 1))
    return parsed


def extract_link_url(raw: str, pattern: str, template: str) -> str:
    """Returns the URL inside a script call such as `javascript:article_open('...')`.

    `pattern`, `template`: as `link_pattern` and `link_template` of `crawler.sources.Listing`.
    Returns "" if the pattern does not match.
    """
    if not pattern:
        return template.format(raw) if template and raw else raw
    match = re.search(pattern, raw)
    if match is None:
        return ""
    groups = match.groups() or (match[0],)
    return template.format(*groups) if template else str(groups[0])


def _select_text(node: LexborNode, selectors: Selectors) -> str:
    return first_value(node, selectors)[0]


def _row(source: Listing, row: LexborNode, url: str, date_parser: ListingDateParser) -> Link:
    printed_date = _select_text(row, source.date)
    listed_time = date_parser.parse(printed_date) if printed_date else None
    raw = _select_text(row, source.link)
    return Link(
        url=absolute_url(extract_link_url(raw, source.link_pattern, source.link_template), url),
        # Some sites print the date inside the link, after the headline.
        title=_select_text(row, source.title).removesuffix(printed_date).rstrip(),
        published_at=listed_time.at if listed_time else None,
        published_precision=listed_time.precision if listed_time else "",
        lead=_select_text(row, source.lead)[:MAX_LEAD_CHARS],
    )


def _find_declared_count(pattern: str, text: str) -> int | None:
    match = re.search(pattern, text) if pattern else None
    digits = re.sub(r"\D", "", match[1])[:9] if match else ""
    return int(digits) if digits else None


def _iter_next_pages(
    source: Listing, root: LexborNode, url: str, base: str, page_number: int
) -> Iterator[SourcePage]:
    if isinstance(source, FormListing):
        yield from _form(source, root, url, base, page_number)
        return
    raw = source.next_template.format(page=page_number) or _select_text(root, source.next)
    address = absolute_url(raw, base) if raw else ""
    if address and address != url:
        yield SourcePage(source=source, url=address, page=page_number)


def _form(
    source: FormListing, root: LexborNode, url: str, base: str, page_number: int
) -> Iterator[SourcePage]:
    form = root.css_first(source.form)
    if form is None:
        return
    fields = dict(_iter_form_fields(form))
    fields[source.page_field] = str(page_number)
    form_url = absolute_url(form.attributes.get("action") or url, base)
    if form_url:
        yield SourcePage(
            source=source, url=form_url, form_fields=tuple(fields.items()), page=page_number
        )


def _iter_form_fields(form: LexborNode) -> Iterator[tuple[str, str]]:
    for node in form.css("input, select, textarea"):
        name = node.attributes.get("name")
        kind = (node.attributes.get("type") or "").lower()
        unchecked = kind in ("checkbox", "radio") and "checked" not in node.attributes
        if not name or unchecked or kind in ("submit", "button", "image", "reset", "file"):
            continue
        yield name, _field_value(node)


def _field_value(node: LexborNode) -> str:
    if node.tag == "select":
        option = node.css_first("option[selected]") or node.css_first("option")
        return (option.attributes.get("value") or "") if option else ""
    if node.tag == "textarea":
        return node.text()
    return node.attributes.get("value") or ""


def parse_json_listing(
    source: JsonListing, answer: object, url: str, date_parser: ListingDateParser
) -> ParsedSource:
    """Returns the rows of a decoded JSON answer, in its order."""
    parsed = ParsedSource()
    rows = _value_at_path(answer, source.items)
    if not isinstance(rows, list):
        parsed.problems.append(f"no list at {source.items!r} in the JSON answer")
        return parsed
    for row in rows[:MAX_ROWS]:
        raw = extract_link_url(
            _text_at_path(row, source.link), source.link_pattern, source.link_template
        )
        address = absolute_url(raw, url)
        if not address:
            continue
        listed_time = date_parser.parse(_text_at_path(row, source.date)) if source.date else None
        parsed.links.append(
            Link(
                url=address,
                title=_text_at_path(row, source.title),
                published_at=listed_time.at if listed_time else None,
                published_precision=listed_time.precision if listed_time else "",
                lead=_text_at_path(row, source.lead)[:MAX_LEAD_CHARS] if source.lead else "",
            )
        )
    if rows and not parsed.links:
        parsed.problems.append(f"{len(rows)} JSON rows, none with a link at {source.link!r}")
    return parsed


def _value_at_path(answer: object, path: str) -> object:
    for name in path.split(".") if path else ():
        if isinstance(answer, dict):
            answer = answer.get(name)
        elif isinstance(answer, list) and name.isdigit() and int(name) < len(answer):
            answer = answer[int(name)]
        else:
            return None
    return answer


def _text_at_path(row: object, path: str) -> str:
    value = _value_at_path(row, path)
    return clean_line(str(value)) if isinstance(value, str | int | float) else ""
