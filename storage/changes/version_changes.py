"""Finds the edits between the captures of an article, dated by the captures around them. No I/O.

If newer rules extract an old capture again, the capture still counts with the version that it first
gave. So a change of our rules does not count as an edit by the outlet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """The version that one capture showed. `version_id`: None if it showed no text of the article.

    `is_not_modified`: the outlet answered that nothing had changed (304).
    """

    at: datetime
    version_id: int | None
    is_not_modified: bool = False


@dataclass(frozen=True, slots=True)
class ImportedVersion:
    """A version without a capture, and when it was stored."""

    version_id: int
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One version followed another between `after` and `before`; None where no capture shows it.

    `found_at`: the earliest time at which nkwire could know it, for sorting.
    """

    old_id: int
    new_id: int
    after: datetime | None
    before: datetime | None
    found_at: datetime


def find_version_changes(
    imported: Iterable[ImportedVersion], captures: Iterable[ShownVersion]
) -> list[VersionChange]:
    """Returns the changes of version in order of time.

    Imported versions come first, in order of their ids.
    """
    changes: list[VersionChange] = []
    current_id: int | None = None
    last_shown_at: datetime | None = None
    for each in sorted(imported, key=lambda version: version.version_id):
        if current_id is not None:
            changes.append(VersionChange(current_id, each.version_id, None, None, each.stored_at))
        current_id = each.version_id
    for capture in sorted(captures, key=lambda capture: capture.at):
        if capture.version_id is None:
            last_shown_at = (
                capture.at if capture.is_not_modified and current_id is not None else last_shown_at
            )
            continue
        if current_id is not None and capture.version_id != current_id:
            changes.append(
                VersionChange(current_id, capture.version_id, last_shown_at, capture.at, capture.at)
            )
        current_id, last_shown_at = capture.version_id, capture.at
    return changes
