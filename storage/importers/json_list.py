"""Cuts a list in JSON (RFC 8259) into its elements, in constant memory."""

import re
from collections.abc import Iterator
from typing import IO

from storage.errors import StorageError

READ_BYTES = 2**20

_SPACE = b" \t\r\n"
# Of the first elements, of what is in them, and in a string: what changes the state of the reader.
_BETWEEN, _INSIDE = re.compile(rb'["\[\]{},]'), re.compile(rb'["\[\]{}]')
_STRING_PART = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


class BrokenListError(StorageError):
    """Raised if a list does not end, or is not the whole of the file."""


def iter_elements(head: bytes, file: IO[bytes], max_bytes: int) -> Iterator[bytes | None]:
    """Yields the source of each element of a list; None for one of more than `max_bytes`.

    `head`: what is read already, from the `[`. An element need not be JSON: only brackets and strings are looked at. Raises
    BrokenListError after the last whole element, and what `file.read` raises.
    """
    return _Elements(head, file, max_bytes).iterate()


class _Elements:
    def __init__(self, head: bytes, file: IO[bytes], max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._source = head
        self._start = 0  # of the element
        self._place = 0  # up to which the source is read
        self._depth = 0
        self._in_string = False
        self._is_too_large = False

    def iterate(self) -> Iterator[bytes | None]:
        number = 0
        while mark := self._next_mark():
            self._depth += (mark in b"[{") - (mark in b"]}")
            if self._depth == 1 and mark == b"[":
                self._start = self._place
            elif not self._depth or mark == b",":
                element = self._take()
                if element != b"" or mark == b"," or number:
                    yield element
                number += 1
            if not self._depth:
                self._check_end(mark)
                return
        raise BrokenListError("it ends before its list does")

    def _next_mark(self) -> bytes:
        """Moves behind the next bracket, or comma between elements, and returns it; b"" at the end."""
        while True:
            if (self._in_string and not self._leave_string()) or not (mark := self._search()):
                if not self._read_on():
                    return b""
            elif mark == b'"':
                self._in_string = True
            else:
                return mark

    def _leave_string(self) -> bool:
        part = _STRING_PART.match(self._source, self._place)
        self._place = part.end() if part else self._place
        if self._source[self._place : self._place + 1] == b'"':
            self._place += 1
            self._in_string = False
        return not self._in_string

    def _search(self) -> bytes:
        found = (_INSIDE if self._depth > 1 else _BETWEEN).search(self._source, self._place)
        self._place = found.end() if found else len(self._source)
        return found[0] if found else b""

    def _read_on(self) -> bool:
        if self._place - self._start > self._max_bytes:
            self._is_too_large, self._start = True, self._place
        self._source = self._source[self._start :]
        self._place -= self._start
        self._start = 0
        more = self._file.read(READ_BYTES)
        self._source += more
        return bool(more)

    def _take(self) -> bytes | None:
        element = self._source[self._start : self._place - 1].strip(_SPACE)
        is_too_large = self._is_too_large or len(element) > self._max_bytes
        self._is_too_large, self._start = False, self._place
        return None if is_too_large else element

    def _check_end(self, mark: bytes) -> None:
        rest = self._source[self._place :]
        while not rest.strip(_SPACE) and (rest := self._file.read(READ_BYTES)):
            pass
        if rest or mark != b"]":
            raise BrokenListError("its list is not the whole of it")
