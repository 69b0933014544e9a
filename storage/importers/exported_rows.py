"""Reads from an export of nkwire what it says of an article and no page does. No I/O."""

import re
from collections.abc import Mapping
from typing import Any

from storage.importers.jsonl_reader import parse_time
from storage.records import Exported

_IDENTITY = re.compile(r"[0-9a-f]{64}")
_MAX_DIGITS = 18
_MAX_RANK = 2**31 - 1


def parse_exported(row: Mapping[str, Any]) -> Exported | None:
    """Returns what the row of an export says; None for a row of another origin.

    `row`: of an article, or with the values of one of its versions (`apply_version`). A row of a nkwire that did not export the identity of articles is one of another origin.
    """
    if not is_exported(row):
        return None
    rank = str(row.get("outlet_rank"))
    return Exported(
        id=parse_id(row, "id", "stories_id"),
        story=parse_id(row, "story"),
        identity=row["identity"],
        seen_at=parse_time(row.get("seen_at"))[0],
        outlet_rank=int(rank) if rank.isdecimal() and int(rank) <= _MAX_RANK else None,
        version=parse_id(row, "version"),
        stored_at=parse_time(row.get("stored_at"))[0],
        is_lead=row.get("lead") is True,
    )


def is_exported(row: Mapping[str, Any]) -> bool:
    """Returns whether a row is of an export of nkwire that identifies its articles."""
    identity = row.get("identity")
    return isinstance(identity, str) and bool(_IDENTITY.fullmatch(identity))


def parse_id(row: Mapping[str, Any], *names: str) -> int:
    """Returns the first id under these names: digits, or in JSON a number. 0 if there is none."""
    value = next((row[name] for name in names if row.get(name)), 0)
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else 0
