"""Parses JSON-LD with the errors of real sites: comments, trailing commas, bare quotation marks.

https://www.w3.org/TR/json-ld11/ requires strict JSON; on saved news pages one block in ten is not.
From a block that cannot be repaired, only the plain string members are read.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

_MAX_BLOCK_CHARS = 2_000_000
_MAX_VALUES = 200
_OTHER_THAN_LETTERS = re.compile(r"[^a-z]+")
_STRING_OR_NOISE = re.compile(
    r'"(?:[^"\\]|\\(?:.|\Z))*+(?:"|\Z)'  # strings are kept; \Z keeps an unclosed one linear
    r"|//[^\n]*+"
    r"|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
    r"|,(?=\s*+[\]}])",
    re.DOTALL,
)
# Before the value: comment and CDATA marks, also in the combinations of old publishing software.
_WRAPPER_START = re.compile(
    r"(?:[\s\ufeff;]|<!--(?://-->)?|//><!--|(?://|/\*)?[ \t]{0,9}<!\[CDATA\[(?:\*/|//><!--)?)++"
)
_WRAPPER_END = re.compile(r"(?:-->|\]\]>|;)\s*+$")
_ESCAPED_START = re.compile(r"[\[{\s]{1,20}&(?:amp;)?(?:quot|#34|#x22);", re.IGNORECASE)
_LONG_NAME = re.compile(r'"(?:schema:|https?://schema\.org/)(?=\w{1,40}"\s{0,9}:)')
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
# What follows the closing mark of a string; any other quotation mark is a part of the string.
_BEHIND_STRING = re.compile(r'\s*+(?:[:}\]]|,\s*+(?:["{\[}\]\-\d/]|true|false|null|\Z)|/[/*]|\Z)')
_ESCAPE = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?')
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\(?:.|\Z))*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_CLOSING = {"{": "}", "[": "]"}
_MEMBER = re.compile(r'"(@?\w{2,30})"\s{0,20}:\s{0,20}"((?:[^"\\\n]|\\.){0,2000})"')
_AUTHOR = re.compile(
    r'"author"\s{0,20}:[\s\[]{0,20}\{[^{}\[\]]{0,300}?"name"\s{0,20}:\s{0,20}"([^"\\]{1,100})"'
)
_CONTROL = re.compile("[\x00-\x1f]")
_DECODER = json.JSONDecoder(strict=False)


def parse_json_ld(tree: LexborHTMLParser) -> list[dict[str, Any]]:
    """Returns all objects of a page's JSON-LD blocks, including those in `@graph` and lists."""
    return [item for block in iter_raw_blocks(tree) for item in _iter_objects(parse_block(block))]


def iter_raw_blocks(tree: LexborHTMLParser) -> Iterator[str]:
    """Yields the text of each script that `is_json_ld`; a block within a comment is none."""
    for node in tree.css('script[type*="ld" i]'):
        if is_json_ld(node):
            yield node.text()[:_MAX_BLOCK_CHARS]


def is_json_ld(script: LexborNode) -> bool:
    """Returns whether a script's type is that of JSON-LD, in any spelling, also a wrong one."""
    kind = (script.attributes.get("type") or "").lower().partition(";")[0]
    return "ld" in kind and _OTHER_THAN_LETTERS.sub("", kind).endswith(("ldjson", "jsonld"))


def parse_block(block: str) -> Any:
    """Parses one block and repairs common errors; returns None for an empty block.

    Several values without a list around them are returned as a list.
    """
    start = _WRAPPER_START.match(block)
    text = _WRAPPER_END.sub("", _WRAPPER_END.sub("", block[start.end() if start else 0 :])).rstrip()
    if not text:
        return None
    if _ESCAPED_START.match(text):
        text = html.unescape(html.unescape(text) if "&amp;quot" in text else text)
    if '"schema:' in text or 'schema.org/headline"' in text:
        text = _LONG_NAME.sub('"', text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _parse_repaired(text)
    is_json_in_a_string = isinstance(value, str) and value.lstrip().startswith(("{", "["))
    return _parse_repaired(value) if is_json_in_a_string else value


def _parse_repaired(text: str) -> Any:
    values = _decode_values(_remove_noise(text))
    if not values and '"' in text:
        escaped = _ESCAPE.sub(lambda match: match[0] if match[1] else "", text)
        repaired = _remove_noise(_escape_bare_quotes(escaped))
        values = _decode_values(repaired) or _decode_values(repaired + _missing_brackets(repaired))
    if not values:
        return _parse_string_members(text)
    return values[0] if len(values) == 1 else values


def _remove_noise(text: str) -> str:
    # Twice, because a comment may stand between a trailing comma and the end of its list.
    for _ in range(2):
        text = _STRING_OR_NOISE.sub(lambda match: match[0] if match[0][0] == '"' else "", text)
    return text


def _escape_bare_quotes(text: str) -> str:
    parts: list[str] = []
    position, is_in_string = 0, False
    for match in _QUOTE.finditer(text):
        if match[0] != '"':
            continue
        if not is_in_string or _BEHIND_STRING.match(text, match.end()):
            is_in_string = not is_in_string
        else:
            parts.append(text[position : match.start()] + "\\")
            position = match.start()
    return "".join([*parts, text[position:]])


def _missing_brackets(text: str) -> str:
    """Returns the closing brackets that a block lacks at its end."""
    missing: list[str] = []
    for match in _STRING_OR_BRACKET.finditer(text):
        if match[0] in _CLOSING:
            missing.append(_CLOSING[match[0]])
        elif missing and match[0] == missing[-1]:
            missing.pop()
    return "".join(reversed(missing)) if len(missing) < _MAX_VALUES else ""


def _decode_values(text: str) -> list[Any]:
    """Returns the values that follow each other, with commas or without, up to the first error."""
    values: list[Any] = []
    position = 0
    try:
        while len(values) < _MAX_VALUES:
            while position < len(text) and (text[position].isspace() or text[position] in ",;"):
                position += 1
            value, position = _DECODER.raw_decode(text, position)
            values.append(value)
    except (ValueError, RecursionError):
        pass
    return values


def _parse_string_members(text: str) -> dict[str, Any]:
    """Returns the plain string members; the first of a name wins, as outer members come first."""
    members: dict[str, Any] = {}
    for name, value in _MEMBER.findall(text):
        try:
            members.setdefault(name, json.loads(f'"{_CONTROL.sub(" ", value)}"'))
        except ValueError:
            continue
    if author := _AUTHOR.search(text):
        members.setdefault("author", author[1])
    return members


def _iter_objects(value: Any) -> Iterator[dict[str, Any]]:
    queue = [value]
    while queue:
        current = queue.pop(0)
        if isinstance(current, list):
            queue[:0] = current[:_MAX_VALUES]
        elif isinstance(current, dict):
            yield current
            queue += [current[name] for name in ("@graph", "mainEntity") if name in current]
