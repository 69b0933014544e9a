"""The archive of recordings: whole files under their names, read by range from any host."""

import io
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

from dedup.temporary_folder import temporary_folder
from storage.archive.filesystem import RemoteFiles, SecondObject, explained
from storage.archive.location import check_address
from storage.errors import ArchiveConflict, ArchiveError, ArchiveUnavailable
from storage.wording.numbers import format_count

_READ_BYTES = 1 << 17  # most records fill less; what is read ahead serves the next one
_COMPARED_BYTES = 1 << 20


def recording_key(outlet: str, name: str) -> str:
    """Returns the name of a recording in the archive: as in `warc/` of a home folder."""
    return f"{outlet}/{name}" if outlet else name


class Archive:
    """The archive at an address such as `s3://bucket/prefix`. Makes no connection until it is used.

    Raises InvalidRequest for an address that cannot be one. All methods raise ArchiveError, and
    MissingLibrary if the library for the address is missing.
    """

    def __init__(self, address: str) -> None:
        self.address = check_address(address)

    def __str__(self) -> str:
        return self.address

    @cached_property
    def _files(self) -> RemoteFiles:
        return RemoteFiles(self.address)

    def prepare(self) -> None:
        """Loads the library for the address, so that a missing one is told at once."""
        _ = self._files

    def url(self, key: str) -> str:
        """Returns the address of an object."""
        return f"{self.address}/{key}"

    def size(self, key: str) -> int | None:
        """Returns the bytes of an object; None if there is none."""
        return self._files.size(key) if _is_plain(key) else None

    def put(self, file: Path, key: str) -> bool:
        """Uploads a closed file, whole or not at all. Returns False if the same bytes are there.

        An object that is a beginning of the file is replaced: its run went on after the upload.
        Raises ArchiveConflict if other bytes are there or the name leads elsewhere, and OSError if
        the file cannot be opened.
        """
        if not _is_plain(key):
            raise ArchiveConflict(f"{file}: its name leads out of the archive")
        with file.open("rb"):  # one that cannot be opened is no fault of the archive
            size = file.stat().st_size
        there = self.size(key)
        if there is None:
            try:
                self._files.put(file, key, is_new=True)
            except SecondObject:
                there = self.size(key)
                if there is None:
                    line = f"{self.url(key)} is being written by another process"
                    raise ArchiveUnavailable(line) from None
        if there is not None:
            if there > size or not self._begins(file, key, there):
                raise ArchiveConflict(
                    f"{self.url(key)} holds other bytes than {file}: both are kept as they are"
                )
            if there == size:
                return False
            self._files.put(file, key)
        arrived = self.size(key)
        with suppress(
            FileNotFoundError
        ):  # tidied up meanwhile; retention finds the object if noted
            size = file.stat().st_size
        if arrived != size:
            sizes = f"{format_count(arrived or 0, 'byte')}, and {file} {format_count(size, 'byte')}"
            raise ArchiveUnavailable(f"{self.url(key)} has {sizes}")
        return True

    def holds(self, file: Path, key: str) -> bool:
        """Whether an object has the same bytes as a file. Reads all of it."""
        size = self.size(key)
        return size == file.stat().st_size and self._begins(file, key, size)

    def _begins(self, file: Path, key: str, size: int) -> bool:
        """Whether the bytes of an object, `size` of them, are the first of a file."""
        remote = self.open(key)
        if remote is None:
            return False
        with remote, file.open("rb") as local:
            left = size
            while left:
                expected = local.read(min(left, _COMPARED_BYTES))
                if not expected or remote.read(len(expected)) != expected:
                    return False
                left -= len(expected)
        return True

    def open(self, key: str) -> BinaryIO | None:
        """Opens an object to read parts of it; None if there is none."""
        if not _is_plain(key):
            return None
        files = self._files
        with explained(self.address):
            try:
                opened = files.fs.open(
                    files.path(key), "rb", block_size=_READ_BYTES, cache_type="readahead"
                )
            except (FileNotFoundError, IsADirectoryError):
                files.require_root()
                return None
        return cast("BinaryIO", _RemoteReader(self.url(key), opened))

    def delete(self, key: str) -> int:
        """Deletes an object, and returns the bytes that it had: 0 if it was gone."""
        size = self.size(key)
        if size is not None:
            self._files.delete(key)
        return size or 0

    def probe(self) -> None:
        """Writes, reads and deletes a small object. Raises ArchiveError if one of them fails."""
        key, content = f".nkwire-probe-{secrets.token_hex(8)}", b"nkwire"
        with temporary_folder() as folder:
            file = folder / "probe"
            file.write_bytes(content)
            self._files.put(file, key)
        try:
            reader = self.open(key)
            found = b"" if reader is None else reader.read(len(content) + 1)
            if found != content:
                raise ArchiveError(f"{self.address}: what is written there cannot be read again")
        finally:
            self._files.delete(key)


class _RemoteReader(io.RawIOBase):
    """A file of fsspec whose errors are ours. A read returns all that was asked for, or the end."""

    def __init__(self, url: str, file: BinaryIO) -> None:
        self._url = url
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        with explained(self._url):
            return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        with explained(self._url):
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _is_plain(key: str) -> bool:
    """Whether no part of a name leads elsewhere: it may come from a database of others."""
    return all(part not in ("", ".", "..") and "\0" not in part for part in key.split("/"))
