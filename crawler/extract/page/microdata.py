"""Reads the microdata properties of a page's article, not those of other items on the page.

An `itemscope` element begins an item; https://html.spec.whatwg.org/multipage/microdata.html.
"""

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from crawler.extract.page.article_objects import is_same_title, iter_page_titles, title_letters
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of

_READ = frozenset({"datePublished", "dateModified", "dateCreated", "author", "articleBody"})
_ARTICLE_TYPES = ("article", "posting", "report", "webpage", "blog", "creativework")
# An item that is the value of another property is not the page's article.
_OWN_PROPERTIES = frozenset({"", "mainentity", "mainentityofpage", "blogpost", "blogposts"})
_MAX_NODES = 5000
_MAX_ANCESTORS = 64


def iter_article_properties(page: Page) -> Iterator[tuple[str, LexborNode]]:
    """Yields names and elements of the article's dates, authors and body, in page order.

    Properties outside all items count too. Of several articles, only the one with the page's
    heading or the body is read; the first one if none has them. An article with another headline
    than the page's, and without heading and body, is another one.
    """
    found: list[tuple[int, str, LexborNode]] = []
    owners: dict[int, LexborNode] = {}
    for node in page.tree.css("[itemprop]")[:_MAX_NODES]:
        names = _READ.intersection((node.attributes.get("itemprop") or "").split())
        if not names:
            continue
        owner = owning_item(node)
        if owner is not None and not _is_own_article(owner):
            continue
        key = owner.mem_id if owner is not None else 0
        if owner is not None and "article" in _type_of(owner):
            owners[key] = owner
        found += [(key, name, node) for name in sorted(names)]
    titles = list(iter_page_titles(page)) if owners else []
    own = [item for item in owners.values() if not _is_other_article(item, titles)]
    main = _main_article(own) if own and len(owners) > 1 else own[0].mem_id if own else -1
    for key, name, node in found:
        if key == main or key not in owners:
            yield name, node


def is_of_article(node: LexborNode) -> bool:
    """Returns whether a property belongs to an article that is no part of another item."""
    owner = owning_item(node)
    return owner is None or _is_own_article(owner)


def owning_item(node: LexborNode) -> LexborNode | None:
    """Returns the element of the item that a property belongs to; None if there is none."""
    current = node.parent
    for _ in range(_MAX_ANCESTORS):
        if current is None:
            return None
        if "itemscope" in current.attributes:
            return current
        current = current.parent
    return None


def _is_own_article(item: LexborNode) -> bool:
    kind = _type_of(item)
    properties = (item.attributes.get("itemprop") or "").lower().split() or [""]
    return (not kind or any(part in kind for part in _ARTICLE_TYPES)) and any(
        name in _OWN_PROPERTIES for name in properties
    )


def _is_other_article(item: LexborNode, titles: Sequence[str]) -> bool:
    """Returns whether an article states a headline that is none of the page's titles."""
    headline = item.css_first("[itemprop~=headline]")
    if headline is None or item.css_first("h1, [itemprop~=articleBody]") is not None:
        return False
    letters = title_letters(headline.attributes.get("content") or text_of(headline))
    return bool(letters and titles) and not any(is_same_title(letters, each) for each in titles)


def _main_article(items: list[LexborNode]) -> int:
    for selector in ("[itemprop~=articleBody]", "h1"):
        for item in items:
            if item.css_first(selector) is not None:
                return item.mem_id
    return items[0].mem_id


def _type_of(item: LexborNode) -> str:
    return (item.attributes.get("itemtype") or "").lower().rstrip("/").rsplit("/", 1)[-1]
