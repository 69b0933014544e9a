"""Deletes recorded answers that are older than the operator wants to keep them.

A recording goes only if the database knows its run, the run has ended and lost nothing, and no
article of it lies in quarantine or in `unsaved/`: what is not stored could be had from nowhere else.
It is noted in the database before the file goes, so that a capture that points there is `expired`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storage.runs.expiry import Keep, Made

if TYPE_CHECKING:
    from storage import Database

_NAME = re.compile(r"(?P<outlet>.+)-(?P<at>\d{8}T\d{6}Z)-(?P<run>\d{1,18})\.warc\.gz")
UNSAVED = "with articles in unsaved/"
FOREIGN = "not made by a run"


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that a run recorded, by its name."""

    file: Path
    outlet: str
    started_at: datetime
    run: int

    @property
    def made(self) -> Made:
        return self.run, self.outlet, self.started_at


@dataclass(slots=True)
class Expired:
    """What a pass did. `kept`: old recordings that stay, by reason."""

    files: list[Path] = field(default_factory=list)
    bytes: int = 0
    kept: Counter[str] = field(default_factory=Counter)


def recording(file: Path) -> Recording | None:
    """The run that made a file, by its name; None for a file of other origin."""
    match = _NAME.fullmatch(file.name)
    if match is None:
        return None
    try:
        at = datetime.strptime(match["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Recording(file, match["outlet"], at, int(match["run"]))


def expire(database: "Database", home: Path, before: datetime, *, dry_run: bool = False) -> Expired:
    """Delete the recordings of runs that ended before a time. `dry_run`: only say which."""
    done = Expired()
    found = list(_old(home / "warc", before, done))
    why = database.recordings.reasons_to_keep([each.made for each in found], before)
    going = []
    for each in found:
        reason: str | None = why[each.made]
        if reason is None and (home / "unsaved" / f"{each.outlet}-{each.run}.jsonl").exists():
            reason = UNSAVED
        if reason is None:
            going.append(each)
        elif reason != Keep.YOUNG:
            done.kept[reason] += 1
    if not dry_run:
        database.recordings.mark_expired([each.run for each in going])
    for each in going:
        done.bytes += each.file.stat().st_size
        done.files.append(each.file)
        if not dry_run:
            each.file.unlink(missing_ok=True)
    return done


def _old(folder: Path, before: datetime, done: Expired) -> Iterator[Recording]:
    for file in sorted(folder.rglob("*.warc*")):
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) >= before:
            continue
        if made := recording(file):
            yield made
        else:
            done.kept[FOREIGN] += 1
