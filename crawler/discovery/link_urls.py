"""Makes the URLs of links absolute, cleans them, and recognises crawler traps."""

import re
from collections import Counter
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from storage.guard.addresses import web_address

MAX_URL_CHARS = 4096
MAX_PATH_SEGMENTS = 20
MAX_SEGMENT_REPEATS = 2  # more is a loop, as in Heritrix's PathologicalPath rule

_UNSAFE_CHARS = re.compile(r"[\x00-\x20\x7f-\x9f\u200b\ufeff]+")
_SESSION_ID = re.compile(r";jsessionid=[^?#;/]*", re.IGNORECASE)


def absolute_url(raw: str, base: str) -> str:
    """Returns the absolute http(s) URL of a link `raw` on the page `base`; "" if there is none.

    Drops the fragment and a `;jsessionid=` parameter.
    """
    text = _UNSAFE_CHARS.sub("", raw.strip())
    if not text or text.startswith("#") or "\\" in text[:10]:
        return ""
    try:
        address = web_address(urljoin(base, text))
    except ValueError:
        return ""
    if not address:
        return ""
    parts = urlsplit(address)
    path = _SESSION_ID.sub("", parts.path) or "/"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def is_crawler_trap(url: str) -> bool:
    """Returns whether a URL looks like part of a link loop: too long, too deep, or repeating."""
    if len(url) > MAX_URL_CHARS:
        return True
    path = unquote(urlsplit(url).path, errors="surrogateescape")
    segments = [part for part in path.split("/") if part]
    if len(segments) > MAX_PATH_SEGMENTS:
        return True
    repeats = Counter(segments).most_common(1)
    return bool(repeats) and repeats[0][1] > MAX_SEGMENT_REPEATS
