"""Finds the names of authors, in metadata, bylines and scripts."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from crawler.extract.body.body import letters_only
from crawler.extract.fields import bylines
from crawler.extract.fields.names import clean_names, credits_others, is_agency
from crawler.extract.page.joined_text import separated_text_of
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.structured import StructuredData
from crawler.extract.urls import host_of

_META = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator",
         "dcterms.creator", "citation_author", "authors", "cxenseparse:author", "byline",
         "article:author_name", "dable:author", "og:article:author", "og:author", "dd:author")  # fmt: skip
# What `twitter:label1` says of an author, in the languages of a common plugin.
_WRITTEN_BY = ("written by", "by", "作者", "執筆者", "글쓴이", "verfasst von", "geschrieben von", "écrit par",
               "escrito por", "scritto da", "написано автором", "автор", "geschreven door", "skrevet av",
               "skrevet af", "skriven av", "napisane przez", "yazan", "ditulis oleh")  # fmt: skip
_LINKS = ("[rel=author]", "a[href*='/author/']")
# "김바다 기자 외 1명": the byline does not print everybody.
_AND_OTHERS = re.compile(r"외 ?\d+명|\bet al\b", re.IGNORECASE)
_TITLE_BAR = re.compile(r"\s[–—-]\s|[|｜_]")
_MAX_AUTHORS, _MANY_AUTHORS = 12, 4
_MAX_LINKS, _MAX_LINK_WEIGHT = 60, 120

_BylineTexts = Iterator[tuple[str, Collection[str]]]


@dataclass(frozen=True, slots=True)
class Authors:
    """The names of authors, and the place where they were found."""

    names: tuple[str, ...] = ()
    source: str = ""


def find_authors(
    page: Page,
    structured: StructuredData,
    site_names: Sequence[str],
    title: str,
    text: str,
    *,
    search_page: bool = True,
) -> Authors:
    """Returns the people who wrote the article, else the agency; never the outlet itself.

    A printed byline overrules metadata: it adds names, and it replaces people (such as the editor)
    whom the page does not print as authors.

    `site_names`: names of the outlet. `title`, `text`: of the article; bylines are printed near
    them. `search_page`: also searches bylines printed on the page and authors in scripts.
    """
    house = _House(page, [*site_names, *structured.publishers], title)
    stated = house.find_first(_iter_metadata(page, structured), in_metadata=True)
    if not search_page and _are_people(stated):
        return stated
    if not search_page:
        return _prefer_people(stated, house.find_first(_iter_links_and_text(page, text, None)))
    near = bylines.find_surroundings(page.outline, text, title)
    lines = list(bylines.iter_printed_bylines(page.outline, near))
    if _are_people(stated):
        printed = list(filter(None, map(house.people_in, lines)))
        if names := _find_agreeing(stated.names, printed):
            return stated if names == stated.names else Authors(names, "element byline")
        if names := _find_printed(stated.names, printed, near, text):
            return Authors(names, stated.source)
        signed = list(filter(None, map(house.people_in, bylines.iter_bylines_in_text(text))))
        for found, source in ((printed, "element byline"), (signed, "byline in the text")):
            if found and _replaces(found[0], stated.names, near, text):
                return Authors(found[0], source)
        return stated
    return _prefer_people(stated, house.find_first(_iter_printed(page, text, near, lines)))


def _iter_metadata(page: Page, structured: StructuredData) -> _BylineTexts:
    yield "json-ld author", structured.authors
    for name in _META:
        yield f"meta {name}", page.meta.get(name, ())
    if page.meta.get("twitter:label1", [""])[0].lower() in _WRITTEN_BY:
        yield "meta twitter:data1", page.meta.get("twitter:data1", ())
    yield "json-ld creator", structured.creators


def _iter_printed(
    page: Page, text: str, near: bylines.Surroundings, lines: Sequence[str]
) -> _BylineTexts:
    yield "element byline", lines
    yield "element byline", list(bylines.iter_bylines_in_blocks(page.outline, near.before))
    yield from _iter_links_and_text(page, text, near)
    yield "script", list(bylines.iter_authors_in_scripts(page.html))


def _iter_links_and_text(page: Page, text: str, near: bylines.Surroundings | None) -> _BylineTexts:
    for selector in _LINKS:
        texts = [
            text for text in map(separated_text_of, page.tree.css(selector)[:_MAX_LINKS]) if text
        ]
        names = dict.fromkeys(text for text in texts if text_weight(text) <= _MAX_LINK_WEIGHT)
        found = [name for name in names if near and near.mention(name)]
        # Many names that stand elsewhere are of other articles, an agency's is the house's.
        elsewhere = [name for name in names if len(names) < _MANY_AUTHORS and not is_agency(name)]
        yield f"element {selector}", found or elsewhere
    yield "byline in the text", list(bylines.iter_bylines_in_text(text))


class _House:
    """The outlet of one page: finds names in its bylines and leaves its own names out."""

    def __init__(self, page: Page, names: list[str], title: str) -> None:
        self.names = list(dict.fromkeys(filter(None, names)))
        self.letters = {letters for name in self.names if (letters := letters_only(name))}
        self.page, self.title = page, title

    @cached_property
    def host_labels(self) -> list[str]:
        """The parts of the page's host, without the last one."""
        return [label for label in host_of(self.page.url).split(".")[:-1] if len(label) > 2]

    @cached_property
    def title_end(self) -> str:
        """The letters of what follows the last bar of the `<title>`: the outlet's name."""
        parts = _TITLE_BAR.split(self.page.meta.get("document-title", [""])[0])
        end = letters_only(parts[-1]) if len(parts) > 1 else ""
        return "" if end in letters_only(self.title) else end

    def find_first(self, sources: _BylineTexts, *, in_metadata: bool = False) -> Authors:
        """Returns the people of the first source that names any, else the first agency."""
        agency = Authors()
        for source, found in sources:
            names = self._names_in(found, in_metadata=in_metadata) if found else ()
            if people := _people(names):
                return Authors(people[:_MAX_AUTHORS], source)
            if names and not agency.names:
                agency = Authors(names[:_MAX_AUTHORS], source)
        return agency

    def people_in(self, byline: str) -> tuple[str, ...]:
        """Returns the people in a byline."""
        return _people(self._names_in([byline]))

    def _names_in(self, texts: Iterable[str], *, in_metadata: bool = False) -> tuple[str, ...]:
        names = clean_names(map(self._without_own_name, texts))
        return tuple(name for name in names if not self._is_own(name, in_metadata=in_metadata))

    def _without_own_name(self, text: str) -> str:
        """Removes the outlet's name after a person's: "Anna Harbour, Coastal Courier"."""
        lower = text.lower()
        for name in self.names:
            if name.lower() in lower:
                pattern = rf"(?:^(?:the )?|[\s.,|/-]{{1,20}}){re.escape(name)}.{{0,20}}$"
                text = re.sub(pattern, "", text, flags=re.IGNORECASE)
        return text

    def _is_own(self, name: str, *, in_metadata: bool) -> bool:
        letters = letters_only(name)
        if letters in self.letters or any(len(own) > 2 and own in letters for own in self.letters):
            return True
        if " " in name:
            return False
        in_title = in_metadata and len(letters) > 1 and letters in self.title_end
        return letters in self.host_labels or in_title


def _find_agreeing(stated: tuple[str, ...], printed: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Returns the printed byline that has all names of the metadata; () if none has.

    Returns the metadata's own spelling if they name the same people with words in the same order.
    """
    letters = set(map(letters_only, stated))
    for names in printed:
        if letters == set(map(letters_only, names)):
            return stated
        if letters < set(map(letters_only, names)) or _words(stated) == _words(names):
            return names
    return ()


def _find_printed(
    stated: tuple[str, ...],
    printed: Sequence[tuple[str, ...]],
    near: bylines.Surroundings,
    text: str,
) -> tuple[str, ...]:
    """Returns the names that the page prints, if a byline names some of them and others nowhere."""
    in_bylines = {letters_only(name) for names in printed for name in names}
    if in_bylines.isdisjoint(map(letters_only, stated)):
        return ()
    if any(_AND_OTHERS.search(block.text) for block in near.above):
        return stated
    return tuple(name for name in stated if _is_printed(name, near, text))


def _replaces(
    printed: tuple[str, ...], stated: tuple[str, ...], near: bylines.Surroundings, text: str
) -> bool:
    """Returns whether a printed byline names other people, and the page prints none of `stated`."""
    return (
        _is_full(printed[0])
        and _words(stated).isdisjoint(_words(printed))
        and not any(_is_printed(name, near, text) for name in stated)
    )


def _is_printed(name: str, near: bylines.Surroundings, text: str) -> bool:
    """Returns whether the page prints a name near or in the text, other than as an editor's."""
    letters = letters_only(name)
    return name in text or any(
        letters in letters_only(block.text) and not credits_others(block.text)
        for block in (*near.above, *near.below)
    )


def _words(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in name.lower().split() if len(word) > 1}


def _is_full(name: str) -> bool:
    return " " in name or text_weight(name) > len(name)


def _people(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if not is_agency(name))


def _are_people(authors: Authors) -> bool:
    return bool(_people(authors.names))


def _prefer_people(stated: Authors, found: Authors) -> Authors:
    return found if _are_people(found) or not stated.names else stated
