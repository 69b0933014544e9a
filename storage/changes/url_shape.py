"""The shape of an address: what articles of one layout of a site have in common. Pure."""

import re
from urllib.parse import urlsplit

_HEX_ID = re.compile(r"[0-9a-f]{12,}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_PLAIN_WORD = re.compile(r"[A-Za-z_]{1,24}(?:\.[A-Za-z0-9]{1,6})?")


def url_shape(url: str) -> str:
    """`/en/article/detail/0f3a...` and all its siblings as `site.test/en/article/detail/#`.

    Words of the path stay, numbers, hashes and slugs become marks; of a query the names stay.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:200]
    host = parts.netloc.lower().removeprefix("www.")
    segments = "/".join(_segment_shape(part) for part in parts.path.split("/") if part)
    names = sorted(
        {pair.partition("=")[0] for pair in parts.query.split("&")} if parts.query else ()
    )
    query = "?" + "&".join(_segment_shape(name) for name in names) if names else ""
    return f"{host}/{segments}{query}"[:300]


def field_witness_key(url: str, field: str) -> str:
    """What a witness is kept under that had this field, at an address of this shape."""
    return f"{url_shape(url)} with {field}"


def _segment_shape(part: str) -> str:
    if _PLAIN_WORD.fullmatch(part):
        return part.lower()
    stem, dot, ending = part.rpartition(".")
    if dot and _PLAIN_WORD.fullmatch(ending):
        return f"{_segment_shape(stem)}.{ending.lower()}"
    if _HEX_ID.fullmatch(part):
        return "#"
    if _DIGITS.fullmatch(part):
        return "0"
    return "-" if "-" in part or len(part) > 40 else _DIGITS.sub("0", part)[:40]
