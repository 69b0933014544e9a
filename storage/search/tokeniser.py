"""Text into the tokens that search finds it by: the same on SQLite and PostgreSQL. Pure.

Neither database can cut Korean, Chinese and Japanese into words, so the cutting is done here and both
index the result. A run of letters and digits is one token. A run of Hangul, Han or kana is all pairs
of neighbouring characters and the last character alone (`조선통신`: 조선, 선통, 통신, 신), so that any part
of it can be found, particles and compounds notwithstanding; bigrams are what Lucene's CJKAnalyzer
uses for the same reason. Case, accents, full-width forms and compatibility forms do not count
(Unicode NFKC, UAX #15).
"""

import re
import unicodedata

TOKENISER_VERSION = "1"
"""Raised whenever the same text would give other tokens; the index is then made anew."""

MAX_TOKEN_CHARS = 64
MAX_ARTICLE_TOKEN_BYTES = 900_000
"""Distinct tokens of one article, in UTF-8. PostgreSQL holds 1 MiB; a page that has more is broken."""

_COMBINING_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f]+")
CJK_RANGES = (
    "\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318e"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Hangul, Han and kana, as the inside of a character class."""
# What nothing can be taken off: Hangul, Han, kana, Cyrillic but for ё, й and the like, signs.
_UNACCENTED = re.compile(
    "[\\x00-\\xbf\u0410-\u0418\u041a-\u0438\u043a-\u044f\u2010-\u205e\u25a0-\u25ff\u3001-\u3020"
    "\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]*"
)
_WORD = re.compile(r"[^\W_]+")
_SCRIPT_RUN = re.compile(f"([{CJK_RANGES}]+)|([^\\W_{CJK_RANGES}]+)")


def fold_text(text: str) -> str:
    """The text as it is compared: without case, accents and compatibility forms."""
    if text.isascii():
        return text.lower()
    if _UNACCENTED.fullmatch(text) and unicodedata.is_normalized("NFKC", text):
        return text.casefold()
    bare = _COMBINING_MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFKC", bare)


def find_script_runs(folded: str) -> list[tuple[bool, int, int]]:
    """The runs of folded text: whether it is one of Hangul, Han or kana, its start and its end."""
    return [(run[1] is not None, *run.span()) for run in _SCRIPT_RUN.finditer(folded)]


def tokenise(text: str) -> list[str]:
    """The tokens of a text, in order."""
    folded = fold_text(text)
    if folded.isascii():
        return [word[:MAX_TOKEN_CHARS] for word in _WORD.findall(folded)]
    found: list[str] = []
    for cjk, word in _SCRIPT_RUN.findall(folded):
        if cjk:
            found += [cjk[i : i + 2] for i in range(len(cjk))]
        else:
            found.append(word[:MAX_TOKEN_CHARS])
    return found


def tokenise_bounded(title: str, text: str) -> tuple[list[str], list[str]]:
    """The tokens of an article's title and text as far as they are indexed: all, but for a hostile one."""
    of_title, of_text = tokenise(title), tokenise(text)
    # No token has more bytes than four times its characters, so nearly all texts need no counting.
    if 4 * (len(title) + 2 * len(text)) <= MAX_ARTICLE_TOKEN_BYTES:
        return of_title, of_text
    seen: set[str] = set()
    room = MAX_ARTICLE_TOKEN_BYTES
    kept: list[list[str]] = [[], []]
    for part, whole in zip(kept, (of_title, of_text), strict=True):
        for token in whole:
            if token not in seen:
                seen.add(token)
                room -= len(token.encode())
            if room < 0:
                return kept[0], kept[1]
            part.append(token)
    return kept[0], kept[1]
