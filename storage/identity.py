"""Identifies an article by the outlet's own key, else by its canonical URL, never by its text."""

import hashlib
import re
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Of campaigns, in any case of letters.
_TRACKING_PARAMETERS = frozenset(
    [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "gad_source",
        "gad_campaignid",
        "srsltid",
        "msclkid",
        "yclid",
        "ysclid",
        "ttclid",
        "twclid",
        "li_fat_id",
        "igsh",
        "igshid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "_openstat",
        "ref_src",
        "ref_url",
    ]
)
# In capitals they may be a site's own names.
_LOWER_CASE_TRACKING_PARAMETERS = frozenset(["cmpid", "ncid"])
# What stands between parameters. A `;` or a second `?` does so only before one that is dropped.
_SEPARATOR = re.compile(r"(&(?:amp;)*|[;?])")
_ROUTE_STARTS = ("!", "/")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_FORMER_TRACKING_PARAMETERS = frozenset(
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
_FORMER_MARKS = ("utm_", *_FORMER_TRACKING_PARAMETERS)


def canonicalise(url: str) -> str:
    """Returns the URL without the parts that do not change the page.

    Sorts the query parameters and makes percent-encoding uniform (`w3lib.url.canonicalize_url`).
    Removes tracking parameters, fragments (except routes: `#!`, `#/`), default ports and a trailing
    slash. Bytes that are not UTF-8 stay. A string that is not a URL is only stripped of white space.
    """
    url = url.strip()
    has_route = url.partition("#")[2].startswith(_ROUTE_STARTS)
    try:
        kept = drop_tracking_parameters(url)
        return _canonicalise_url(kept, has_route=has_route) if url else ""
    except ValueError:
        return url


def drop_tracking_parameters(url: str) -> str:
    """Returns the URL without tracking parameters; of the rest only `&amp;` is changed, to `&`."""
    address, mark, fragment = url.partition("#")
    if fragment.startswith(_ROUTE_STARTS):
        fragment = _drop_from_address(fragment)
    return f"{_drop_from_address(address)}{mark}{fragment}"


def is_tracking_parameter(name: str) -> bool:
    """Returns whether a parameter of this name, in percent-encoding or not, changes no page."""
    plain = unquote_plus(name).strip()
    lowered = plain.lower()
    return (
        lowered in _TRACKING_PARAMETERS
        or lowered.startswith("utm_")
        or plain in _LOWER_CASE_TRACKING_PARAMETERS
    )


def _drop_from_address(address: str) -> str:
    path, mark, query = address.partition("?")
    pieces = ["&", *_SEPARATOR.split(query)]
    kept = "".join(
        ("&" if separator.startswith("&") else separator) + pair
        for separator, pair in zip(pieces[::2], pieces[1::2], strict=True)
        if not is_tracking_parameter(pair.partition("=")[0])
    ).removeprefix("&")
    return f"{path}{mark}{kept}" if kept or not query else path


def _canonicalise_url(url: str, *, has_route: bool) -> str:
    parts = urlsplit(canonicalize_url(url, keep_fragments=has_route))
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ":"))
    path = parts.path.rstrip("/") or "/"
    return urlunsplit((parts.scheme, host, path, parts.query, parts.fragment))


def compute_identity(key: str, canonical_url: str, url: str) -> str:
    """Returns the identity of an article within its outlet: 64 hex digits.

    The identity is the SHA-256 of the key. Without a key it is that of the canonical URL, else of
    the URL, without scheme and `www.`, since one page is often served with and without them. A
    canonical URL that names the front page is ignored.
    """
    if key:
        return _sha256_hex(f"key:{key}")
    return _identify_address(strip_scheme_and_www(canonical_url), strip_scheme_and_www(url))


def renew_identity(identity: str, key: str, canonical_url: str, url: str) -> str:
    """Returns today's identity of an article that was identified by the former rule.

    The former rule, of the tables before revision 0022, knew fewer tracking parameters, and lost
    bytes that are not UTF-8 beside one. An identity of another origin is returned as it is.
    """
    if key or "?" not in f"{canonical_url}{url}":
        return identity
    for canonical in dict.fromkeys((canonical_url, "")):
        former = _identify_address(
            _strip_scheme_and_www(_canonicalise_as_formerly(canonical)),
            _strip_scheme_and_www(_canonicalise_as_formerly(url)),
        )
        if former == identity:
            # Of bytes that were lost, each became U+FFFD: such an address names no page.
            is_lost = "%EF%BF%BD" in canonical and "%EF%BF%BD" not in url
            return compute_identity("", "" if is_lost else canonical, url)
    return identity


def strip_scheme_and_www(url: str) -> str:
    """Returns the canonical URL without its scheme and without `www.`."""
    return _strip_scheme_and_www(canonicalise(url))


def _strip_scheme_and_www(canonical: str) -> str:
    return canonical.split("://", 1)[-1].removeprefix("www.")


def _identify_address(canonical: str, address: str) -> str:
    return _sha256_hex("url:" + (canonical if "/" in canonical.rstrip("/") else address))


def _canonicalise_as_formerly(url: str) -> str:
    url = url.strip()
    try:
        has_route = "#!" in url or "#/" in url
        parts = urlsplit(_canonicalise_url(url, has_route=has_route)) if url else None
    except ValueError:
        return url
    if parts is None or not any(each in parts.query for each in _FORMER_MARKS):
        return parts.geturl() if parts else ""
    pairs = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in _FORMER_TRACKING_PARAMETERS and not name.startswith("utm_")
    ]
    return parts._replace(query=urlencode(pairs)).geturl()


def content_sha256(title: str, text: str) -> str:
    """Returns the hash of a version's content: SHA-256 of title, NUL and text, as 64 hex digits."""
    return hashlib.sha256(f"{title}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


def make_uid(outlet: str, identity: str) -> str:
    """Returns the article's id that is equal in all databases; deduplication breaks ties by it."""
    return f"{outlet}/{identity}"


def _sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
