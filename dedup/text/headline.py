"""Compares headlines without the marks that agencies add when they send a report again."""

import re
from functools import lru_cache

from rapidfuzz import fuzz

from dedup.text.hidden import strip_hidden

_MARK = re.compile(
    r"\((?:\d?(?:st|nd|rd|th)? ?(?:LEAD|LD|URGENT|UPDATED?\b[^()]{0,20}|News Focus|Yonhap Feature)"
    r"|종합\d?보?|속보|수정|전문|[1-9]보)\)"
    r"|\[(?:속보|종합|단독|포토|사진|영상|1보|2보|상보)[^\[\]]{0,6}\]",
    re.IGNORECASE,
)
_JUNK = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def normalise_headline(headline: str) -> str:
    """Returns the case-folded words of a headline, without version marks and punctuation."""
    return _JUNK.sub(" ", _MARK.sub(" ", strip_hidden(headline[:500]))).casefold().strip()


def similarity(a: str, b: str) -> float:
    """Returns the similarity of two headlines in any word order, 0 to 1; 0 if one has no words.

    Uses RapidFuzz's `token_sort_ratio`.
    """
    headline_a, headline_b = normalise_headline(a), normalise_headline(b)
    return fuzz.token_sort_ratio(headline_a, headline_b) / 100 if headline_a and headline_b else 0.0
