"""Cuts down the JSON state in a page's scripts, with invented words."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from crawler.authoring.invented_words import replace_words

MAX_ITEMS = 5
_MAX_DEPTH = 20
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]{0,20})[^<>]{0,2000}>")
_PARAGRAPH_END = re.compile(r"</p>|<br\s?/?>|\n", re.IGNORECASE)


def cut_state(value: Any, keep: Sequence[re.Pattern[str]] = (), depth: int = 0) -> Any:
    """Returns the same structure with the first items of each list, and invented words.

    Texts without a space stay, as do numbers: they are times, kinds and URLs. Tags lose their
    attributes. `keep`: patterns whose matches stay.
    """
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {name: cut_state(item, keep, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [cut_state(item, keep, depth + 1) for item in value[:MAX_ITEMS]]
    return _cut_text(value, keep) if isinstance(value, str) and re.search(r"\s", value) else value


def _cut_text(text: str, keep: Iterable[re.Pattern[str]]) -> str:
    ends = [match.end() for match in _PARAGRAPH_END.finditer(text)]
    text = text[: ends[MAX_ITEMS - 1]] if len(ends) >= MAX_ITEMS else text
    parts: list[str] = []
    position = 0
    for tag in _TAG.finditer(text):
        parts += [replace_words(text[position : tag.start()], keep), f"<{tag[1]}>"]
        position = tag.end()
    return "".join([*parts, replace_words(text[position:], keep)])
