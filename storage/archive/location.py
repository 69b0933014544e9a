"""Tells addresses of object storage from paths of this machine. Loads no library."""

import re
from pathlib import Path

from storage.errors import InvalidRequest

_ADDRESS = re.compile(  # a name may have spaces, that of a bucket may not
    r"(?P<scheme>[a-z][a-z0-9+.-]{1,29})://"
    r"(?P<place>[^\s/?#]*(?:/[^?#\x00-\x1f\x7f-\x9f\u2028\u2029]*)?)"
)
_BEGINNING = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,29}:/")
_NO_STORAGE = frozenset({"http", "https", "ftp", "sqlite", "postgres", "postgresql"})
S3_SCHEMES = frozenset({"s3", "s3a"})
# They show an object only when all of it is there; on others a draft is renamed.
OBJECT_STORES = S3_SCHEMES | {"gs", "gcs", "abfs", "abfss", "az"}


def is_address(text: str) -> bool:
    """Whether a text is an address such as `s3://bucket/x.parquet`, and no path."""
    return "://" in text and _BEGINNING.match(text) is not None


def looks_like_address(path: str | Path) -> bool:
    """Whether a path was meant as an address: `Path` makes `s3:/bucket` of `s3://bucket`."""
    return _BEGINNING.match(str(path)) is not None


def check_address(address: str) -> str:
    """Returns the address of a place on object storage, without a slash at its end.

    Raises InvalidRequest for any other address, and for one with a password: its message repeats
    no part of it.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or found["scheme"] in _NO_STORAGE or "::" in address:
        raise InvalidRequest("no address of object storage: write s3://BUCKET/PREFIX")
    userinfo, at, _ = found["place"].rpartition("@")
    if at and ":" in userinfo:
        raise InvalidRequest(
            "an address of object storage has no password: put it where its library looks, such as"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    place = found["place"].rstrip("/")
    if not place or (place.startswith("/") and found["scheme"] in OBJECT_STORES):
        raise InvalidRequest("the address of object storage names no bucket: s3://BUCKET/PREFIX")
    if not {".", ".."}.isdisjoint(place.split("/")):  # object storage takes them for names
        raise InvalidRequest("an address of object storage has no part . or ..")
    return f"{found['scheme']}://{place}"


def scheme_of(address: str) -> str:
    """Returns the scheme of an address, such as `s3`."""
    return address.partition("://")[0]
