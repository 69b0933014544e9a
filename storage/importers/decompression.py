"""Files that may be packed, told by their first bytes and not by their names."""

import gzip
import zlib
from io import BufferedReader
from typing import IO

from storage.export.formats.output_files import import_zstd

_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def open_decompressed(raw: IO[bytes]) -> IO[bytes]:
    """The file itself, or what is packed in it (gzip, zstd). Raises MissingLibrary."""
    if isinstance(raw, BufferedReader):
        magic = raw.peek(4)[:4]  # a pipe cannot be wound back
    else:
        magic = raw.read(4)
        raw.seek(0)
    if magic.startswith(_GZIP_MAGIC):
        return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]
    if magic == _ZSTD_MAGIC:
        file: IO[bytes] = import_zstd().open(raw)
        return file
    return raw


def decompression_errors() -> tuple[type[Exception], ...]:
    """What reading a damaged packed file may raise."""
    known: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
    try:
        return (*known, import_zstd().ZstdError)
    except ImportError:
        return known
