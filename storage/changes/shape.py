"""The shape of an address: what articles of one layout of a site have in common. Pure."""

import re
from urllib.parse import urlsplit

_HEX = re.compile(r"[0-9a-f]{12,}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z_]{1,24}(?:\.[A-Za-z0-9]{1,6})?")


def shape(url: str) -> str:
    """`/en/article/detail/0f3a...` and all its siblings as `site.test/en/article/detail/#`.

    Words of the path stay, numbers, hashes and slugs become marks; of a query the names stay.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:200]
    host = parts.netloc.lower().removeprefix("www.")
    segments = "/".join(_segment(part) for part in parts.path.split("/") if part)
    names = sorted(
        {pair.partition("=")[0] for pair in parts.query.split("&")} if parts.query else ()
    )
    query = "?" + "&".join(_segment(name) for name in names) if names else ""
    return f"{host}/{segments}{query}"[:300]


def mark(url: str, field: str) -> str:
    """What a witness is kept under that had this field, at an address of this shape."""
    return f"{shape(url)} with {field}"


def _segment(part: str) -> str:
    if _WORD.fullmatch(part):
        return part.lower()
    stem, dot, ending = part.rpartition(".")
    if dot and _WORD.fullmatch(ending):
        return f"{_segment(stem)}.{ending.lower()}"
    if _HEX.fullmatch(part):
        return "#"
    if _DIGITS.fullmatch(part):
        return "0"
    return "-" if "-" in part or len(part) > 40 else _DIGITS.sub("0", part)[:40]
