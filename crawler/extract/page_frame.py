"""Tells whether a page is one of its outlet's own: by its frame, its headline and its language.

A domain that is parked, or a page that spammers put there, answers with status 200 and a text. But
most pages of an outlet share a frame: menus, style sheets, class names, the site's name. And a
listed page prints the headline under which it is listed.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from crawler.extract.extraction import Extraction
from crawler.extract.language import is_written_in
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page
from crawler.extract.page_facts import TINY_TEXT_WEIGHT
from storage.records import Article

_ATTRIBUTE = re.compile(r"\s(href|src|class|id)=[\"']?([^\"'>?#]{2,100})", re.IGNORECASE)
# It begins with its rarest character, which `re` finds quickly.
_SITE_NAME = re.compile(
    r"_(?<=[\"']og:site_)name[\"']\s+content=[\"']([^\"']{2,80})", re.IGNORECASE
)
_ARTICLE_TYPE = re.compile(r"[\"']og:type[\"']\s+content=[\"']article", re.IGNORECASE)
_HOST = re.compile(r"^(?:https?:)?//[^/]*")
_NUMBER = re.compile(r"\d+")
_MAX_PAGE_MARKS, _MAX_KEPT_MARKS = 200, 300
_KEPT_PAGES = 20  # then all counts are halved, so that a redesign becomes the outlet's frame
_MIN_PAGES, _MIN_COMMON_MARKS, _MIN_SURE_PAGES = 3, 4, 5
_MIN_COMMON_SHARE = 0.3
_MOST = 0.5  # of the pages
_AS_LISTED = "headline as listed"
_OTHER_HEADLINE = "another headline than the listed one"
_LISTED_MARKS = {_AS_LISTED, _OTHER_HEADLINE}
_MIN_TITLE_SHARE, _SURE_TITLE_SHARE, _MIN_TITLE_WORDS = 0.2, 0.6, 3
_COMPARED_TEXT_CHARS = 1500
_WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W_{_WIDE}]{{3,}}|(?=([{_WIDE}]{{2}}))")


@dataclass(slots=True)
class OutletFrame:
    """What an outlet's pages have in common. `marks`: on how many of the `pages` each mark stands."""

    pages: int = 0
    marks: Counter[str] = field(default_factory=Counter)

    def add(self, page_marks: Collection[str]) -> None:
        """Adds one of the outlet's pages."""
        self.pages += 1
        self.marks.update(page_marks)
        if self.pages >= _KEPT_PAGES:
            self.pages //= 2
            halved = {mark: number // 2 for mark, number in self.marks.items() if number > 1}
            self.marks = Counter(halved)
        if len(self.marks) > 2 * _MAX_KEPT_MARKS:
            listed = {mark: self.marks[mark] for mark in _LISTED_MARKS if self.marks[mark]}
            self.marks = Counter(dict(self.marks.most_common(_MAX_KEPT_MARKS)) | listed)

    def is_common(self, mark: str) -> bool:
        """Returns whether most of the pages have a mark; False if too few pages are known."""
        return self.pages >= _MIN_PAGES and self.marks[mark] >= _MOST * self.pages

    def prints_listed(self) -> bool | None:
        """Returns whether the pages usually print the listed headlines; None if not known yet."""
        judged = sum(self.marks[mark] for mark in _LISTED_MARKS)
        return None if judged < _MIN_PAGES else self.marks[_AS_LISTED] >= _MOST * judged

    def always_prints_listed(self) -> bool:
        """Returns whether all of several pages print the listed headlines."""
        return self.marks[_AS_LISTED] >= _MIN_SURE_PAGES and not self.marks[_OTHER_HEADLINE]

    def common_share(self, page_marks: Collection[str]) -> float | None:
        """Returns how much of the common frame a page has, 0 to 1; None if no frame is known yet."""
        common = {mark for mark in self.marks if self.is_common(mark)} - _LISTED_MARKS
        if len(common) < _MIN_COMMON_MARKS:
            return None
        return len(common.intersection(page_marks)) / len(common)


def page_marks(page: Page, *, is_as_listed: bool | None) -> frozenset[str]:
    """Returns a page's marks: paths of links and files, names of elements, site names.

    `is_as_listed`: whether the page prints the headline under which it is listed, which is a mark
    too; None if that is not known. Numbers count as one, as addresses of files change with each
    release. Only the first `_MAX_PAGE_MARKS` attributes are read: frames begin at the top.
    """
    marks = {f"site {match[1]}" for match in _SITE_NAME.finditer(page.html)}
    if is_as_listed is not None:
        marks.add(_AS_LISTED if is_as_listed else _OTHER_HEADLINE)
    found = islice(_ATTRIBUTE.finditer(page.html), _MAX_PAGE_MARKS)
    marks.update(_mark_of(*match.groups()) for match in found)
    return frozenset(marks)


@lru_cache(maxsize=4096)  # the pages of an outlet have most attributes in common
def _mark_of(name: str, value: str) -> str:
    kind = name.lower()
    path = _NUMBER.sub("0", _HOST.sub("", value))
    return f"{'link' if kind in ('href', 'src') else kind} {path}"


def foreign_reason(
    page: Page,
    extraction: Extraction,
    frame: OutletFrame,
    *,
    listed_title: str = "",
    languages: Sequence[str] = (),
) -> str:
    """Returns why a page is not one of the outlet's own; "" if it is, or if nothing speaks against.

    `listed_title`: the headline in the listing that led to the page, "" if there is none.
    `languages`: those that the outlet writes in. One odd trait is enough on a page without the
    outlet's frame. With the frame, or if that is unknown, it takes two; but another headline is enough
    if the outlet's pages usually print the listed one and no frame is known. If they usually print
    another one, it is not odd. If they all print the listed one, a text without a single word of it is
    enough. A page that clearly prints the listed headline may be in any language.
    """
    article = extraction.article
    if article is None:
        return ""
    title_share = _title_share(extraction, listed_title)
    is_as_listed = _is_printed(title_share)
    odd = {
        _OTHER_HEADLINE: is_as_listed is False and frame.prints_listed() is not False,
        "a language in which the outlet does not write": (title_share or 0) < _SURE_TITLE_SHARE
        and not is_written_in(article.text[:_COMPARED_TEXT_CHARS], languages),
        "no mark of an article": not is_as_listed and _is_bare(page, extraction, article),
    }
    reasons = [reason for reason, is_odd in odd.items() if is_odd]
    if not reasons:
        return ""
    share = frame.common_share(page_marks(page, is_as_listed=None))
    if share is not None and share < _MIN_COMMON_SHARE:
        return " and ".join(["not the outlet's frame", *reasons])
    has_no_word = title_share == 0 and text_weight(article.text) >= TINY_TEXT_WEIGHT
    is_enough = len(reasons) > 1 or (has_no_word and frame.always_prints_listed())
    is_enough = is_enough or (
        share is None and reasons == [_OTHER_HEADLINE] and frame.prints_listed() is True
    )
    return " and ".join(reasons) if is_enough else ""


def prints_title(extraction: Extraction, listed_title: str) -> bool | None:
    """Returns whether a page prints the listed headline; None if that is too short to tell."""
    return _is_printed(_title_share(extraction, listed_title))


def _is_printed(title_share: float | None) -> bool | None:
    return None if title_share is None else title_share >= _MIN_TITLE_SHARE


def _title_share(extraction: Extraction, listed_title: str) -> float | None:
    """Returns how many of a headline's words a page prints, 0 to 1; None for a short headline."""
    words = _words(listed_title)
    if len(words) < _MIN_TITLE_WORDS:
        return None
    article = extraction.article
    if article is None:
        return 0.0
    title = "" if extraction.evidence.get("title") == "listing" else article.title
    printed = _words(f"{title} {article.text[:_COMPARED_TEXT_CHARS]}")
    return len(words & printed) / len(words)


def _words(text: str) -> set[str]:
    return {
        match[1] or match[0] for match in _WORD.finditer(text.casefold()) if match[1] or match[0]
    }


def _is_bare(page: Page, extraction: Extraction, article: Article) -> bool:
    """Returns whether a page has no date, byline or metadata of an article, and no outlet's text."""
    has_rules_text = extraction.evidence.get("text", "").startswith("rules")
    has_date = bool(article.published_source) and article.published_source != "listing"
    return not (
        has_rules_text
        or has_date
        or article.authors
        or _ARTICLE_TYPE.search(page.html)
        or text_weight(article.text) < TINY_TEXT_WEIGHT
    )
