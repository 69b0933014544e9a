"""Parses JSON-LD with the errors of real sites: comments, trailing commas, control characters.

https://www.w3.org/TR/json-ld11/ requires strict JSON; on saved news pages one block in ten is not.
From a block that cannot be repaired, only the plain string members are read.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

_MAX_BLOCK_CHARS = 2_000_000
_STRING_OR_NOISE = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\Z)'  # strings are kept; \Z keeps an unclosed one linear
    r"|//[^\n]*+"
    r"|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
    r"|,(?=\s*+[\]}])",
    re.DOTALL,
)
_COMMENT_WRAPPER = re.compile(r"^\s*+(?:<!--|<!\[CDATA\[|//\s*<!\[CDATA\[)|(?:-->|\]\]>|;)\s*+$")
_MEMBER = re.compile(r'"(@?\w{2,30})"\s{0,20}:\s{0,20}"((?:[^"\\\n]|\\.){0,2000})"')
_CONTROL = re.compile("[\x00-\x1f]")


def parse_json_ld(html: str) -> list[dict[str, Any]]:
    """Returns all objects of a page's JSON-LD blocks, including those in `@graph` and lists."""
    return [item for block in iter_raw_blocks(html) for item in _iter_objects(parse_block(block))]


def iter_raw_blocks(html: str) -> Iterator[str]:
    """Yields the text of each `<script type="application/ld+json">`, in linear time."""
    position = 0
    while (position := html.find("ld+json", position)) >= 0:
        start = html.find(">", position) + 1
        if not start:
            return
        opening = html.rfind("<", max(0, position - 300), position)
        position = start
        if html[opening : opening + 7].lower() == "<script":
            position = _find_script_end(html, start)
            yield html[start : min(position, start + _MAX_BLOCK_CHARS)]


def parse_block(block: str) -> Any:
    """Parses one block and repairs common errors; returns None for an empty block."""
    text = _COMMENT_WRAPPER.sub("", _COMMENT_WRAPPER.sub("", block)).strip("\ufeff \t\r\n")
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _parse_repaired(text)


def _parse_repaired(text: str) -> Any:
    repaired = _STRING_OR_NOISE.sub(lambda match: match[0] if match[0][0] == '"' else "", text)
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(repaired.strip())
        return value
    except (ValueError, RecursionError):
        return _parse_string_members(text)


def _parse_string_members(text: str) -> dict[str, Any]:
    """Returns the plain string members; the first of a name wins, as outer members come first."""
    members: dict[str, Any] = {}
    for name, value in _MEMBER.findall(text):
        try:
            members.setdefault(name, json.loads(f'"{_CONTROL.sub(" ", value)}"'))
        except ValueError:
            continue
    return members


def _iter_objects(value: Any) -> Iterator[dict[str, Any]]:
    queue = [value]
    while queue:
        current = queue.pop(0)
        if isinstance(current, list):
            queue[:0] = current[:200]
        elif isinstance(current, dict):
            yield current
            queue += [current[name] for name in ("@graph", "mainEntity") if name in current]


def _find_script_end(html: str, start: int) -> int:
    end = html.find("</script", start)
    if end < 0:
        end = html.find("</SCRIPT", start)
    return end if end >= 0 else len(html)
