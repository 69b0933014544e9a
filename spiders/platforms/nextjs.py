"""Next.js pages: reads the state in the page's scripts when the server rendered no text."""

import json
import re
from typing import Any

from crawler.extract.page.page import Page

_CHUNK = re.compile(r'self\.__next_f\.push\(\[1,("(?:[^"\\]|\\.)*")\]\)')
_TEXT_ROW = re.compile(rb"(?:^|\n)([0-9a-f]+):T([0-9a-f]+),")


def find_state_object(page: Page, name: str) -> dict[str, Any]:
    """Returns the object `name` of the state, with references to text rows resolved; {} if none."""
    stream = "".join(filter(None, map(_chunk, _CHUNK.findall(page.html))))
    start = stream.find(f'"{name}":{{')
    if start < 0:
        return {}
    try:
        state, _ = json.JSONDecoder().raw_decode(stream, start + len(name) + 3)
    except (ValueError, RecursionError):
        return {}
    texts = _parse_text_rows(stream.encode("utf-8", "replace"))
    return {key: _resolve_reference(value, texts) for key, value in state.items()}


def _chunk(source: str) -> str:
    try:
        return str(json.loads(source))
    except ValueError:
        return ""


def _parse_text_rows(stream: bytes) -> dict[str, str]:
    # A text row states its length in bytes and does not end with a line break.
    texts: dict[str, str] = {}
    position = 0
    while row := _TEXT_ROW.search(stream, position):
        position = row.end() + int(row[2][:8], 16)
        texts[f"${row[1].decode()}"] = stream[row.end() : position].decode("utf-8", "replace")
    return texts


def _resolve_reference(value: Any, texts: dict[str, str]) -> Any:
    return texts.get(value, value) if isinstance(value, str) else value
