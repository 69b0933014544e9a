"""Finds text that a page keeps in its scripts and shows only with JavaScript.

Arc XP (`Fusion.globalContent=`), Next.js (`__NEXT_DATA__`, `self.__next_f.push`) and similar
software hold the article as JSON. Others hold it as JSON in a string (`JSON.parse("...")`) or in a
JavaScript object that is not JSON (Nuxt). The member with the most sentences is the text.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from crawler.extract.body.body import ArticleMetadata, letters_only
from crawler.extract.page.outline import text_weight
from crawler.extract.page.page import Page

_JSON_START = re.compile(r"(?:=|\(|^)\s{0,20}(?=[\[{])")
_FLIGHT_ROW = re.compile(r"(?:^|\n)[0-9a-f]{1,6}:(?:T[0-9a-f]{1,6},|(?=[\[{\"]))")
_MARKUP = re.compile(r"</?(?:p|br|div|h[1-6])\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’」』)\s<]|[.!?。！？…]$")
_CODE = re.compile(r"[{};]\s{0,5}\n|function\s?\(|=>|^https?://\S+$|\"\$")
_TITLE_KEYS = frozenset({"headline", "headlines", "title", "name", "basic_headline"})
_URL_KEYS = frozenset(
    {"url", "canonical_url", "website_url", "link", "href", "path", "permalink", "id"}
)
_MAX_SCRIPT_CHARS = 3_000_000
_MAX_JSON_STARTS = 40
_MAX_TEXT_ROWS_RATIO = 4  # rows state bytes and may overlap as characters
_MIN_STRING_CHARS = 30
_MIN_ARTICLE_CHARS = 300
_UNLIKELY_PATH = re.compile(
    r"caption|descr|summary|alt\b|credit|comment|related|bio\b|promo|seo|meta|policy"
)

# A string literal in a script; the name of its member precedes it. None begins with an escaped
# mark: so one that never ends is scanned once.
_LITERAL = re.compile(
    r"(?<!\\)(?:\"((?:[^\"\\\n]|\\.)*+)\"|'((?:[^'\\\n]|\\.)*+)'|`((?:[^`\\]|\\.)*+)`)", re.DOTALL
)
# JSON in an attribute, such as the `data-page` or `props` of a component.
_ATTRIBUTE = re.compile(r"=(?:\"(?=[\[{])([^\"]{300,})\"|'(?=[\[{])([^']{300,})')")
_MEMBER = re.compile(r"([\w$]{1,40})[\"']?\s{0,3}:\s{0,3}$")
_MAX_MEMBER_CHARS = 50
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_LONG_LITERAL_CHARS = 200
_MAX_NESTED_JSON = 4

# Editors that keep a paragraph as a tree of pieces call them `children` or `content`.
_MAX_PIECE_DEPTH = 3
_PIECE_KINDS = frozenset({"text", "span"})
_END_MARKS = (".", "!", "?", "。", "！", "？", "…", ":")
_CLOSING_MARKS = " \n\"'”’»」』)）"

_DECODER = json.JSONDecoder(strict=False)


def embedded_html(page: Page, metadata: ArticleMetadata) -> str:
    """Returns the article's text in scripts, as HTML; "" if none is as long as an article.

    Most long strings in scripts are teasers of other articles. So a string in a list of objects
    with URLs counts less; one that contains the start of the page's description, or that is in the
    same value as the headline, counts more.
    """
    scripts = list(_scripts(page))
    return _best_text_html(_iter_values_in_scripts(scripts), metadata) or _best_text_html(
        map(_find_string_literals, scripts), metadata
    )


def _best_text_html(values: Iterable[Any], metadata: ArticleMetadata) -> str:
    title, opening = letters_only(metadata.title), letters_only(metadata.description)[:40]
    best, best_score = "", float(_MIN_ARTICLE_CHARS)
    for value in values:
        groups: dict[str, dict[str, None]] = {}
        for path, text in _iter_strings(value):
            groups.setdefault(path, {})[text] = None
        bonus = (
            2.0
            if any(letters_only(text) == title for texts in groups.values() for text in texts)
            else 1.0
        )
        for path, texts in groups.items():
            score = bonus * _score_texts(path, texts)
            if score > best_score / 3 and len(opening) >= 15:
                score *= 3 if any(opening in letters_only(text[:600]) for text in texts) else 1
            if score > best_score:
                best, best_score = _format_html(texts), score
    return best


def _format_html(texts: Iterable[str]) -> str:
    parts = (part if _MARKUP.search(part) else f"<p>{part}</p>" for part in texts)
    return f"<article>{''.join(parts)}</article>"


def _scripts(page: Page) -> Iterator[str]:
    budget = _MAX_SCRIPT_CHARS
    for node in page.tree.css("script"):
        kind = node.attributes.get("type") or ""
        if "ld+json" in kind:
            continue
        text = node.text()[:budget]
        budget -= len(text)
        if len(text) > _MIN_STRING_CHARS:
            yield text
    for attribute in _ATTRIBUTE.finditer(page.html[:_MAX_SCRIPT_CHARS]):
        yield html.unescape(attribute[1] or attribute[2])


def _iter_values_in_scripts(scripts: Iterable[str]) -> Iterator[Any]:
    """Yields the JSON values in scripts; chunks of a Next.js stream are joined first."""
    chunks: list[str] = []
    for script in scripts:
        for value in _iter_json_values(script, _JSON_START):
            if _is_flight_chunk(value):
                chunks.append(value[1])
            else:
                yield value
    flight = "".join(chunks)
    budget = _MAX_TEXT_ROWS_RATIO * len(flight)
    for match in _FLIGHT_ROW.finditer(flight):
        if match[0].endswith(","):
            length = int(match[0].strip("\n").split(":T")[1][:-1], 16)
            budget -= min(length, len(flight) - match.end())
            if budget < 0:
                break
            yield flight[match.end() : match.end() + length]
    yield from _iter_json_values(flight, _FLIGHT_ROW)


def _iter_json_values(text: str, starts: re.Pattern[str]) -> Iterator[Any]:
    position = 0
    for _ in range(_MAX_JSON_STARTS * 50):
        match = starts.search(text, position)
        if not match:
            return
        try:
            value, position = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            position = match.end() + 1
            continue
        yield value


def _find_string_literals(script: str) -> dict[str, list[str]]:
    """Returns the long string literals of a script, grouped by the names of their members."""
    literals_by_name: dict[str, list[str]] = {}
    if len(script) < _LONG_LITERAL_CHARS:
        return literals_by_name
    for literal in _LITERAL.finditer(script):
        raw = literal[1] or (literal[2] or literal[3] or "").replace('"', '\\"')
        if len(raw) < _MIN_STRING_CHARS:
            continue
        member = _MEMBER.search(
            script[max(0, literal.start() - _MAX_MEMBER_CHARS) : literal.start()]
        )
        name = member[1] if member else ""
        if len(raw) < _LONG_LITERAL_CHARS and not name:
            continue
        escaped = _HEX.sub(r"\\u00\1", raw).replace("\\'", "'").replace("\\`", "`")
        try:
            text = json.loads(f'"{escaped}"', strict=False)
        except ValueError:
            continue
        literals_by_name.setdefault(name, []).append(
            unquote(text) if text.upper().startswith(("%7B", "%3C")) else text
        )
    return literals_by_name


def _is_flight_chunk(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and value[0] == 1 and type(value[1]) is str


def _iter_strings(value: Any) -> Iterator[tuple[str, str]]:
    """Yields every long string with its path, without list positions.

    `[]` in a path marks a list of teasers: `articles[].lead`.
    """
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, current = stack.pop()
        if isinstance(current, str) and path.count("{}") < _MAX_NESTED_JSON:
            nested = _parse_nested_json(current)
            path, current = (f"{path}.{{}}", nested) if nested is not None else (path, current)
        if isinstance(current, dict):
            stack.extend((f"{path}.{key}", item) for key, item in reversed(current.items()))
        elif isinstance(current, list):
            if joined := _join_pieces(current):
                yield f"{path}.text", joined
                continue
            list_mark = "[]" if len(current) > 1 and _is_teaser(current[0]) else ""
            stack.extend((path + list_mark, item) for item in reversed(current))
        elif (
            isinstance(current, str)
            and (len(current) >= _MIN_STRING_CHARS or _SENTENCE_END.search(current))
            and not _CODE.search(current)
        ):
            yield path, html.unescape(current) if "&lt;" in current else current


def _join_pieces(items: list[Any]) -> str:
    """Returns the paragraph that a list holds in pieces, such as plain and bold; "" if it has none.

    A list of whole paragraphs is none: most of its items end like a sentence, and none says that it
    is a piece.
    """
    pieces = [piece for item in items if (piece := _piece_text(item))]
    whole = [piece for piece in pieces if piece.rstrip(_CLOSING_MARKS).endswith(_END_MARKS)]
    kinds = {str(item.get("type", item.get("_type"))) for item in items if isinstance(item, dict)}
    if len(pieces) < 2 or (2 * len(whole) > len(pieces) and kinds.isdisjoint(_PIECE_KINDS)):
        return ""
    return "".join(pieces)


def _piece_text(item: Any, depth: int = 0) -> str:
    if not isinstance(item, dict):
        return ""
    text = item.get("text", item.get("value"))
    if isinstance(text, str):
        return text
    children = item.get("children", item.get("content"))
    if not isinstance(children, list) or depth == _MAX_PIECE_DEPTH:
        return ""
    return "".join(_piece_text(child, depth + 1) for child in children)


def _parse_nested_json(text: str) -> Any:
    """Returns the JSON object or list in a long string; None if there is none."""
    if len(text) < _MIN_ARTICLE_CHARS or text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _is_teaser(item: Any) -> bool:
    return (
        isinstance(item, dict) and bool(_TITLE_KEYS & item.keys()) and bool(_URL_KEYS & item.keys())
    )


def _score_texts(path: str, texts: dict[str, None]) -> float:
    prose = sum(text_weight(text) for text in texts if _SENTENCE_END.search(text))
    if "[]" in path:
        prose //= 10
    return prose * (0.3 if _UNLIKELY_PATH.search(".".join(path.lower().split(".")[-2:])) else 1.0)
