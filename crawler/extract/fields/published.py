"""Finds the time of publication, from all places where a page states it.

Claims are ordered by trust. The first one that can be parsed wins; the others add what it lacks: a
time of day, a zone. The zone comes from the claim itself, from the outlet, from another claim of
the same instant or with an offset, and last from the host's country or the page's language.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from crawler.extract.body.sentences import ends_like_sentence
from crawler.extract.dates import zones
from crawler.extract.dates.dates import ParsedDate, names_update
from crawler.extract.dates.relative import clock_on_day, parse_relative_date
from crawler.extract.fields.date_claims import DateClaim, PageDateParser, is_near
from crawler.extract.fields.printed_dates import (
    DAY_OF_VISIT,
    PRINTED_ABOVE,
    PRINTED_BELOW,
    PRINTED_NEAR,
    is_in_foreign_box,
    iter_lines_near_headline,
    iter_printed_claims,
)
from crawler.extract.page.clean import clean_line
from crawler.extract.page.outline import Outline
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
    "article:regdate", "regdate", "weibo:article:create_at", "bt:pubdate",
    "dd:published_time", "apub:time", "_pubtime", "time",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "article:modified", "og:updated_time",
    "datemodified", "article:updated_time", "lastmod", "last-modified", "lastupdate", "dcterms.modified",
    "last-modified-date", "revision_date",
)  # fmt: skip
_DATE_IN_SCRIPT = re.compile(
    r'["\'](?=[acdfpr])(?:datePublished|publishedAt|published_at|publishDate|publish_date|publishedDate'
    r"|firstPublished|first_publish_date|display_date|pubDate|publish_time|publishTime|published_time"
    r"|articleDate|regDate|date_published|datetime_published|createDate|pubtime"
    r"|published|published_date|publicationDate|publication_date|publishedTime)\\?[\"']\s{0,3}[:=]\s{0,3}"
    r'\\?["\']?([^"\'\\,}]{8,40})'
)
_IN_URL = (
    re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=/|[^\d]|$)"),
    re.compile(r"/((?:19|20)\d{2})/?(0[1-9]|1[0-2])/?(0[1-9]|[12]\d|3[01])/"),
    re.compile(r"/((?:19|20)\d{2})/([a-z]{3})/(0?[1-9]|[12]\d|3[01])/"),
    re.compile(r"(?<!\d)((?:19|20)\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?:(?=\D|$)|(?=\d{3,12}(?!\d)))"),
)  # fmt: skip
_MAX_SCRIPT_CHARS, _MAX_NODES = 2_000_000, 500
_MAX_ADDRESS_LAG = timedelta(hours=60)
_MAX_RELATIVE_LINE_WEIGHT = 28


def find_published(
    page: Page, structured: Callable[[], StructuredData], date_parser: PageDateParser, title: str
) -> DateClaim | None:
    """Returns the time of publication and its place; None if the page does not state it."""
    claims = _metadata_claims(page, structured(), date_parser)
    in_address = next(_iter_url_claims(page.url, "url", date_parser), None)
    timed_claims = [claim for claim in claims if claim.time.has_time]
    has_zone = any(claim.time.zone_printed or date_parser.zone for claim in timed_claims)
    is_disputed = bool(claims) and (
        _is_weak(claims[0]) or (in_address is not None and not is_same_day(claims[0], in_address))
    )
    if not has_zone or is_disputed:
        printed = list(iter_printed_claims(page.outline, title, date_parser))
        claims = _settle(claims, printed, in_address, date_parser.now)
    elif (
        date_parser.guessed_zone
        and claims[0].time.zone_printed
        and not claims[0].time.at.utcoffset()
    ):
        claims[0] = _correct_false_utc(
            claims[0], iter_printed_claims(page.outline, title, date_parser), date_parser
        )
    if not claims and in_address:
        claims.append(in_address)
    if not claims and page.tree.body is not None:
        claims += _iter_url_claims(
            page.tree.body.attributes.get("id") or "", "id of the page", date_parser
        )
    if not claims and page.fetched_at:
        claims += islice(_iter_relative_claims(page.outline, title, date_parser), 1)
    if not claims:
        return None
    best = refine_claim(
        claims[0], claims, date_parser, iter_modified_claims(page, structured, date_parser)
    )
    return best if best.time.has_time else _with_printed_clock(best, page, title, date_parser)


def _with_printed_clock(
    claim: DateClaim, page: Page, title: str, date_parser: PageDateParser
) -> DateClaim:
    """Adds to a day the clock of a line near the headline that prints this day without its year."""
    for block in iter_lines_near_headline(page.outline, title):
        text = block.text.replace("\n", " ")
        clock = clock_on_day(text, claim.time.at, date_parser.languages)
        if clock and not names_update(text):
            zone = zones.zone_by_name(date_parser.zone or date_parser.guessed_zone)
            at = claim.time.at.replace(
                hour=clock[0], minute=clock[1], tzinfo=zone or claim.time.at.tzinfo
            )
            time = replace(claim.time, at=at, precision=TimePrecision.MINUTE, has_zone=bool(zone))
            return DateClaim(time, f"{claim.source} + clock {PRINTED_NEAR}")
    return claim


def _is_weak(claim: DateClaim) -> bool:
    """Returns whether the place of a claim does not say that it is the time of publication."""
    if claim.source.startswith("meta "):
        return "publi" not in claim.source
    return claim.source in (PRINTED_ABOVE, PRINTED_BELOW, "script", "json-ld dateCreated")


def _settle(
    stated: Sequence[DateClaim],
    printed: Sequence[DateClaim],
    in_address: DateClaim | None,
    now: datetime,
) -> list[DateClaim]:
    """Returns the claims in the order of trust, those of the metadata first if nothing speaks against.

    A day in the address does not change: of claims that differ, those near it come first. Without
    one, a time printed below the headline is better than metadata of a vague name: many sites write
    the time of the first draft there, or that of the visit.
    """
    claims = [*stated, *printed]
    is_visit = bool(stated) and abs(stated[0].time.at - now) < DAY_OF_VISIT
    if in_address is None:
        if not stated or not printed or not _is_weak(stated[0]):
            return claims
        is_exact = printed[0].time.has_time or is_visit or not stated[0].time.has_time
        is_better = is_exact and not _mean_the_same(stated[0].time, printed[0].time)
        return [*printed, *stated] if is_better else claims
    near = [claim for claim in claims if is_near(claim.time, in_address.time, _MAX_ADDRESS_LAG)]
    if not near and claims and (is_visit or _is_weak(claims[0])):
        near = [in_address]
    return near + [claim for claim in claims if claim not in near]


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
    others = [other for other in others if is_near(claim.time, other.time)]
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
    return is_near(one.time, other.time)


def _metadata_claims(
    page: Page, structured: StructuredData, date_parser: PageDateParser
) -> list[DateClaim]:
    """Returns the times in the metadata, most trusted first; else the one in scripts."""
    of_comments = _dates_of_comments(page, structured)
    stated = [
        (source, text)
        for source, text in (
            *structured.published,
            *_iter_meta_dates(page, _META),
            *_iter_element_dates(page),
        )
        if text not in of_comments
    ]
    claims = [
        DateClaim(time, source) for source, text in stated if (time := date_parser.parse(text))
    ]
    return claims or _script_claims(page, date_parser)


def _script_claims(page: Page, date_parser: PageDateParser) -> list[DateClaim]:
    """Returns the time that scripts name first; of several on that day, the earliest."""
    matches = islice(_DATE_IN_SCRIPT.finditer(page.script_text[:_MAX_SCRIPT_CHARS]), 6)
    times = [time for match in matches if (time := date_parser.parse(match[1]))]
    same_day = [time for time in times if is_near(time, times[0]) and time.has_time]
    first = min(same_day, key=lambda time: time.at) if same_day else next(iter(times), None)
    return [DateClaim(first, "script")] if first else []


def _dates_of_comments(page: Page, structured: StructuredData) -> set[str]:
    """Returns the dates of the page's microdata that stand in a reader's comment."""
    if "omment" not in page.html or not any(
        source.startswith("microdata") for source, _ in structured.published
    ):
        return set()
    texts: dict[bool, set[str]] = {True: set(), False: set()}
    for node in page.tree.css("[itemprop^=date]")[:_MAX_NODES]:
        attributes = node.attributes
        text = attributes.get("content") or attributes.get("datetime") or text_of(node)
        texts[is_in_foreign_box(node)].add(clean_line(text))
    return texts[True] - texts[False]


def _iter_meta_dates(page: Page, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for text in page.meta.get(name, ())[:1]:
            yield f"meta {name}", text


def _iter_element_dates(page: Page) -> Iterator[tuple[str, str]]:
    """Yields the dates of `<time pubdate>` and of `<dateformat>`, which a script would print."""
    # Two searches by tag alone are faster than one by tags and attributes.
    times = [
        attributes.get("datetime")
        for node, attributes in ((time, time.attributes) for time in page.tree.css("time"))
        if ("pubdate" in attributes or "publish" in (attributes.get("class") or ""))
        and not is_in_foreign_box(node)
    ]
    custom = [node.attributes.get("time") for node in page.tree.css("dateformat")]
    for text in [text for text in (*times, *custom) if text][:2]:
        yield "element time", text


def _iter_relative_claims(
    outline: Outline, title: str, date_parser: PageDateParser
) -> Iterator[DateClaim]:
    """Yields relative dates near the headline."""
    zone = date_parser.zone or date_parser.guessed_zone
    for block in iter_lines_near_headline(outline, title):
        # A sentence may be about another day.
        if block.weight > _MAX_RELATIVE_LINE_WEIGHT or ends_like_sentence(block.text):
            continue
        text = block.text.replace("\n", " ")
        if names_update(text):
            continue
        time = parse_relative_date(
            text, timezone=zone, languages=date_parser.languages, now=date_parser.now
        )
        if time:
            yield DateClaim(time, "printed near the headline and the day of capture")


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


def _mean_the_same(one: ParsedDate, other: ParsedDate) -> bool:
    """Returns whether two times are one: the same minute, or apart by what zones can differ."""
    if not (one.has_time and other.has_time):
        return is_near(one, other)
    difference = one.at - other.at
    if abs(difference) < timedelta(minutes=1):
        return True
    return not (one.has_zone and other.has_zone) and _is_utc_offset(difference)


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
