"""What outlets put around a report, found in the text and blanked without moving anything.

Which pieces those are is declared in `dedup.text.outlet_marks`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache

from dedup.text.hints import Hints
from dedup.text.outlet_marks import RULES, Alphabet, Place, Rule

HEAD_REACH = 400
TAIL_REACH = 500
CAPTION_LENGTH = 260
"""A text with a photo agency's template and not more than this besides is a caption, no report."""

_PATTERN_REACH = 120
_MANY = 20
_TEMPLATE = re.compile(
    r"For Use Only|재배포 금지|재판매 및 DB|DB ?금지|Redistribution|(?<!\d)\d{4}\.\d{1,2}\.\d{1,2}\.?\s+\S{1,40}@"
)
_SENTENCE_END = re.compile(r"[가-힣]다\.")  # headline matter has no whole sentences in Korean
_LETTER = re.compile(r"[^\W_]")


def mask(
    text: str,
    title: str = "",
    alphabets: Collection[Alphabet] = tuple(Alphabet),
    *,
    captions: bool = False,
) -> str:
    """The text with boilerplate turned into newlines; same length, so offsets hold.

    `alphabets`: those that the text is written in. A text that is nothing but a photo caption
    becomes newlines altogether, unless `captions` are asked for.
    """
    masked = _without_title(text, title)
    hints = _hints().within(masked)
    for rule in _IN_ORDER:
        if rule.alphabet in alphabets and not (rule.hints and hints.isdisjoint(rule.hints)):
            masked = apply(rule, masked)
    for start, end in _gallery(masked):
        masked = _blank(masked, start, end)
    if not captions and _is_caption(text, masked):
        return "\n" * len(text)
    return masked


@cache
def _hints() -> Hints:
    return Hints.of(sorted({hint for rule in RULES for hint in rule.hints}))


def apply(rule: Rule, text: str) -> str:
    """The text without what one rule finds."""
    if rule.place is Place.CUT:
        return _without_cuts(rule, text)
    if rule.place is Place.HEAD:
        return _without_head(rule, text)
    return _without_tail(rule, text)


def _without_cuts(rule: Rule, text: str) -> str:
    if not _hinted(rule, text):
        return text
    hints = sum(map(text.count, rule.hints))
    if not hints or hints > _MANY:
        return rule.pattern.sub(_newlines, text)
    # The text far from a hint is not worth a search.
    pieces, done = [], 0
    for hint in sorted(at for each in rule.hints for at in _places(each, text)):
        found = rule.pattern.search(text, max(done, hint - rule.reach), hint + rule.reach)
        if found:
            pieces += [text[done : found.start()], _newlines(found)]
            done = found.end()
    return "".join([*pieces, text[done:]])


def _places(hint: str, text: str) -> Iterator[int]:
    at = text.find(hint)
    while at >= 0:
        yield at
        at = text.find(hint, at + 1)


def _without_title(text: str, title: str) -> str:
    start = len(text) - len(text.lstrip())
    if not title or not text.startswith(title, start):
        return text
    return _blank(text, start, start + len(title))


def _without_head(rule: Rule, text: str) -> str:
    reach = min(HEAD_REACH, len(text) // 2)
    window = text[: reach + _PATTERN_REACH]
    found = rule.pattern.search(window) if _hinted(rule, window) else None
    if found is None or found.start() > reach or _SENTENCE_END.search(text, 0, found.start()):
        return text
    return _blank(text, 0, found.end())


def _without_tail(rule: Rule, text: str) -> str:
    start = max(len(text) - TAIL_REACH, len(text) // 2)
    window = text[start:]
    found = rule.pattern.search(window) if _hinted(rule, window) else None
    return _blank(text, start + found.start(), len(text)) if found else text


def _hinted(rule: Rule, text: str) -> bool:
    if not rule.hints:
        return True
    for hint in rule.hints:  # noqa: SIM110 - a generator costs more than the search
        if hint in text:
            return True
    return False


def _is_caption(text: str, masked: str) -> bool:
    if len(masked) - masked.count("\n") > 2 * CAPTION_LENGTH:
        return False
    return len(_LETTER.findall(masked)) <= CAPTION_LENGTH and bool(_TEMPLATE.search(text))


def _gallery(text: str) -> Iterator[tuple[int, int]]:
    """Lines printed three times or more are headings of a gallery; captions follow them."""
    lines = text.split("\n")
    short = [line for line in lines if 8 <= len(line) <= 100]
    if len(set(short)) > len(short) - 2:
        return
    counts = Counter(short)
    often = {line for line, n in counts.items() if n >= 3 and _is_heading(line)}
    if not often:
        return
    start = 0
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line in often:
            yield start, min(start + len(line) + 1 + len(after), len(text))
        start += len(line) + 1


def _is_heading(line: str) -> bool:
    """Whether a repeated line may head captions; a break in the text heads its next paragraph."""
    return line.count(" ") >= 2 and not line.endswith(_STOPS) and not _BREAK.search(line)


_STOPS = (".", "!", "?", "。", "”", '"')
_BREAK = re.compile(r"advertis|continue|read|subscribe|sign up|more|watch|광고|기사", re.IGNORECASE)


def _newlines(found: re.Match[str]) -> str:
    return "\n" * (found.end() - found.start())


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\n" * (end - start) + text[end:]


# Cuts first: a photo credit in brackets must not be taken for a dateline.
_IN_ORDER = tuple(sorted(RULES, key=lambda rule: rule.place))
