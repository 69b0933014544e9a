"""Shows what a search finds: hits with the passage that matches, copies folded."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from storage.browsing.article_lines import ArticleLine, load_lines
from storage.browsing.facets import FacetCount
from storage.browsing.find import find_address
from storage.browsing.position import Position
from storage.reading.rows import ArticleFilters
from storage.search.search import MAX_HITS, Match, find_matches, load_hits
from storage.search.snippet import Snippet
from web.errors import Redirect
from web.page import Page, Query, link
from web.pages import filters
from web.parameters import Parameter, ParameterKind
from web.rights import may_show_text

ROWS = 50
SECONDS = 2.0
"""The longest time of a search; then the page says that it takes too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a passage. `is_hit`: it matches the search."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRow:
    """A hit. `passage`: the text around the first match; empty where rights do not allow it."""

    article: ArticleLine
    passage: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The result of a search.

    `hits`: their number, `is_capped`: there are more, and only the latest `hits` are counted and
    shown. `stories`: how many stories the hits belong to. `is_address`: an address was asked for,
    and `rows` are the articles that have it. `outlets`, `languages`: of the hits. `atom`, `export`,
    `timeline`: addresses of the same search in other forms.
    """

    q: str
    is_address: bool
    hits: int
    stories: int
    is_capped: bool
    outlets: tuple[FacetCount, ...]
    languages: tuple[FacetCount, ...]
    rows: tuple[SearchRow, ...]
    atom: str
    export: str
    timeline: str
    next: Position | None
    previous: Position | None


def load(query: Query) -> Search:
    """Searches. An address or a key of one article leads to the article.

    Raises BadQuery, and SearchTimeout after `SECONDS`.
    """
    words = (query["q"] or "").strip()
    if not words:
        return _result(query, words)
    found = [] if " " in words else find_address(query.database, words)
    if len(found) == 1:
        raise Redirect(link(f"/articles/{found[0]}"), HTTPStatus.FOUND)
    if found or "://" in words:
        lines = load_lines(query.database, found)
        rows = tuple(SearchRow(article=each, passage=()) for each in lines)
        return _result(query, words, is_address=True, rows=rows)
    matches = find_matches(query.database, words, seconds=SECONDS, **read_filters(query))
    return _show(query, words, matches)


def read_filters(query: Query) -> ArticleFilters:
    """Returns the filters that the address names; the last day is included."""
    since, until = filters.read_days(query)
    return ArticleFilters(
        since=since,
        until=until,
        outlet=query["outlet"],
        language=query["language"],
        statement_level=filters.read_levels(query),
    )


def cut_passage(snippet: Snippet) -> tuple[Piece, ...]:
    """Returns the passage in pieces, in order: those that match and those between them."""
    pieces: list[Piece] = []
    place = 0
    for start, end in snippet.hit_spans:
        pieces.append(Piece(text=snippet.text[place:start], is_hit=False))
        pieces.append(Piece(text=snippet.text[start:end], is_hit=True))
        place = end
    pieces.append(Piece(text=snippet.text[place:], is_hit=False))
    return tuple(each for each in pieces if each.text)


def _show(query: Query, words: str, hits: Sequence[Match]) -> Search:
    shown = hits if query["copies"] else list(_first_of_story(hits))
    page, following, preceding = _cut_page(shown, query["before"], query["after"])
    ids = [each.id for each in page]
    lines = {each.id: each for each in load_lines(query.database, ids)}
    found = load_hits(query.database, words, ids, seconds=SECONDS)
    return _result(
        query,
        words,
        hits=len(hits),
        stories=len({each.story_id for each in hits}),
        outlets=_count(each.outlet for each in hits),
        languages=_count(each.language for each in hits),
        rows=tuple(_row(query, lines[each.id], each.snippet) for each in found if each.id in lines),
        following=following,
        preceding=preceding,
    )


def _row(query: Query, line: ArticleLine, snippet: Snippet) -> SearchRow:
    is_shown = may_show_text(query, line.outlet, line.rights)
    return SearchRow(article=line, passage=cut_passage(snippet) if is_shown else ())


def _result(
    query: Query,
    words: str,
    *,
    is_address: bool = False,
    hits: int = 0,
    stories: int = 0,
    outlets: tuple[FacetCount, ...] = (),
    languages: tuple[FacetCount, ...] = (),
    rows: tuple[SearchRow, ...] = (),
    following: Position | None = None,
    preceding: Position | None = None,
) -> Search:
    names = ("outlet", "language", "level", "since", "until")
    given = {name: query[name] for name in names}
    return Search(
        q=words,
        is_address=is_address,
        hits=hits,
        stories=stories,
        is_capped=hits >= MAX_HITS,
        outlets=outlets,
        languages=languages,
        rows=rows,
        atom=link("/feed/search.atom", q=words, **given),
        export=link("/export", q=words, **given),
        timeline=link("/timeline", q=words),
        next=following,
        previous=preceding,
    )


def _first_of_story(hits: Iterable[Match]) -> Iterable[Match]:
    seen: set[int] = set()
    for each in hits:
        if each.story_id not in seen:
            seen.add(each.story_id)
            yield each


def _cut_page(
    hits: Sequence[Match], before: Position | None, after: Position | None
) -> tuple[Sequence[Match], Position | None, Position | None]:
    """Returns the hits of the page, and the places where the next and the previous page begin."""
    start = 0
    if before is not None:
        start = sum((each.at, each.id) >= (before.at, before.id) for each in hits)
    elif after is not None:
        end = sum((each.at, each.id) > (after.at, after.id) for each in hits)
        start = max(0, end - ROWS)
    page = hits[start : start + ROWS]
    has_next = start + ROWS < len(hits)
    following = Position(page[-1].at, page[-1].id) if page and has_next else None
    preceding = Position(page[0].at, page[0].id) if page and start else None
    return page, following, preceding


def _count(values: Iterable[str]) -> tuple[FacetCount, ...]:
    return tuple(FacetCount(value=v, count=n) for v, n in Counter(values).most_common())


FILTERS = (
    Parameter(name="q", description="The words, or an article's address or key."),
    filters.OUTLET,
    filters.LANGUAGE,
    filters.LEVEL,
    filters.SINCE,
    filters.UNTIL,
)
PAGE = Page(
    name="search",
    path="/search",
    summary="Articles with these words, the latest first.",
    template="search.html",
    model=Search,
    load=load,
    parameters=(
        *FILTERS,
        Parameter(
            name="copies",
            kind=ParameterKind.FLAG,
            description="1: all articles of a story, not only the latest.",
            default=False,
        ),
        Parameter(
            name="before", kind=ParameterKind.POSITION, description="Articles before this place."
        ),
        Parameter(
            name="after", kind=ParameterKind.POSITION, description="Articles after this place."
        ),
    ),
)
