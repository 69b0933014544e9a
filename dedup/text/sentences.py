"""Splits texts into sentences and paragraphs, from which the text can be put together again. Pure."""

import re

_CLOSING = "\"'”’)\\]」』】）»"
_OPENING = "\"'“‘(\\[<「『【（《〈«"
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
# A full stop ends a sentence before white space, Korean, Chinese, Japanese or a quote: `co.kr` goes on.
# One capital letter before it is an abbreviation: N. Korea, U.S. officials.
_SENTENCE_END = re.compile(
    rf"(?<![.!?…])(?<!\b[A-Z])(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bNo)(?<!\bGen)[.!?…]++[{_CLOSING}]*+"
    rf"(?:\s++|(?=[{_CJK}{_OPENING}]))"
    rf"|(?<![。！？])[。！？]++[{_CLOSING}]*+\s*+"
    r"|\n\s*+"
)
_PARAGRAPH_END = re.compile(r"\n\s*+")


def split_sentences(text: str) -> list[str]:
    """Returns the sentences, each with the white space after it; joined they are the text.

    A line end ends a sentence. Linear in the length of the text.
    """
    return _split(text, _SENTENCE_END)


def split_paragraphs(text: str) -> list[str]:
    """Returns the lines, each with the white space after it; joined they are the text."""
    return _split(text, _PARAGRAPH_END)


def _split(text: str, end: re.Pattern[str]) -> list[str]:
    pieces: list[str] = []
    start = 0
    for found in end.finditer(text):
        if found.end() > start:
            pieces.append(text[start : found.end()])
            start = found.end()
    if start < len(text):
        pieces.append(text[start:])
    return pieces
