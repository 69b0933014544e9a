"""Gives an export piece by piece, to whom it is sent while it is made."""

import io
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any, Unpack, cast

from dedup.errors import NkwireError
from storage.database import Database
from storage.errors import TooSlow
from storage.export.export import ExportFormat, ExportOptions, export
from storage.export.formats.selection import ExportFilters
from storage.rights import TextLevel

PIECE_BYTES = 64 * 1024
_MAX_WAITING_PIECES = 8


class _Stopped(NkwireError):
    """Nobody reads the export any more."""


def stream_export(
    database: Database,
    *,
    format: ExportFormat,
    collapse: bool = False,
    text: TextLevel = "full",
    seconds: float,
    options: ExportOptions | None = None,
    **filters: Unpack[ExportFilters],
) -> Iterator[bytes]:
    """Yields the bytes of an export, see `storage.export.export.export`.

    A thread makes them, and waits while the reader is slow. `seconds`: how long all of it may take,
    since an export holds a reading transaction: then TooSlow is raised. If the reader ends before,
    so does the export. Raises the errors of `export`, before the first piece where it can.
    """
    pieces = _Pieces(time.monotonic() + seconds, seconds)

    def make() -> None:
        try:
            writer = _PieceWriter(pieces)
            export(
                database,
                cast("IO[bytes]", writer),
                format=format,
                collapse=collapse,
                text=text,
                progress=lambda *_: pieces.check(),
                options=options,
                **filters,
            )
            writer.send()
            pieces.put(None)
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - the reader raises it
            pieces.fail(error)

    thread = threading.Thread(target=make, name="export", daemon=True)
    thread.start()
    try:
        yield from pieces
    finally:
        pieces.stop()


class _Pieces:
    """What is made and not sent yet. `deadline`: of the monotonic clock."""

    def __init__(self, deadline: float, seconds: float) -> None:
        self._queue: queue.Queue[bytes | BaseException | None] = queue.Queue(_MAX_WAITING_PIECES)
        self._deadline = deadline
        self._seconds = seconds
        self._is_stopped = threading.Event()

    def put(self, piece: bytes | BaseException | None) -> None:
        """Adds a piece once there is room. Raises TooSlow and _Stopped."""
        while True:
            self.check()
            try:
                self._queue.put(piece, timeout=0.5)
                return
            except queue.Full:
                continue

    def fail(self, error: BaseException) -> None:
        """Lets the reader raise an error after what it has not read; or at once, if it is late."""
        while not self._is_stopped.is_set():
            try:
                self._queue.put(error, timeout=0.5)
                return
            except queue.Full:
                if time.monotonic() > self._deadline:
                    with suppress(queue.Empty):
                        self._queue.get_nowait()

    def check(self) -> None:
        """Raises TooSlow after the deadline, and _Stopped if nobody reads."""
        if self._is_stopped.is_set():
            raise _Stopped
        if time.monotonic() > self._deadline:
            raise TooSlow(
                f"the export takes longer than {self._seconds / 60:g} minutes: narrow the selection,"
                " or use `nkwire export`"
            )

    def stop(self) -> None:
        """Says that nobody reads any more."""
        self._is_stopped.set()

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._queue.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece


class _PieceWriter(io.RawIOBase):
    """A file that gives away what is written to it, piece by piece."""

    def __init__(self, pieces: _Pieces) -> None:
        super().__init__()
        self._pieces = pieces
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        if len(self._waiting) >= PIECE_BYTES:
            self.send()
        return len(data)

    def send(self) -> None:
        """Gives away what is left."""
        self._pieces.put(bytes(self._waiting))
        self._waiting.clear()
