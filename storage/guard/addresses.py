"""The one border that each stored address and each printed link passes: http and https only."""

import re
from urllib.parse import urlsplit, urlunsplit

NOT_WEB = "not an http(s) address"

# What a browser leaves out of an address (WHATWG URL, 4.4), and marks without width.
_LEFT_OUT = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff]+")
# Characters that no host has, and that programs read differently: a browser takes `\\` for `/`.
_NO_HOST = re.compile(r"[\s\\<>\"^`{|}%]")


def web_address(text: str) -> str:
    """Returns an absolute http(s) address as it may be stored and linked; "" for anything else.

    Control characters, spaces around it, and user and password are left out. An address with an impossible port or host is refused.
    """
    address = _LEFT_OUT.sub("", text).strip()
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises for a port that cannot be
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or _NO_HOST.search(parts.netloc):
        return ""
    authority = parts.netloc.rpartition("@")[2]
    if authority == parts.netloc and address.startswith(f"{parts.scheme}://"):
        return address
    return urlunsplit(parts._replace(netloc=authority))
