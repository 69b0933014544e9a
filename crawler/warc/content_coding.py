"""Decodes the bodies of recorded answers, which are kept as the server sent them."""

import zlib
from importlib import import_module

from scrapy.utils.gz import gunzip

from crawler.warc.records import HttpMessage, WarcError
from storage.export.formats.output_files import import_zstd

_MAX_DECODED_BYTES = 64 * 1024 * 1024
# First bytes of a zlib header; some servers send `deflate` without one.
_ZLIB_FIRST_BYTES = (b"\x78", b"\x58", b"\x38", b"\x18")


def decode_body(message: HttpMessage) -> bytes:
    """Returns the body without its content coding. Raises WarcError if it cannot be decoded."""
    body, codings = message.body, message.header("content-encoding").split(",")
    for coding in reversed([part.strip().lower() for part in codings if part.strip()]):
        try:
            body = _decompress(coding, body)
        except Exception as error:
            raise WarcError(f"content coding {coding}: {error}") from error
    return body


def _decompress(coding: str, body: bytes) -> bytes:
    if coding in ("gzip", "x-gzip"):
        return gunzip(body, max_size=_MAX_DECODED_BYTES)
    if coding == "deflate":
        is_raw = body[:1] not in _ZLIB_FIRST_BYTES
        return zlib.decompressobj(-15 if is_raw else 15).decompress(body, _MAX_DECODED_BYTES)
    if coding == "br":
        decoder = import_module("brotli").Decompressor()  # Scrapy depends on it
        return bytes(decoder.process(body, output_buffer_limit=_MAX_DECODED_BYTES))
    if coding == "zstd":
        return bytes(import_zstd().ZstdDecompressor().decompress(body, _MAX_DECODED_BYTES))
    return body
