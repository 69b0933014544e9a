"""Keeps which page a run reads, in a file that outlives its process.

A page may end the process that reads it, by a fault that no trial foresaw, or until the deadline
kills it. The next run finds the page in the file: it reads it last, and after a second such end no
more. One end proves little, since a run may be killed at any moment: once the page has been read,
the end is forgotten.
"""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import StorageError
from storage.records import CaptureOutcome

if TYPE_CHECKING:
    from storage import Database

log = logging.getLogger(__name__)

_MAX_BYTES = 8192


class BeingRead:
    """The file of one outlet. Of two runs at once only the first one writes it."""

    def __init__(self) -> None:
        self._file = -1
        self._suspects: dict[str, Callable[[str], None]] = {}

    def open(self, path: Path, outlet: str, database: "Database") -> None:
        """Opens the file, and remembers the page in it as one that ended a run.

        Without the file (no room, no permission) a run goes on, and keeps nothing.
        """
        try:
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
        except OSError as error:
            log.warning("%s: the page in work cannot be kept: %s", outlet, error)
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # another run is at work
            os.close(file)
            return
        self._file = file
        identity, _, url = os.pread(file, _MAX_BYTES, 0).decode("utf-8", "replace").partition("\n")
        if identity:
            _remember(database, outlet, identity, url)
            self._clear()
        forget = partial(database.visits.forget, outlet)
        suspects = database.visits.with_outcome(outlet, CaptureOutcome.SUSPECT)
        self._suspects = dict.fromkeys(suspects, forget)

    @contextmanager
    def reading(self, identity: str, url: str) -> Iterator[None]:
        """Keeps the page in the file while it is read."""
        if self._file >= 0:
            with suppress(OSError):
                os.pwrite(self._file, f"{identity}\n{url}".encode()[:_MAX_BYTES], 0)
        try:
            yield
        finally:
            self._clear()
            self._acquit(identity)

    def close(self) -> None:
        """Closes the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _acquit(self, identity: str) -> None:
        if forget := self._suspects.pop(identity, None):
            try:
                forget(identity)
            except StorageError as error:
                log.warning("that a page was read cannot be noted: %s", error)

    def _clear(self) -> None:
        if self._file >= 0:
            with suppress(OSError):
                os.ftruncate(self._file, 0)


def _remember(database: "Database", outlet: str, identity: str, url: str) -> None:
    _, known = database.visits.find(outlet, [identity]).get(identity, (None, None))
    outcome = CaptureOutcome.HOSTILE if known in _SUSPICIOUS else CaptureOutcome.SUSPECT
    database.visits.record(outlet, {identity: (datetime.now(UTC), outcome)})
    what = "again: it is passed over" if known in _SUSPICIOUS else "it is read last"
    log.warning("%s: a run ended while it read %s; %s", outlet, url, what)


_SUSPICIOUS = (CaptureOutcome.SUSPECT, CaptureOutcome.HOSTILE)
