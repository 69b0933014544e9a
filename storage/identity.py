"""Which article is it? The outlet's own key, else the canonical URL; never the words."""

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
    """The same page's address without what does not change the page.

    Query parameters are sorted and tracking ones dropped, fragments go unless they route (`#!`, `#/`),
    percent-encoding is made uniform (w3lib), default ports and a trailing slash go. What is not a URL
    comes back stripped of white space.
    """
    url = url.strip()
    try:
        return _canonicalise_url(url) if url else ""
    except ValueError:
        return url


def _canonicalise_url(url: str) -> str:
    routed = "#!" in url or "#/" in url
    parts = urlsplit(canonicalize_url(url, keep_fragments=routed))
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ":"))
    path = parts.path.rstrip("/") or "/"
    return urlunsplit(
        (parts.scheme, host, path, _drop_tracking_parameters(parts.query), parts.fragment)
    )


def _drop_tracking_parameters(query: str) -> str:
    if not any(mark in query for mark in ("utm_", *_TRACKING_PARAMETERS)):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [(k, v) for k, v in pairs if k not in _TRACKING_PARAMETERS and not k.startswith("utm_")]
    )


def compute_identity(key: str, canonical_url: str, url: str) -> str:
    """What tells an article from others of its outlet: 64 hex digits.

    SHA-256 of the key, else of the canonical URL (else of the URL) without scheme and `www.`, since
    one page answers under all of them. A canonical URL that names the front page is not believed.
    """
    if key:
        return _sha256_hex(f"key:{key}")
    named = _strip_scheme_and_www(canonical_url)
    return _sha256_hex("url:" + (named if "/" in named.rstrip("/") else _strip_scheme_and_www(url)))


def _strip_scheme_and_www(url: str) -> str:
    return canonicalise(url).split("://", 1)[-1].removeprefix("www.")


def make_uid(outlet: str, identity: str) -> str:
    """The article's name in every database: what deduplication breaks ties on."""
    return f"{outlet}/{identity}"


def _sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
