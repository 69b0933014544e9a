"""Reads from an export of nkwire what it says of an article and no page does. No I/O."""

import re
from collections.abc import Mapping
from typing import Any

from storage.importers.jsonl_reader import PUBLISHED_AT_NAMES
from storage.importers.stated_dates import parse_time
from storage.records import Exported, ExportedState, TimePrecision

_IDENTITY = re.compile(r"[0-9a-f]{64}")
_MAX_DIGITS = 18
_MAX_RANK = 2**31 - 1


def parse_exported(row: Mapping[str, Any], version_row: Mapping[str, Any]) -> Exported | None:
    """Returns what the row of an export says; None for a row of another origin.

    `version_row`: the row with the values of one of its versions, see `apply_version`. A row of a nkwire that did not export the identity of articles is one of another origin.
    """
    if not is_exported(row):
        return None
    published_at = next((row[name] for name in PUBLISHED_AT_NAMES if row.get(name)), None)
    precision = row.get("published_precision")
    rank = str(row.get("outlet_rank"))[:_MAX_DIGITS]
    return Exported(
        id=parse_id(row, "id", "stories_id"),
        story=parse_id(row, "story"),
        report=parse_id(row, "report"),
        identity=row["identity"],
        seen_at=parse_time(row.get("seen_at"))[0],
        outlet_rank=int(rank) if rank.isdecimal() and int(rank) <= _MAX_RANK else None,
        version=parse_id(version_row, "version"),
        stored_at=parse_time(version_row.get("stored_at"))[0],
        is_lead=row.get("lead") is True,
        published_at=parse_time(published_at)[0],
        published_precision=TimePrecision(precision) if precision in list(TimePrecision) else None,
        state=_parse_state(row),
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


def _parse_state(row: Mapping[str, Any]) -> ExportedState | None:
    state, gone_at = str(row.get("state") or "live"), parse_time(row.get("gone_at"))[0]
    if state == "live" and gone_at is None:
        return None
    return ExportedState(state, gone_at, parse_time(row.get("last_captured_at"))[0])
