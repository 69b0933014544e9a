"""Identifies an article by the outlet's own key, else by its canonical URL, never by its text."""

import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

_TRACKING_PARAMETERS = frozenset(
    [
        "fbclid",
        "gclid",
        "dclid",
        "msclkid",
        "yclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "_ga",
        "ref_src",
        "ref_url",
        "cmpid",
        "ncid",
    ]
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def canonicalise(url: str) -> str:
    """Returns the URL without the parts that do not change the page.

    Sorts the query parameters and makes percent-encoding uniform (`w3lib.url.canonicalize_url`).
    Removes tracking parameters, fragments (except routes: `#!`, `#/`), default ports and a trailing
    slash. A string that is not a URL is only stripped of white space.
    """
    url = url.strip()
    try:
        return _canonicalise_url(url) if url else ""
    except ValueError:
        return url


def _canonicalise_url(url: str) -> str:
    has_route = "#!" in url or "#/" in url
    parts = urlsplit(canonicalize_url(url, keep_fragments=has_route))
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ":"))
    path = parts.path.rstrip("/") or "/"
    return urlunsplit(
        (parts.scheme, host, path, _drop_tracking_parameters(parts.query), parts.fragment)
    )


def _drop_tracking_parameters(query: str) -> str:
    if not any(parameter in query for parameter in ("utm_", *_TRACKING_PARAMETERS)):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [
            (name, value)
            for name, value in pairs
            if name not in _TRACKING_PARAMETERS and not name.startswith("utm_")
        ]
    )


def compute_identity(key: str, canonical_url: str, url: str) -> str:
    """Returns the identity of an article within its outlet: 64 hex digits.

    The identity is the SHA-256 of the key. Without a key it is that of the canonical URL, else of
    the URL, without scheme and `www.`, since one page is often served with and without them. A
    canonical URL that names the front page is ignored.
    """
    if key:
        return _sha256_hex(f"key:{key}")
    canonical = strip_scheme_and_www(canonical_url)
    return _sha256_hex(
        "url:" + (canonical if "/" in canonical.rstrip("/") else strip_scheme_and_www(url))
    )


def strip_scheme_and_www(url: str) -> str:
    """Returns the canonical URL without its scheme and without `www.`."""
    return canonicalise(url).split("://", 1)[-1].removeprefix("www.")


def content_sha256(title: str, text: str) -> str:
    """Returns the hash of a version's content: SHA-256 of title, NUL and text, as 64 hex digits."""
    return hashlib.sha256(f"{title}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


def make_uid(outlet: str, identity: str) -> str:
    """Returns the article's id that is equal in all databases; deduplication breaks ties by it."""
    return f"{outlet}/{identity}"


def _sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
