"""Headlines compared without the marks that an agency adds when it sends a report again."""

import re
from functools import lru_cache

from rapidfuzz import fuzz

_MARK = re.compile(
    r"\((?:\d?(?:st|nd|rd|th)? ?(?:LEAD|LD|URGENT|UPDATED?\b[^()]{0,20}|News Focus|Yonhap Feature)"
    r"|종합\d?보?|속보|수정|전문|[1-9]보)\)"
    r"|\[(?:속보|종합|단독|포토|사진|영상|1보|2보|상보)[^\[\]]{0,6}\]",
    re.IGNORECASE,
)
_JUNK = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def normalise_headline(headline: str) -> str:
    """The words of a headline, folded, without version marks and signs."""
    return _JUNK.sub(" ", _MARK.sub(" ", headline[:500])).casefold().strip()


def similarity(a: str, b: str) -> float:
    """How alike two headlines are, 0 to 1, in any order of words; 0 if one has no words."""
    one, two = normalise_headline(a), normalise_headline(b)
    return fuzz.token_sort_ratio(one, two) / 100 if one and two else 0.0
