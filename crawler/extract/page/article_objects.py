"""Chooses among a page's JSON-LD objects those that describe its own article.

Pages also describe the articles they link to. An object is the page's own if it has the page's
address or headline and no other article lists it as a part or a related page.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of
from crawler.extract.urls import original_url, path_of
from storage.identity import drop_tracking_parameters

Object = dict[str, Any]

_ARTICLE_TYPES = ("article", "posting", "report", "webpage", "videoobject", "liveblog")
_FIRST_OTHER_RANK = 3
_NO_ARTICLE_RANK = len(_ARTICLE_TYPES)
# Properties whose values are other pages, or the larger work.
_OTHER_PAGES = ("hasPart", "isPartOf", "relatedLink", "mentions", "citation", "isBasedOn",
                "itemListElement", "significantLink", "relatedItem")  # fmt: skip
_MAX_REFERENCES = 200
_MAX_STATED = 4  # addresses of a kind; pages state one
_MIN_TITLE_CHARS, _MAX_TITLE_CHARS = 8, 2000


def schema_types(item: Object) -> set[str]:
    """Returns an object's schema.org types in lower case, without the address or prefix."""
    kinds = item.get("@type")
    values = kinds if isinstance(kinds, list) else [kinds]
    return {str(kind).replace("#", "/").replace(":", "/").rsplit("/", 1)[-1].lower()
            for kind in values if kind}  # fmt: skip


def article_objects(objects: Sequence[Object], page: Page) -> list[Object]:
    """Returns the objects about the page's article, the most trusted first.

    First those of an article's type, then of a web page or a video with the page's address.
    """
    ranks = [(_type_rank(item), item) for item in objects]
    ranked = sorted((each for each in ranks if each[0] < _NO_ARTICLE_RANK), key=itemgetter(0))
    articles = [item for rank, item in ranked if rank < _FIRST_OTHER_RANK]
    others = [item for _, item in ranked[len(articles) :]]
    addresses = _page_addresses(page)
    is_alone = len(articles) == 1 and _address_match(articles[0], addresses) >= 0
    own = articles if is_alone else _choose_own(articles, objects, addresses, page)
    return own + [item for item in others if _address_match(item, addresses) >= 0]


def is_article(item: Object) -> bool:
    """Returns whether an object's type is an article's."""
    return _type_rank(item) < _FIRST_OTHER_RANK


def _choose_own(
    articles: Sequence[Object], objects: Sequence[Object], addresses: Sequence[str], page: Page
) -> list[Object]:
    if not articles:
        return []
    listed_elsewhere = set(_iter_references(objects))
    titles = list(iter_page_titles(page))

    def agreement(item: Object) -> int:
        is_listed = str(item.get("@id")) in listed_elsewhere
        has_headline = any(is_same_title(_headline_letters(item), title) for title in titles)
        return 2 * _address_match(item, addresses) + 2 * has_headline - 3 * is_listed

    best = max(articles, key=agreement)
    if agreement(best) < 0:
        return []
    headline = _headline_letters(best)
    return [best] + [
        item
        for item in articles
        if item is not best
        and agreement(item) >= 0
        and _address_match(item, addresses) >= 0
        and (not _headline_letters(item) or is_same_title(_headline_letters(item), headline))
    ]


def _headline_letters(item: Object) -> str:
    """Returns the letters of an object's headline, else of its name, in lower case."""
    text = item.get("headline") or item.get("name")
    if isinstance(text, list):
        text = text[0] if text else ""
    if isinstance(text, dict):
        text = text.get("@value")
    return title_letters(text) if isinstance(text, str) else ""


def iter_page_titles(page: Page) -> Iterator[str]:
    """Yields the letters of the titles that the page states and of its first headings."""
    for name in ("og:title", "twitter:title", "document-title"):
        for text in page.meta.get(name, ())[:1]:
            yield title_letters(text[:_MAX_TITLE_CHARS])
    for node in page.tree.css("h1")[:3]:
        yield title_letters(text_of(node)[:_MAX_TITLE_CHARS])


def is_same_title(first: str, second: str) -> bool:
    """Returns whether one of two titles, given by their letters, is the other or much of it."""
    shorter, longer = sorted((first, second), key=len)
    return shorter in longer and (
        len(shorter) >= _MIN_TITLE_CHARS or (shorter != "" and 2 * len(shorter) >= len(longer))
    )


def title_letters(text: str) -> str:
    """Returns the letters and digits of a title in lower case."""
    return "".join(filter(str.isalnum, text)).lower()


def _type_rank(item: Object) -> int:
    kinds = schema_types(item)
    for rank, part in enumerate(_ARTICLE_TYPES):
        if any(part in kind for kind in kinds):
            return rank
    # An object of unknown type with a headline and a date is also an article.
    return 1 if "headline" in item and "datePublished" in item else _NO_ARTICLE_RANK


def _page_addresses(page: Page) -> list[str]:
    stated = (page.meta.get(name, ())[:_MAX_STATED] for name in ("canonical", "og:url"))
    return [original_url(page.url), *chain.from_iterable(stated)]


def _address_match(item: Object, addresses: Sequence[str]) -> int:
    """Returns 1 if an object has the page's address, -1 if another page's, 0 if it has none."""
    matches = [
        max(_is_same_address(stated, address) for address in addresses)
        for stated in _iter_stated_addresses(item)
    ]
    return (1 if any(matches) else -1) if matches else 0


def _iter_stated_addresses(item: Object) -> Iterator[str]:
    for name in ("url", "@id", "mainEntityOfPage"):
        stated = item.get(name)
        if isinstance(stated, dict):
            stated = stated.get("@id") or stated.get("url")
        # The front page's address is often put there for want of a better one.
        if isinstance(stated, str) and stated.startswith(("http", "/")) and path_of(stated):
            yield stated


def _is_same_address(first: str, second: str) -> bool:
    # Bytes that are not UTF-8 must not all become one character.
    paths = {unquote(path_of(url), errors="surrogateescape") for url in (first, second)}
    if len(paths) > 1:
        return False
    if "?" not in first or "?" not in second:
        return True
    # On some sites only the query tells articles apart.
    first_query, second_query = (
        parse_qs(urlsplit(drop_tracking_parameters(url)).query, errors="surrogateescape")
        for url in (first, second)
    )
    shared = first_query.keys() & second_query.keys()
    return all(first_query[name] == second_query[name] for name in shared)


def _iter_references(objects: Sequence[Object]) -> Iterator[str]:
    """Yields the identifiers of the objects that another object lists as other pages."""
    for item in objects:
        for name in _OTHER_PAGES:
            values = item.get(name)
            for value in (values if isinstance(values, list) else [values])[:_MAX_REFERENCES]:
                target = value.get("item", value) if isinstance(value, dict) else value
                if isinstance(target, dict):
                    target = target.get("@id") or target.get("url")
                if isinstance(target, str):
                    yield target
