"""Opens files that may be compressed; the first bytes decide, not the name."""

import gzip
import zlib
from io import BufferedReader
from typing import IO

from storage.export.formats.output_files import import_zstd

_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def open_decompressed(raw: IO[bytes]) -> IO[bytes]:
    """Returns a reader of the decompressed content (gzip, zstd), or the file itself.

    `raw` must be buffered or seekable.
    """
    if isinstance(raw, BufferedReader):
        magic = raw.peek(4)[:4]  # a pipe cannot seek
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
    """Returns the exceptions that reading a damaged compressed file may raise."""
    return EOFError, zlib.error, gzip.BadGzipFile, import_zstd().ZstdError
