"""Blanks the boilerplate that outlets put around a report, without moving the rest of the text.

The rules are in `dedup.text.boilerplate_rules`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache

from dedup.text.boilerplate_rules import BOILERPLATE_RULES, Alphabet, RemovalScope, Rule
from dedup.text.substring_matcher import SubstringMatcher

MAX_HEAD_CHARS = 400
MAX_TAIL_CHARS = 500
MAX_CAPTION_LETTERS = 260
"""A text with a photo agency's template and no more letters than this besides is a caption."""

MAX_LATIN_CAPTION_LETTERS = 500
_LATIN_CREDIT_CHARS = 300
"""A text that ends with a photo agency's credit and has no more letters than this is a caption."""

_MAX_PATTERN_CHARS = 120
_MAX_LOCAL_SEARCHES = 20
_TEMPLATE = re.compile(
    r"For Use Only|재배포 금지|재판매 및 DB|DB ?금지|Redistribution|(?<!\d)\d{4}\.\d{1,2}\.\d{1,2}\.?\s+\S{1,40}@"
)
_LATIN_CREDIT = re.compile(
    r"\b(?:EPA|AFP|REUTERS|Reuters)/[A-Z]|\bvia AP\)|\(AP Photo|\(Photo by |MANDATORY CREDIT"
)
_SENTENCE_END = re.compile(r"[가-힣]다\.")  # in Korean, headline matter has no full sentences
_LETTER = re.compile(r"[^\W_]")


def mask(
    text: str,
    title: str = "",
    alphabets: Collection[Alphabet] = tuple(Alphabet),
    *,
    captions: bool = False,
) -> str:
    """Returns the text with boilerplate replaced by newlines; same length, so offsets hold.

    `alphabets`: those that occur in the text; rules for others are skipped. A text that is only a
    photo caption becomes newlines altogether, unless `captions` is true.
    """
    masked = _blank_title(text, title)
    hints = _hints().find_in(masked)
    for rule in _ORDERED_RULES:
        if rule.alphabet in alphabets and not (rule.hints and hints.isdisjoint(rule.hints)):
            masked = apply_rule(rule, masked)
    for start, end in _iter_gallery_spans(masked):
        masked = _blank(masked, start, end)
    if not captions and is_caption(text, masked):
        return "\n" * len(text)
    return masked


@cache
def _hints() -> SubstringMatcher:
    return SubstringMatcher.from_strings(
        sorted({hint for rule in BOILERPLATE_RULES for hint in rule.hints})
    )


def apply_rule(rule: Rule, text: str) -> str:
    """Blanks what one rule finds."""
    if rule.scope is RemovalScope.CUT:
        return _blank_matches(rule, text)
    if rule.scope is RemovalScope.HEAD:
        return _blank_head(rule, text)
    return _blank_tail(rule, text)


def _blank_matches(rule: Rule, text: str) -> str:
    if not _has_hint(rule, text):
        return text
    hints = sum(map(text.count, rule.hints))
    if not hints or hints > _MAX_LOCAL_SEARCHES:
        return rule.pattern.sub(_newlines, text)
    # With few hints, searching only near them is faster.
    pieces, position = [], 0
    for hint_start in sorted(at for each in rule.hints for at in _iter_occurrences(each, text)):
        found = rule.pattern.search(
            text, max(position, hint_start - rule.hint_reach), hint_start + rule.hint_reach
        )
        if found:
            pieces += [text[position : found.start()], _newlines(found)]
            position = found.end()
    return "".join([*pieces, text[position:]])


def _iter_occurrences(hint: str, text: str) -> Iterator[int]:
    at = text.find(hint)
    while at >= 0:
        yield at
        at = text.find(hint, at + 1)


def _blank_title(text: str, title: str) -> str:
    start = len(text) - len(text.lstrip())
    if not title or not text.startswith(title, start):
        return text
    return _blank(text, start, start + len(title))


def _blank_head(rule: Rule, text: str) -> str:
    reach = min(MAX_HEAD_CHARS, len(text) // 2)
    window = text[: reach + _MAX_PATTERN_CHARS]
    found = rule.pattern.search(window) if _has_hint(rule, window) else None
    if found is None or found.start() > reach or _SENTENCE_END.search(text, 0, found.start()):
        return text
    return _blank(text, 0, found.end())


def _blank_tail(rule: Rule, text: str) -> str:
    start = max(len(text) - MAX_TAIL_CHARS, len(text) // 2)
    window = text[start:]
    found = rule.pattern.search(window) if _has_hint(rule, window) else None
    return _blank(text, start + found.start(), len(text)) if found else text


def _has_hint(rule: Rule, text: str) -> bool:
    if not rule.hints:
        return True
    for hint in rule.hints:  # noqa: SIM110 - a generator costs more than the search
        if hint in text:
            return True
    return False


def is_caption(text: str, masked: str) -> bool:
    """Returns whether a text, `masked` without its boilerplate, is only a photo caption."""
    length = len(masked) - masked.count("\n")
    if length > 2 * MAX_LATIN_CAPTION_LETTERS:
        return False
    is_short = length <= 2 * MAX_CAPTION_LETTERS
    if is_short and _count_letters(masked) <= MAX_CAPTION_LETTERS and _TEMPLATE.search(text):
        return True
    credit_start = max(0, len(text.rstrip()) - _LATIN_CREDIT_CHARS)
    has_credit = bool(_LATIN_CREDIT.search(text, credit_start))
    return has_credit and _count_letters(masked) <= MAX_LATIN_CAPTION_LETTERS


def _count_letters(text: str) -> int:
    return len(_LETTER.findall(text))


def _iter_gallery_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yields gallery headings (lines printed three times or more), each with its caption."""
    lines = text.split("\n")
    short_lines = [line for line in lines if 8 <= len(line) <= 100]
    if len(set(short_lines)) > len(short_lines) - 2:
        return
    counts = Counter(short_lines)
    headings = {line for line, count in counts.items() if count >= 3 and _is_heading(line)}
    if not headings:
        return
    start = 0
    for line, next_line in zip(lines, [*lines[1:], ""], strict=True):
        if line in headings:
            yield start, min(start + len(line) + 1 + len(next_line), len(text))
        start += len(line) + 1


def _is_heading(line: str) -> bool:
    """Returns whether a repeated line may be a gallery heading rather than a notice in the text."""
    return line.count(" ") >= 2 and not line.endswith(_STOPS) and not _PAGE_BREAK_WORDS.search(line)


_STOPS = (".", "!", "?", "。", "”", '"')
_PAGE_BREAK_WORDS = re.compile(
    r"advertis|continue|read|subscribe|sign up|more|watch|광고|기사", re.IGNORECASE
)


def _newlines(found: re.Match[str]) -> str:
    return "\n" * (found.end() - found.start())


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\n" * (end - start) + text[end:]


# `CUT` rules first: a photo credit in brackets must not be mistaken for a dateline.
_ORDERED_RULES = tuple(sorted(BOILERPLATE_RULES, key=lambda rule: rule.scope))
