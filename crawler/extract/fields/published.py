"""When an article was published, from all places where a page says it.

Claims are ordered by trust; the first that can be read wins, and the others add what it lacks: a
time of day, a zone. A zone comes from the claim itself, from another claim of the same instant or
the same offset, from the outlet, and last from the country of the host or the page's language.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from selectolax.lexbor import LexborNode

from crawler.extract.body.body import letters
from crawler.extract.body.boilerplate import is_stamp
from crawler.extract.dates import zones
from crawler.extract.dates.dates import ParsedDate, in_window, parse_date
from crawler.extract.dates.relative import read_leaning
from crawler.extract.page.blocks import text_of
from crawler.extract.page.outline import Block, Outline
from crawler.extract.page.page import Page
from crawler.extract.page.structured import Structured
from storage.records import Precision

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
_SCRIPTED = re.compile(
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
_NEAR, _FAR, _NEARLY = 12, 40, 0.6
_SEEN = 2_000_000
_SHORT, _TERSE = 160, 28


@dataclass(frozen=True, slots=True)
class Claim:
    """A time with the place that says so."""

    time: ParsedDate
    source: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What reading a printed time needs. `zone`: the outlet's own, "" if unknown; `guess`: the
    zone of the host's country or the page's language, used last.
    """

    zone: str
    guess: str
    languages: Sequence[str]
    now: datetime

    def read(self, text: str, format: str = "") -> ParsedDate | None:
        return parse_date(
            text, timezone=self.zone, languages=self.languages, now=self.now, format=format
        )


def find_published(
    page: Page, structured: Callable[[], Structured], setting: Setting, title: str
) -> Claim | None:
    """Give the time of publication and where it stands; None if nothing says it."""
    claims = list(_claims(page, structured(), setting))
    exact = [claim for claim in claims if claim.time.has_time]
    if not any(claim.time.said_zone or setting.zone for claim in exact):
        claims += _printed(page.outline, title, setting)
    elif setting.guess and claims[0].time.said_zone and not claims[0].time.at.utcoffset():
        claims[0] = _truly_utc(claims[0], _printed(page.outline, title, setting), setting)
    if not claims:
        claims += _from_address(page.url, "url", setting)
    if not claims and page.tree.body is not None:
        claims += _from_address(
            page.tree.body.attributes.get("id") or "", "id of the page", setting
        )
    if not claims and page.fetched_at:
        claims += islice(_leaning(page.outline, title, setting), 1)
    if not claims:
        return None
    # The time of a revision is the last resort among metadata.
    claims.sort(key=lambda claim: claim.source == "meta revision_date")
    return refine(claims[0], claims, setting, find_modified(page, structured, setting))


def find_modified(
    page: Page, structured: Callable[[], Structured], setting: Setting
) -> Iterator[Claim]:
    """Give the times of the last change, most trusted first."""
    for source, text in (*_from_meta(page, _MODIFIED_META), *structured().modified):
        if time := setting.read(text):
            yield Claim(time, source)


def from_dateline(date: str, setting: Setting) -> Claim | None:
    """Give the day that a dateline names, in the year before `now` that ends two days after it."""
    for year in (setting.now.year, setting.now.year - 1):
        for text in (f"{year}년 {date}", f"{year}年{date}", f"{date} {year}", f"{date}, {year}"):
            if time := setting.read(text):
                return Claim(replace(time, raw=date), "dateline and the year of capture")
    return None


def refine(
    claim: Claim, others: Iterable[Claim], setting: Setting, modified: Iterable[Claim] = ()
) -> Claim:
    """Add to a time what others of about the same day know better: the clock, the zone.

    `modified`: times of changes; of these only the offset from UTC can be learned.
    """
    others = [other for other in others if _same_day(claim.time, other.time)]
    if not claim.time.has_time:
        for other in others:
            if other.time.has_time:
                claim = Claim(other.time, f"{claim.source} + {other.source}")
                break
    if claim.time.has_time and not claim.time.said_zone and not setting.zone:
        claim = _zoned(claim, others, [*others, *modified], setting)
    if not claim.time.has_time and not claim.time.has_zone and setting.guess:
        return replace(claim, time=_moved(claim.time, setting.guess))
    return claim


def same_day(one: Claim, other: Claim) -> bool:
    """Say whether two claims can mean one publication."""
    return _same_day(one.time, other.time)


def _claims(page: Page, structured: Structured, setting: Setting) -> Iterator[Claim]:
    told = [*structured.published, *_from_meta(page, _META), *_from_elements(page)]
    for source, text in told:
        if time := setting.read(text):
            yield Claim(time, source)
    if not any(True for _, text in told if setting.read(text)):
        found = [
            setting.read(match[1]) for match in islice(_SCRIPTED.finditer(page.html[:_SEEN]), 6)
        ]
        times = [time for time in found if time]
        # Of several times of one day the first is that of publication.
        same = [time for time in times if _same_day(time, times[0]) and time.has_time]
        for time in [min(same, key=lambda time: time.at)] if same else times[:1]:
            yield Claim(time, "script")


def _from_meta(page: Page, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for text in page.meta.get(name, ())[:1]:
            yield f"meta {name}", text


def _from_elements(page: Page) -> Iterator[tuple[str, str]]:
    """`<time pubdate>` and custom elements that a script would print."""
    # Two walks by name alone take less than one by names and attributes.
    marked = [time.attributes for time in page.tree.css("time")]
    times = [
        a.get("datetime") for a in marked if "pubdate" in a or "publish" in (a.get("class") or "")
    ]
    custom = [node.attributes.get("time") for node in page.tree.css("dateformat")]
    for text in [text for text in (*times, *custom) if text][:2]:
        yield "element time", text


def _printed(outline: Outline, title: str, setting: Setting) -> Iterator[Claim]:
    """Dates in short lines near the headline, those behind it first."""
    near = False
    for block in _near_headline(outline, title):
        text = f"{_stamp(outline.elements[block.element].node, block.text)} {block.text}"
        if _DATELIKE.search(text) and (time := setting.read(text.replace("\n", " "))):
            yield Claim(time, "printed near the headline")
            near = True
    if near:
        return
    # Farther off only a line that is a date and nothing else.
    for block in _near_headline(outline, title, _FAR):
        if is_stamp(block.text) and (time := setting.read(block.text.replace("\n", " "))):
            yield Claim(time, "printed below the headline")
            return


def _stamp(node: LexborNode, text: str) -> str:
    """What the `<time>` element that prints a line, or a part of it, says exactly; else ""."""
    time = node if node.tag == "time" else node.css_first("time[datetime]")
    if time is None or (time is not node and text_of(time) not in text):
        return ""
    return time.attributes.get("datetime") or ""


def _leaning(outline: Outline, title: str, setting: Setting) -> Iterator[Claim]:
    """Dates near the headline that the day of fetching completes."""
    zone = setting.zone or setting.guess
    for block in _near_headline(outline, title):
        # A sentence may tell of another day.
        if block.weight > _TERSE or block.text.endswith((".", "。", "다")):
            continue
        text = block.text.replace("\n", " ")
        time = read_leaning(text, timezone=zone, languages=setting.languages, now=setting.now)
        if time:
            yield Claim(time, "printed near the headline and the day of capture")


def _near_headline(outline: Outline, title: str, far: int = _NEAR) -> Iterator[Block]:
    start = _title_block(outline, letters(title))
    if start < 0 < far - _NEAR:
        return
    # A headline with more in its block may have the date there.
    more = start >= 0 and letters(outline.blocks[start].text) != letters(title)
    behind = range(start + (not more), min(start + 1 + far, len(outline.blocks)))
    before = range(start - 1, max(-1, start - 5), -1) if start > 0 else range(0)
    for index in (*behind, *before):
        block = outline.blocks[index]
        if block.weight <= _SHORT and block.links <= 0.5 * block.weight:
            yield block


def _title_block(outline: Outline, title: str) -> int:
    """Give the index of the last block that is the headline, -1 if it is not printed.

    Where none is, one will do that says nearly all of it: titles carry marks and sites' names.
    """
    found = nearly = -1
    for index, block in enumerate(outline.blocks):
        if not title or block.weight >= 400:
            continue
        plain = letters(block.text)
        if plain == title:
            heading = outline.elements[block.element].tag in ("h1", "h2", "h3")
            if heading:
                return index
            found = index if found < 0 else found
        elif found < 0 and len(plain) >= 8 and (plain in title or title in plain):
            near = min(len(plain), len(title)) >= _NEARLY * max(len(plain), len(title))
            nearly = index if near else nearly
    return found if found >= 0 else nearly


def _from_address(address: str, source: str, setting: Setting) -> Iterator[Claim]:
    for form in _IN_URL:
        for found in form.finditer(address[:2000]):
            text = "-".join(part.zfill(2) for part in found.groups())
            if time := setting.read(text):
                yield Claim(replace(time, raw=found[0]), source)


def _truly_utc(claim: Claim, printed: Iterable[Claim], setting: Setting) -> Claim:
    """Some sites mark local time as UTC: then readers are shown the same clock without a zone."""
    clock = claim.time.at.replace(tzinfo=None)
    for other in printed:
        shown = other.time
        if shown.has_time and not shown.said_zone:
            if _close(clock.replace(second=0), shown.at.replace(tzinfo=None, second=0)):
                moved = _moved(claim.time, setting.guess)
                return Claim(moved, f"{claim.source}, falsely marked as UTC")
            break
    return claim


def _same_day(one: ParsedDate, other: ParsedDate) -> bool:
    if one.has_time and other.has_time:
        return abs(one.at - other.at) <= timedelta(hours=26)
    return abs(one.at.replace(tzinfo=UTC) - other.at.replace(tzinfo=UTC)) <= timedelta(hours=30)


def _zoned(
    claim: Claim, others: Sequence[Claim], offsets: Iterable[Claim], setting: Setting
) -> Claim:
    """Find the zone of a wall-clock time."""
    clock = claim.time.at.replace(tzinfo=None)
    said = [other for other in others if other.time.said_zone and other.time.has_time]
    for other in said:
        if _close(clock, other.time.at.replace(tzinfo=None)):
            return _taken(claim, other)
    for other in said:
        if _is_offset(clock - other.time.at.astimezone(UTC).replace(tzinfo=None)):
            exact = replace(other.time, raw=claim.time.raw)
            return Claim(exact, f"{claim.source}, zone of {other.source}")
    for other in offsets:
        if other.time.said_zone and other.time.at.utcoffset():
            return _taken(claim, other)
    if setting.guess:
        moved = _moved(claim.time, setting.guess)
        return Claim(moved, f"{claim.source}, zone guessed from country or language")
    return claim


def _close(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(minutes=1)


def _is_offset(apart: timedelta) -> bool:
    """Say whether two clocks of one instant can differ so much: whole quarter hours, at most 14."""
    seconds = round(apart.total_seconds() / 60) * 60
    off = abs(apart.total_seconds() - seconds)
    return 0 < abs(seconds) <= 14 * 3600 and seconds % 900 == 0 and off < 60


def _taken(claim: Claim, other: Claim) -> Claim:
    at = claim.time.at.replace(tzinfo=other.time.at.tzinfo)
    time = replace(claim.time, at=at, has_zone=True)
    return Claim(time, f"{claim.source}, zone of {other.source}")


def _moved(time: ParsedDate, name: str) -> ParsedDate:
    where = zones.zone(name)
    return replace(time, at=time.at.replace(tzinfo=where), has_zone=True) if where else time


def listed(at: datetime, precision: str, now: datetime, source: str = "listing") -> Claim | None:
    """Give what a listing said as a claim."""
    if at.tzinfo is None or not in_window(at, now):
        return None
    exact = Precision(precision) if precision else Precision.MINUTE
    return Claim(ParsedDate(at, exact, has_zone=True, raw=at.isoformat(), said_zone=True), source)
