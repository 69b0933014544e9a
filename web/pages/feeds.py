"""Writes the Atom feeds: what is new, what a search finds, what was edited or vanished.

Each text is an entry once, when its first article is stored: a later copy is not new again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import quote

from storage.atom import MEDIA_TYPE, AtomFeed, Entry, format_feed
from storage.browsing.article_lines import ArticleLine, load_lines
from storage.browsing.change_lines import ChangeLine, ChangeSelection, load_change_lines
from storage.browsing.feed import load_new_stories
from storage.changes.change_feed import FEED_ID, TITLE, describe_passage, make_entry
from storage.changes.rows import TransitionRow
from storage.errors import InvalidRequest
from storage.search.search import Match, find_matches, load_hits
from web.labels import LEVELS
from web.page import Query, link
from web.pages import filters
from web.pages.articles.changes import BORING, visible_words
from web.pages.search import FILTERS, SECONDS, read_filters
from web.parameters import Parameter
from web.raw import RawAnswer, RawPage
from web.rights import may_show_text

ENTRIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFeed:
    """A feed. `page`: the address of the page that shows the same. `load`: its id, title, entries."""

    name: str
    summary: str
    page: str
    load: Callable[[Query], tuple[str, str, Sequence[Entry]]]
    parameters: tuple[Parameter, ...]

    @property
    def path(self) -> str:
        """The address of the feed."""
        return f"/feed/{self.name}.atom"

    def answer(self, query: Query) -> RawAnswer:
        """Writes the feed."""
        feed_id, title, entries = self.load(query)
        feed = AtomFeed(
            id=feed_id,
            title=title,
            updated_at=query.now,
            entries=entries,
            self_link=query.base + query.link(),
            page_link=query.base + link(self.page, **query.values),
        )
        return RawAnswer(
            content=format_feed(feed).encode("utf-8", "replace"), media_type=MEDIA_TYPE
        )


def _load_day(query: Query) -> tuple[str, str, Sequence[Entry]]:
    lines = load_new_stories(
        query.database,
        limit=ENTRIES,
        cites=query["cites"],
        outlet=query["outlet"],
        language=query["language"],
        statement_level=filters.read_levels(query),
    )
    given = {name: value for name, value in query.values.items() if value}
    ending = "".join(f":{name}={quote(str(value))}" for name, value in given.items())
    words = "".join(f", {value}" for value in given.values())
    entries = [_article_entry(query, each) for each in lines]
    return f"urn:nkwire:day{ending}", f"nkwire: new articles{words}", entries


def _load_search(query: Query) -> tuple[str, str, Sequence[Entry]]:
    words = (query["q"] or "").strip()
    if not words:
        raise InvalidRequest("a feed of a search needs words: /feed/search.atom?q=missile")
    found = find_matches(query.database, words, seconds=SECONDS, **read_filters(query))
    ids = [each.id for each in islice(_first_of_stories(found), ENTRIES)]
    hits = load_hits(query.database, words, ids, seconds=SECONDS)
    passages = {each.id: each.snippet.text for each in hits}
    given = {name: str(value) for name, value in query.values.items() if value}
    ending = ":".join(f"{name}={quote(value)}" for name, value in given.items())
    entries = [
        _article_entry(query, each, passages.get(each.id, ""))
        for each in load_lines(query.database, ids)
    ]
    return f"urn:nkwire:search:{ending}", f"nkwire: {words}", entries


def _load_changes(query: Query) -> tuple[str, str, Sequence[Entry]]:
    selection = ChangeSelection(outlet=query["outlet"], boring=query["boring"])
    lines = load_change_lines(query.database, selection, limit=ENTRIES).rows
    ending = f":outlet={quote(query['outlet'])}" if query["outlet"] else ""
    return f"{FEED_ID}{ending}", TITLE, [_change_entry(query, line) for line in lines]


def _first_of_stories(hits: Iterable[Match]) -> Iterable[Match]:
    """Yields the hits that were stored first of their story, in their order."""
    hits = list(hits)
    first: dict[int, int] = {}
    for each in hits:
        first[each.story_id] = min(each.id, first.get(each.story_id, each.id))
    return (each for each in hits if first[each.story_id] == each.id)


def _article_entry(query: Query, line: ArticleLine, passage: str = "") -> Entry:
    parts = [query.outlet_title(line.outlet), f"{line.time.as_words()} UTC"]
    if line.statement_level in LEVELS:
        parts.append(f"statement: {LEVELS[line.statement_level]}")
    if line.report_id and line.report_outlets > 1:
        parts.append(f"in a report of {line.report_outlets} outlets")
    summary = " · ".join(parts)
    if passage and may_show_text(query, line.outlet, line.rights):
        summary = f"{summary} · {passage}"
    return Entry(
        id=f"urn:nkwire:article:{line.id}",
        title=line.title or "(no headline)",
        updated_at=line.first_seen_at,
        link=query.base + link(f"/articles/{line.id}"),
        summary=summary,
        author=query.outlet_title(line.outlet),
        published_at=line.time.at if line.time.has_clock else None,
        language=line.language,
    )


def _change_entry(query: Query, line: ChangeLine) -> Entry:
    row = line.row
    if isinstance(row, TransitionRow):
        address = link(f"/articles/{row.article_id}")
        return replace(make_entry(row), link=query.base + address)
    pieces = [piece for each in visible_words(query, line) for piece in each.pieces]
    address = link(f"/diff/{row.old_id}/{row.new_id}")
    return replace(make_entry(row, describe_passage(pieces)), link=query.base + address)


_DAY_FILTERS = (filters.OUTLET, filters.LANGUAGE, filters.CITES, filters.LEVEL)
_CHANGE_FILTERS = (filters.OUTLET, BORING)
FEEDS = (
    DeclaredFeed(
        name="day",
        summary="New articles as an Atom feed, the first of each story.",
        page="/",
        load=_load_day,
        parameters=_DAY_FILTERS,
    ),
    DeclaredFeed(
        name="search",
        summary="What a search finds, as an Atom feed, the first of each story.",
        page="/search",
        load=_load_search,
        parameters=FILTERS,
    ),
    DeclaredFeed(
        name="changes",
        summary="Edits and removed articles as an Atom feed, with the changed words.",
        page="/changes",
        load=_load_changes,
        parameters=_CHANGE_FILTERS,
    ),
)
"""All feeds."""
FEED_PAGES = tuple(
    RawPage(
        name=f"{each.name}-feed",
        path=each.path,
        summary=each.summary,
        media_types=(MEDIA_TYPE,),
        answer=each.answer,
        parameters=each.parameters,
    )
    for each in FEEDS
)
