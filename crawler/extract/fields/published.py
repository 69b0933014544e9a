"""Finds the time of publication, from all places where a page states it.

Claims are ordered by trust. The first one that can be parsed wins; the others add what it lacks: a
time of day, a zone. The zone comes from the claim itself, from the outlet, from another claim of
the same instant or with an offset, and last from the host's country or the page's language.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from selectolax.lexbor import LexborNode

from crawler.extract.body.body import letters_only
from crawler.extract.body.boilerplate import is_date_line
from crawler.extract.dates import zones
from crawler.extract.dates.dates import ParsedDate, is_plausible_time, parse_date
from crawler.extract.dates.relative import parse_relative_date
from crawler.extract.page.outline import Block, Outline
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of
from crawler.extract.page.structured import StructuredData
from storage.records import TimePrecision

_META = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time",
    "datepublished", "datepublished datecreated", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "analyticsattributes.articledate",
    "article_date_original", "article.published", "story:published_time", "published_time_telegram",
    "dable:item:published_time", "article:create", "publish-date", "publish_date", "publishdate",
    "published_date", "pubdate", "pub_date", "ptime", "date.release", "originalpublicationdate",
    "citation_publication_date", "citation_online_date", "dcterms.created", "dcterms.issued",
    "dc.date.issued", "dc.date.created", "dc.date", "dc.terms.date", "datecreated", "creation_date",
    "rnews:datepublished", "release_date", "date", "displaydate", "firstpublished", "og:regdate",
    "article:regdate", "regdate", "weibo:article:create_at", "bt:pubdate", "last-modified-date",
    "dd:published_time", "apub:time", "_pubtime", "time", "revision_date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "article:modified", "og:updated_time",
    "datemodified", "article:updated_time", "lastmod", "last-modified", "lastupdate", "dcterms.modified",
)  # fmt: skip
_DATE_IN_SCRIPT = re.compile(
    r'\\?["\'](?:datePublished|publishedAt|published_at|publishDate|publish_date|publishedDate'
    r"|firstPublished|first_publish_date|display_date|pubDate|publish_time|publishTime|published_time"
    r"|articleDate|regDate|date_published|datetime_published|createDate|pubtime"
    r"|published|published_date|publicationDate|publication_date|publishedTime)\\?[\"']\s{0,3}[:=]\s{0,3}"
    r'\\?["\']?([^"\'\\,}]{8,40})'
)
_IN_URL = (
    re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=/|[^\d]|$)"),
    re.compile(r"(?<!\d)((?:19|20)\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?:(?=\D|$)|(?=\d{3,12}(?!\d)))"),
)  # fmt: skip
_DATELIKE = re.compile(
    r"(?:19|20)\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2}|(?:주체|Juche|チュチェ) ?\d{2,3}", re.IGNORECASE
)
_NEAR_BLOCKS, _FAR_BLOCKS, _MIN_TITLE_OVERLAP = 12, 40, 0.6
_MAX_SCRIPT_CHARS = 2_000_000
_MAX_LINE_WEIGHT, _MAX_RELATIVE_LINE_WEIGHT = 160, 28


@dataclass(frozen=True, slots=True)
class DateClaim:
    """A time, and the place on the page that states it."""

    time: ParsedDate
    source: str


@dataclass(frozen=True, slots=True)
class PageDateParser:
    """Parses the times on one page.

    `zone`: the outlet's IANA zone, "" if unknown. `guessed_zone`: that of the host's country or the
    page's language, the last resort. `now`: aware, the time of the fetch.
    """

    zone: str
    guessed_zone: str
    languages: Sequence[str]
    now: datetime

    def parse(self, text: str, format: str = "") -> ParsedDate | None:
        """Returns the time in a text, as `parse_date`; `format` is a strptime format."""
        return parse_date(
            text, timezone=self.zone, languages=self.languages, now=self.now, date_format=format
        )


def find_published(
    page: Page, structured: Callable[[], StructuredData], date_parser: PageDateParser, title: str
) -> DateClaim | None:
    """Returns the time of publication and its place; None if the page does not state it."""
    claims = list(_iter_metadata_claims(page, structured(), date_parser))
    timed_claims = [claim for claim in claims if claim.time.has_time]
    if not any(claim.time.zone_printed or date_parser.zone for claim in timed_claims):
        claims += _iter_printed_claims(page.outline, title, date_parser)
    elif (
        date_parser.guessed_zone
        and claims[0].time.zone_printed
        and not claims[0].time.at.utcoffset()
    ):
        claims[0] = _correct_false_utc(
            claims[0], _iter_printed_claims(page.outline, title, date_parser), date_parser
        )
    if not claims:
        claims += _iter_url_claims(page.url, "url", date_parser)
    if not claims and page.tree.body is not None:
        claims += _iter_url_claims(
            page.tree.body.attributes.get("id") or "", "id of the page", date_parser
        )
    if not claims and page.fetched_at:
        claims += islice(_iter_relative_claims(page.outline, title, date_parser), 1)
    if not claims:
        return None
    # A revision date is the last resort among metadata.
    claims.sort(key=lambda claim: claim.source == "meta revision_date")
    return refine_claim(
        claims[0], claims, date_parser, iter_modified_claims(page, structured, date_parser)
    )


def iter_modified_claims(
    page: Page, structured: Callable[[], StructuredData], date_parser: PageDateParser
) -> Iterator[DateClaim]:
    """Yields the times of the last change, most trusted first."""
    for source, text in (*_iter_meta_dates(page, _MODIFIED_META), *structured().modified):
        if time := date_parser.parse(text):
            yield DateClaim(time, source)


def claim_from_dateline(date: str, date_parser: PageDateParser) -> DateClaim | None:
    """Returns the day that a dateline names, in the latest year that does not put it after `now`.

    Up to two days after `now` are allowed.
    """
    for year in (date_parser.now.year, date_parser.now.year - 1):
        for text in (f"{year}년 {date}", f"{year}年{date}", f"{date} {year}", f"{date}, {year}"):
            if time := date_parser.parse(text):
                return DateClaim(replace(time, raw=date), "dateline and the year of capture")
    return None


def refine_claim(
    claim: DateClaim,
    others: Iterable[DateClaim],
    date_parser: PageDateParser,
    modified: Iterable[DateClaim] = (),
) -> DateClaim:
    """Adds to a claim what it lacks and other claims near it have: the time of day, the zone.

    `modified`: times of the last change; only their offset from UTC is used.
    """
    others = [other for other in others if _is_near(claim.time, other.time)]
    if not claim.time.has_time:
        for other in others:
            if other.time.has_time:
                claim = DateClaim(other.time, f"{claim.source} + {other.source}")
                break
    if claim.time.has_time and not claim.time.zone_printed and not date_parser.zone:
        claim = _find_zone(claim, others, [*others, *modified], date_parser)
    if not claim.time.has_time and not claim.time.has_zone and date_parser.guessed_zone:
        return replace(claim, time=_with_named_zone(claim.time, date_parser.guessed_zone))
    return claim


def is_same_day(one: DateClaim, other: DateClaim) -> bool:
    """Returns whether two claims can mean the same publication: at most 26 to 30 hours apart."""
    return _is_near(one.time, other.time)


def _iter_metadata_claims(
    page: Page, structured: StructuredData, date_parser: PageDateParser
) -> Iterator[DateClaim]:
    stated = [*structured.published, *_iter_meta_dates(page, _META), *_iter_element_dates(page)]
    for source, text in stated:
        if time := date_parser.parse(text):
            yield DateClaim(time, source)
    if not any(True for _, text in stated if date_parser.parse(text)):
        script_times = [
            date_parser.parse(match[1])
            for match in islice(_DATE_IN_SCRIPT.finditer(page.html[:_MAX_SCRIPT_CHARS]), 6)
        ]
        times = [time for time in script_times if time]
        # Of several times on one day, the earliest is that of publication.
        same_day = [time for time in times if _is_near(time, times[0]) and time.has_time]
        for time in [min(same_day, key=lambda time: time.at)] if same_day else times[:1]:
            yield DateClaim(time, "script")


def _iter_meta_dates(page: Page, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for text in page.meta.get(name, ())[:1]:
            yield f"meta {name}", text


def _iter_element_dates(page: Page) -> Iterator[tuple[str, str]]:
    """Yields the dates of `<time pubdate>` and of `<dateformat>`, which a script would print."""
    # Two searches by tag alone are faster than one by tags and attributes.
    attribute_maps = [time.attributes for time in page.tree.css("time")]
    times = [
        attributes.get("datetime")
        for attributes in attribute_maps
        if "pubdate" in attributes or "publish" in (attributes.get("class") or "")
    ]
    custom = [node.attributes.get("time") for node in page.tree.css("dateformat")]
    for text in [text for text in (*times, *custom) if text][:2]:
        yield "element time", text


def _iter_printed_claims(
    outline: Outline, title: str, date_parser: PageDateParser
) -> Iterator[DateClaim]:
    """Yields dates in short lines near the headline, those after it first."""
    is_found = False
    for block in _iter_blocks_near_headline(outline, title):
        text = f"{_exact_time(outline.elements[block.element_index].node, block.text)} {block.text}"
        if _DATELIKE.search(text) and (time := date_parser.parse(text.replace("\n", " "))):
            yield DateClaim(time, "printed near the headline")
            is_found = True
    if is_found:
        return
    # Farther from the headline, only a line that is nothing but a date counts.
    for block in _iter_blocks_near_headline(outline, title, _FAR_BLOCKS):
        if is_date_line(block.text) and (time := date_parser.parse(block.text.replace("\n", " "))):
            yield DateClaim(time, "printed below the headline")
            return


def _exact_time(node: LexborNode, text: str) -> str:
    """Returns the `datetime` of the `<time>` element that prints a line or part of it; else ""."""
    time = node if node.tag == "time" else node.css_first("time[datetime]")
    if time is None or (time is not node and text_of(time) not in text):
        return ""
    return time.attributes.get("datetime") or ""


def _iter_relative_claims(
    outline: Outline, title: str, date_parser: PageDateParser
) -> Iterator[DateClaim]:
    """Yields relative dates near the headline."""
    zone = date_parser.zone or date_parser.guessed_zone
    for block in _iter_blocks_near_headline(outline, title):
        # A sentence may be about another day.
        if block.weight > _MAX_RELATIVE_LINE_WEIGHT or block.text.endswith((".", "。", "다")):
            continue
        text = block.text.replace("\n", " ")
        time = parse_relative_date(
            text, timezone=zone, languages=date_parser.languages, now=date_parser.now
        )
        if time:
            yield DateClaim(time, "printed near the headline and the day of capture")


def _iter_blocks_near_headline(
    outline: Outline, title: str, max_blocks: int = _NEAR_BLOCKS
) -> Iterator[Block]:
    start = _find_title_block(outline, letters_only(title))
    if start < 0 < max_blocks - _NEAR_BLOCKS:
        return
    # If the headline's block contains more, the date may be there.
    has_more = start >= 0 and letters_only(outline.blocks[start].text) != letters_only(title)
    after = range(start + (not has_more), min(start + 1 + max_blocks, len(outline.blocks)))
    before = range(start - 1, max(-1, start - 5), -1) if start > 0 else range(0)
    for index in (*after, *before):
        block = outline.blocks[index]
        if block.weight <= _MAX_LINE_WEIGHT and block.link_weight <= 0.5 * block.weight:
            yield block


def _find_title_block(outline: Outline, title: str) -> int:
    """Returns the index of the block that is the headline; -1 if the page does not print it.

    Prefers an `h1`, `h2` or `h3`. If no block is equal, one with most of the headline is enough,
    because titles contain marks and site names.
    """
    exact_match = similar_match = -1
    for index, block in enumerate(outline.blocks):
        if not title or block.weight >= 400:
            continue
        letters = letters_only(block.text)
        if letters == title:
            is_heading = outline.elements[block.element_index].tag in ("h1", "h2", "h3")
            if is_heading:
                return index
            exact_match = index if exact_match < 0 else exact_match
        elif exact_match < 0 and len(letters) >= 8 and (letters in title or title in letters):
            is_similar = min(len(letters), len(title)) >= _MIN_TITLE_OVERLAP * max(
                len(letters), len(title)
            )
            similar_match = index if is_similar else similar_match
    return exact_match if exact_match >= 0 else similar_match


def _iter_url_claims(address: str, source: str, date_parser: PageDateParser) -> Iterator[DateClaim]:
    for pattern in _IN_URL:
        for match in pattern.finditer(address[:2000]):
            text = "-".join(part.zfill(2) for part in match.groups())
            if time := date_parser.parse(text):
                yield DateClaim(replace(time, raw=match[0]), source)


def _correct_false_utc(
    claim: DateClaim, printed: Iterable[DateClaim], date_parser: PageDateParser
) -> DateClaim:
    """Corrects a local time that a site wrongly marks as UTC.

    This is so if the page also prints the same time of day without a zone.
    """
    clock = claim.time.at.replace(tzinfo=None)
    for other in printed:
        printed_time = other.time
        if printed_time.has_time and not printed_time.zone_printed:
            if _is_same_minute(
                clock.replace(second=0), printed_time.at.replace(tzinfo=None, second=0)
            ):
                corrected = _with_named_zone(claim.time, date_parser.guessed_zone)
                return DateClaim(corrected, f"{claim.source}, falsely marked as UTC")
            break
    return claim


def _is_near(one: ParsedDate, other: ParsedDate) -> bool:
    if one.has_time and other.has_time:
        return abs(one.at - other.at) <= timedelta(hours=26)
    return abs(one.at.replace(tzinfo=UTC) - other.at.replace(tzinfo=UTC)) <= timedelta(hours=30)


def _find_zone(
    claim: DateClaim,
    others: Sequence[DateClaim],
    offsets: Iterable[DateClaim],
    date_parser: PageDateParser,
) -> DateClaim:
    """Finds the zone of a time without one: from other claims, else the guessed zone."""
    clock = claim.time.at.replace(tzinfo=None)
    zoned = [other for other in others if other.time.zone_printed and other.time.has_time]
    for other in zoned:
        if _is_same_minute(clock, other.time.at.replace(tzinfo=None)):
            return _with_zone_of(claim, other)
    for other in zoned:
        if _is_utc_offset(clock - other.time.at.astimezone(UTC).replace(tzinfo=None)):
            time = replace(other.time, raw=claim.time.raw)
            return DateClaim(time, f"{claim.source}, zone of {other.source}")
    for other in offsets:
        if other.time.zone_printed and other.time.at.utcoffset():
            return _with_zone_of(claim, other)
    if date_parser.guessed_zone:
        time_in_guessed_zone = _with_named_zone(claim.time, date_parser.guessed_zone)
        return DateClaim(
            time_in_guessed_zone, f"{claim.source}, zone guessed from country or language"
        )
    return claim


def _is_same_minute(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(minutes=1)


def _is_utc_offset(difference: timedelta) -> bool:
    """Returns whether a difference can be a UTC offset: whole quarter hours, at most 14 hours."""
    seconds = round(difference.total_seconds() / 60) * 60
    deviation = abs(difference.total_seconds() - seconds)
    return 0 < abs(seconds) <= 14 * 3600 and seconds % 900 == 0 and deviation < 60


def _with_zone_of(claim: DateClaim, other: DateClaim) -> DateClaim:
    at = claim.time.at.replace(tzinfo=other.time.at.tzinfo)
    time = replace(claim.time, at=at, has_zone=True)
    return DateClaim(time, f"{claim.source}, zone of {other.source}")


def _with_named_zone(time: ParsedDate, name: str) -> ParsedDate:
    zone = zones.zone_by_name(name)
    return replace(time, at=time.at.replace(tzinfo=zone), has_zone=True) if zone else time


def claim_from_listing(
    at: datetime, precision: str, now: datetime, source: str = "listing"
) -> DateClaim | None:
    """Returns a listing's time as a claim; None if it has no zone or is implausible.

    `precision`: a `TimePrecision` value; "" means minute.
    """
    if at.tzinfo is None or not is_plausible_time(at, now):
        return None
    time_precision = TimePrecision(precision) if precision else TimePrecision.MINUTE
    return DateClaim(
        ParsedDate(at, time_precision, has_zone=True, raw=at.isoformat(), zone_printed=True), source
    )
