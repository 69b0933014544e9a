"""Stores the invented press as the crawl would have stored it, day after day, with runs and health."""

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cli.demo.newsroom.declarations import (
    InventedArticle,
    InventedOutlet,
    InventedVersion,
    invented_articles,
    invented_decisions,
    invented_outlets,
)
from dedup.records import DecisionVerb
from storage import Database
from storage.counts import Count
from storage.identity import compute_identity
from storage.records import (
    Article,
    Capture,
    CaptureOutcome,
    CaptureResult,
    PageClass,
    Run,
    RunOutcome,
    SaveOutcome,
    TimePrecision,
)
from storage.reports.working_out import work_out
from web.options import DeclaredOutlet

DAYS = 21
_RUN_EVERY = timedelta(hours=8)
_RUN_SECONDS = 7
_LISTED = 24
_GONE_LOOKS = (timedelta(0), timedelta(days=7), timedelta(days=14, hours=6))
_TROUBLES: Mapping[str, tuple[RunOutcome, dict[Count, int], str]] = {
    "unreachable": (
        RunOutcome.UNREACHABLE,
        {Count.SOURCE_UNREACHABLE: 1},
        "feed: 503 Service Unavailable",
    ),
    "refused": (RunOutcome.REFUSED, {Count.SOURCE_REFUSED: 1}, "sitemap: 403 Forbidden"),
    "layout": (RunOutcome.EMPTY, {Count.SOURCE_OK: 1}, "the listing has no links"),
}


@dataclass(frozen=True, slots=True)
class _Look:
    """One run of an outlet, and the versions that it finds."""

    at: datetime
    found: list[tuple[InventedArticle, InventedVersion]] = field(default_factory=list)
    gone: list[InventedArticle] = field(default_factory=list)

    def find_again(self, articles: Iterable[InventedArticle]) -> None:
        """Adds what the outlet still prints: it shows that a page that is gone was removed."""
        shown = [each for each in articles if each.published_at < self.at and not each.gone_at]
        self.found.extend((each, each.versions[0]) for each in shown[:1])


def fill(database: Database, now: datetime | None = None) -> None:
    """Stores all articles up to `now` (by default the current time), runs, health and reports."""
    until = now or datetime.now(UTC)
    outlets = invented_outlets()
    database.outlets.declare_ranks({name: outlet.rank for name, outlet in outlets.items()})
    looks = [
        (look, outlet)
        for outlet in outlets.values()
        for look in _looks(outlet, invented_articles(until), until)
    ]
    for look, outlet in sorted(looks, key=lambda pair: (pair[0].at, pair[1].name)):
        _store(database, outlet, look, until)
    for outlet in outlets.values():
        database.health.assess(outlet.name, until)
    _decide(database)
    database.changes.rebuild()
    work_out(database)


def demo_outlets() -> dict[str, DeclaredOutlet]:
    """Returns the invented outlets as the web pages take them."""
    return {
        name: DeclaredOutlet(
            name=name,
            title=outlet.title,
            country=outlet.country,
            languages=outlet.languages,
            every=outlet.every,
            sources=(f"https://{name}.example/feed.xml",),
            rights=outlet.rights,
            rights_note="invented for the demo",
            agency_rank=outlet.rank,
        )
        for name, outlet in invented_outlets().items()
    }


def _looks(
    outlet: InventedOutlet, articles: Iterable[InventedArticle], until: datetime
) -> Iterator[_Look]:
    """Yields the runs of an outlet: some a day, and each that finds something."""
    looks = {at: _Look(at) for at in _regular_times(outlet, until)}
    own = [each for each in articles if each.outlet == outlet.name]
    for article in own:
        for version in article.versions:
            at = _seen_at(outlet, version.at)
            if at < until:
                looks.setdefault(at, _Look(at)).found.append((article, version))
        for at in _gone_times(outlet, article):
            if at < until:
                look = looks.setdefault(at, _Look(at))
                look.gone.append(article)
                look.find_again(own)
    yield from looks.values()


def _regular_times(outlet: InventedOutlet, until: datetime) -> Iterator[datetime]:
    at = until - _RUN_EVERY + timedelta(minutes=zlib.crc32(outlet.name.encode()) % 400)
    while at > until - timedelta(days=DAYS):
        yield at
        at -= _RUN_EVERY


def _gone_times(outlet: InventedOutlet, article: InventedArticle) -> list[datetime]:
    if article.gone_at is None:
        return []
    first = _seen_at(outlet, article.gone_at)
    return [first + later for later in _GONE_LOOKS]


def _seen_at(outlet: InventedOutlet, published_at: datetime) -> datetime:
    """Returns the time of the first look after an article was published."""
    every = outlet.every.total_seconds()
    offset = zlib.crc32(outlet.name.encode()) % every
    since = (published_at.timestamp() - offset) % every
    return published_at + timedelta(seconds=every - since)


def _store(database: Database, outlet: InventedOutlet, look: _Look, until: datetime) -> None:
    run = database.runs.begin(outlet.name, started_at=look.at)
    run.ended_at = look.at + timedelta(seconds=_RUN_SECONDS)
    if not look.found and not look.gone and _fails(outlet, look.at, until):
        run.outcome, counts, run.cause = _TROUBLES[outlet.trouble]
        _finish(database, run, counts)
        database.health.assess(outlet.name, run.ended_at)
        return
    saved = [_article(outlet, article, version, look.at) for article, version in look.found]
    receipts = database.save(saved, run.id)
    for article in look.gone:
        url = _url(outlet, article)
        fetched = Capture(url=url, fetched_at=look.at, status=404)
        result = CaptureResult(CaptureOutcome.GONE, "404")
        database.record_capture(outlet.name, _identity(outlet, article), fetched, result, run.id)
    outcomes = Counter(receipt.outcome for receipt in receipts)
    run.outcome = RunOutcome.OK if saved else RunOutcome.QUIET
    counts = defaultdict(int, {Count.SOURCE_OK: 1, Count.LISTED: _LISTED})
    counts[Count.PAGE_FETCHED] = counts[Count.PAGE_ARTICLE] = len(saved)
    for name in (Count.FIELD_TITLE, Count.FIELD_TEXT, Count.FIELD_PUBLISHED_AT):
        counts[name] = len(saved)
    counts[Count.PAGE_GONE] = len(look.gone)
    counts[Count.STORED_NEW] = outcomes[SaveOutcome.NEW]
    counts[Count.STORED_EDITED] = outcomes[SaveOutcome.EDITED]
    _finish(database, run, counts)


def _finish(database: Database, run: Run, counts: Mapping[Count, int]) -> None:
    run.counts = {name.value: number for name, number in counts.items() if number}
    database.runs.finish(run)


def _fails(outlet: InventedOutlet, at: datetime, until: datetime) -> bool:
    if not outlet.trouble or at < until - timedelta(days=outlet.for_days):
        return False
    return (until - at) // _RUN_EVERY % round(1 / outlet.share) == 0


def _article(
    outlet: InventedOutlet, article: InventedArticle, version: InventedVersion, seen_at: datetime
) -> Article:
    url = _url(outlet, article)
    is_first = version is article.versions[0] and seen_at == _seen_at(outlet, version.at)
    body = f"{version.title}\n{version.text}".encode()
    return Article(
        outlet=outlet.name,
        url=url,
        canonical_url=url,
        key=article.key,
        title=version.title,
        text=version.text,
        language=article.language,
        page_class=PageClass.STUB if article.is_stub else PageClass.ARTICLE,
        published_at=article.published_at,
        published_precision=TimePrecision(outlet.precision),
        first_seen_at=seen_at if is_first else None,
        last_poll_without_at=seen_at - outlet.every if is_first else None,
        rights=outlet.rights,
        capture=Capture(
            url=url, fetched_at=seen_at, status=200, body_sha256=hashlib.sha256(body).hexdigest()
        ),
    )


def _url(outlet: InventedOutlet, article: InventedArticle) -> str:
    number = zlib.crc32(article.key.encode()) % 90_000 + 10_000
    return f"https://{outlet.name}.example/{article.published_at:%Y/%m}/{number}"


def _identity(outlet: InventedOutlet, article: InventedArticle) -> str:
    url = _url(outlet, article)
    return compute_identity(article.key, url, url)


def _decide(database: Database) -> None:
    for decision in invented_decisions():
        found = [database.articles.find(key) for key in decision.articles]
        if all(found):
            first, second = (ids[0] for ids in found)
            database.decisions.add(first, second, DecisionVerb(decision.verb), decision.note)
