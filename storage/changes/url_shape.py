"""Computes the shape of an address: what the articles of one page layout have in common. No I/O."""

import re
from urllib.parse import urlsplit

_HEX_ID = re.compile(r"[0-9a-f]{12,}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_PLAIN_WORD = re.compile(r"[A-Za-z_]{1,24}(?:\.[A-Za-z0-9]{1,6})?")


def url_shape(url: str) -> str:
    """Returns the shape of an address, for example `site.test/en/article/detail/#`.

    That is the shape of `https://site.test/en/article/detail/0f3a...` and of all its siblings.
    Plain words in the path stay. Numbers become `0`, long hexadecimal ids `#`, slugs `-`. Of the
    query only the parameter names stay.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:200]
    host = parts.netloc.lower().removeprefix("www.")
    segments = "/".join(_segment_shape(segment) for segment in parts.path.split("/") if segment)
    names = sorted(
        {pair.partition("=")[0] for pair in parts.query.split("&")} if parts.query else ()
    )
    query = "?" + "&".join(_segment_shape(name) for name in names) if names else ""
    return f"{host}/{segments}{query}"[:300]


def field_witness_key(url: str, field: str) -> str:
    """Returns the key in the table `witness` for a page of this shape that had this field."""
    return f"{url_shape(url)} with {field}"


def _segment_shape(segment: str) -> str:
    if _PLAIN_WORD.fullmatch(segment):
        return segment.lower()
    stem, dot, extension = segment.rpartition(".")
    if dot and _PLAIN_WORD.fullmatch(extension):
        return f"{_segment_shape(stem)}.{extension.lower()}"
    if _HEX_ID.fullmatch(segment):
        return "#"
    if _DIGITS.fullmatch(segment):
        return "0"
    return "-" if "-" in segment or len(segment) > 40 else _DIGITS.sub("0", segment)[:40]
