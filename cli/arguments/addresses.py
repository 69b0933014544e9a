"""Refuses an address of object storage where a command needs a path of this machine."""

from collections.abc import Sequence

from cli.errors import UserError
from storage.archive.location import is_address, scheme_of

_SCHEMES = frozenset(
    ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "hdfs", "webhdfs")
)
# `search` takes words; the others say themselves which of their arguments may be addresses.
_TAKES_ADDRESSES = ("export", "cluster", "search")


def refuse_addresses(arguments: Sequence[str]) -> None:
    """Raises UserError for a word such as `s3://bucket/x`, which `Path` would make a folder `s3:` of."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    if command in _TAKES_ADDRESSES:
        return
    for word in arguments:
        value = word.partition("=")[2] if word.startswith("--") else word
        if is_address(value) and scheme_of(value).lower() in _SCHEMES:
            raise UserError(
                f"{value}: `nkwire {command}` needs a path of this machine; `nkwire export` writes to"
                " such an address, and NKWIRE_ARCHIVE keeps recordings there"
            )
