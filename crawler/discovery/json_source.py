"""Reads the JSON of listings and feeds, within bounds of size and of the number of values."""

from collections.abc import Sequence
from typing import Any

import orjson

from crawler.discovery.source_text import iter_source_text

MAX_JSON_BYTES = 10 * 1024 * 1024
MAX_JSON_VALUES = 500_000


def load_json(body: bytes, languages: Sequence[str], content_type: str = "") -> tuple[Any, str]:
    """Returns the value of a JSON answer, and what is wrong with it; "" if nothing.

    The answer may be packed with gzip. `languages`: those that the outlet writes in.
    `content_type`: the HTTP header.
    """
    pieces, size = [], 0
    for piece in iter_source_text(body, languages, [], content_type):
        size += len(piece)
        if size > MAX_JSON_BYTES:
            return None, f"it is larger than {MAX_JSON_BYTES // 2**20} MiB"
        pieces.append(piece)
    text = "".join(pieces).removeprefix("\ufeff")
    # Each value but the first stands behind one of these; the loaded ones take far more memory.
    if sum(text.count(mark) for mark in ",:[{") > MAX_JSON_VALUES:
        return None, f"it has more than {MAX_JSON_VALUES} values"
    try:
        return orjson.loads(text), ""
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        return None, str(error)
