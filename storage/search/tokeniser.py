"""Splits text into the tokens that the full-text index holds. No I/O.

Neither database can split Korean, Chinese and Japanese into words. So this module splits the texts,
and both databases index the same tokens. A run of letters and digits is one token. A run of Hangul,
Han or kana gives all its bigrams, and its last character as a token of its own (`조선통신`: 조선,
선통, 통신, 신). So a query finds any part of the run, in spite of particles and compounds. Lucene's
CJKAnalyzer uses bigrams for the same reason. Tokens ignore case, accents, full-width forms and
compatibility forms (Unicode NFKC, UAX #15).
"""

import re
import unicodedata

TOKENISER_VERSION = "1"
"""Increase it whenever the same text would give different tokens. The index is then rebuilt."""

MAX_TOKEN_CHARS = 64
MAX_ARTICLE_TOKEN_BYTES = 900_000
"""The most bytes that the distinct tokens of one article may have in UTF-8.

A PostgreSQL tsvector must be smaller than 1 MiB. A page with more tokens is broken or hostile.
"""

_COMBINING_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f]+")
CJK_RANGES = (
    "\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318e"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Hangul, Han and kana: the inside of a regular expression character class."""
# Characters without an accent to remove: ASCII, punctuation and symbols, Hangul, Han, kana, and
# Cyrillic except ё, й and similar letters.
_UNACCENTED = re.compile(
    "[\\x00-\\xbf\u0410-\u0418\u041a-\u0438\u043a-\u044f\u2010-\u205e\u25a0-\u25ff\u3001-\u3020"
    "\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]*"
)
_WORD = re.compile(r"[^\W_]+")
_SCRIPT_RUN = re.compile(f"([{CJK_RANGES}]+)|([^\\W_{CJK_RANGES}]+)")


def fold_text(text: str) -> str:
    """Returns the text in the form that search compares.

    The form has no case, accents or compatibility forms. It may differ in length from the text.
    """
    if text.isascii():
        return text.lower()
    if _UNACCENTED.fullmatch(text) and unicodedata.is_normalized("NFKC", text):
        return text.casefold()
    without_marks = _COMBINING_MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFKC", without_marks)


def find_script_runs(folded: str) -> list[tuple[bool, int, int]]:
    """Returns the runs of folded text as (is_cjk, start, end).

    `is_cjk`: the run is Hangul, Han or kana. Other runs are letters and digits.
    """
    return [(run[1] is not None, *run.span()) for run in _SCRIPT_RUN.finditer(folded)]


def tokenise(text: str) -> list[str]:
    """Returns the tokens of a text in order. A long word is cut to `MAX_TOKEN_CHARS`."""
    folded = fold_text(text)
    if folded.isascii():
        return [word[:MAX_TOKEN_CHARS] for word in _WORD.findall(folded)]
    tokens: list[str] = []
    for cjk, word in _SCRIPT_RUN.findall(folded):
        if cjk:
            tokens += [cjk[i : i + 2] for i in range(len(cjk))]
        else:
            tokens.append(word[:MAX_TOKEN_CHARS])
    return tokens


def tokenise_bounded(title: str, text: str) -> tuple[list[str], list[str]]:
    """Returns the tokens of title and text that are indexed.

    These are all tokens, up to `MAX_ARTICLE_TOKEN_BYTES` of distinct tokens.
    """
    title_tokens, text_tokens = tokenise(title), tokenise(text)
    # A character has at most 4 bytes and is in at most 2 tokens, so most texts need no count.
    if 4 * (len(title) + 2 * len(text)) <= MAX_ARTICLE_TOKEN_BYTES:
        return title_tokens, text_tokens
    seen: set[str] = set()
    bytes_left = MAX_ARTICLE_TOKEN_BYTES
    bounded: list[list[str]] = [[], []]
    for bounded_tokens, all_tokens in zip(bounded, (title_tokens, text_tokens), strict=True):
        for token in all_tokens:
            if token not in seen:
                seen.add(token)
                bytes_left -= len(token.encode())
            if bytes_left < 0:
                return bounded[0], bounded[1]
            bounded_tokens.append(token)
    return bounded[0], bounded[1]
