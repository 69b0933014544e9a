"""Parts a page's title into the headline and the names of section and site behind it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.extract.body.body import letters_only
from crawler.extract.fields.quotations import quoted_passages
from crawler.extract.page.outline import text_weight

_MARK = re.compile(
    r"\s{1,9}(?:[|｜ㅣ:：>»›·•‹</\-–—―]|--|::|//|\bl\b)(?=\s)|\s?[|｜ㅣ》»›]|\s?[-–—―]{1,3}\s?|[：:]\s?|:: ?|_"
)
_BARS = frozenset({"|", "｜", "ㅣ", "»", "›", "》", "::", "l", ">", "_", "//"})
_DASHES = frozenset("-–—―")
# Without spaces around it, such a mark is usually part of a word or a clock time.
_TIGHT_MARKS = _DASHES | {":"}
_DIGITS = re.compile(r"\d")
_MAX_TAIL_WEIGHT = 45
_MAX_SECTION_WEIGHT = 24


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a title may end: after `head`; the next part begins at the index `end`."""

    head: str
    mark: str
    end: int
    is_spaced: bool


def iter_cuts(title: str) -> Iterator[Cut]:
    """Yields the places where a title may end, the last one first; none is inside a quotation."""
    matches = list(_MARK.finditer(title))
    quoted = quoted_passages(title) if matches else []
    for match in reversed(matches):
        # The space beside a quotation belongs to both the mark and its surroundings.
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        while quoted and quoted[-1][0] > start:
            quoted.pop()
        if quoted and start < quoted[-1][1]:
            continue
        head = title[: match.start()].rstrip()
        if head and title[match.end() :].strip():
            yield Cut(head, match[0].strip(), match.end(), match[0][0].isspace())


def remove_site_name(title: str, site_names: Iterable[str], *, keep_sections: bool = False) -> str:
    """Removes the names of site and section from the end of a title, and the site's from its start.

    `site_names`: names of the site. A tail goes if it is the site's name; without `keep_sections`
    also if it is short and follows a bar, or the mark that parts the site's name.
    """
    names = [name for name in map(letters_only, site_names) if name]
    cuts = list(iter_cuts(title))
    site_mark = ""
    for cut in cuts:
        tail = title[cut.end :].strip()
        if _is_site(tail, names, is_loose=cut.is_spaced or cut.mark not in _TIGHT_MARKS):
            site_mark = cut.mark
        elif keep_sections or not (_is_behind_bar(cut, tail) or _is_section(cut, tail, site_mark)):
            break
        title = cut.head
    if cuts and cuts[-1].is_spaced and cuts[-1].mark != ":" and len(title) > cuts[-1].end:
        title = title[cuts[-1].end :].strip() if letters_only(cuts[-1].head) in names else title
    return title


def _is_site(tail: str, names: Iterable[str], *, is_loose: bool) -> bool:
    """Returns whether a tail is a site's name; loosely, also with a word or a date beside it."""
    letters = letters_only(tail)
    without_digits = _DIGITS.sub("", letters)
    for name in names:
        if name in (letters, without_digits):
            return True
        if not is_loose or min(len(name), len(letters)) <= 3:
            continue
        shorter, longer = sorted((name, without_digits), key=len)
        if shorter in longer and len(longer) - len(shorter) <= max(6, len(shorter) // 2):
            return True
    return False


def _is_behind_bar(cut: Cut, tail: str) -> bool:
    weight = text_weight(tail)
    return cut.mark in _BARS and weight <= _MAX_TAIL_WEIGHT and weight <= text_weight(cut.head)


def _is_section(cut: Cut, tail: str, site_mark: str) -> bool:
    """Returns whether a short tail follows the mark before the site's name; no single dash."""
    return (
        cut.mark == site_mark
        and cut.mark not in _DASHES
        and text_weight(tail) <= min(_MAX_SECTION_WEIGHT, text_weight(cut.head))
    )
