"""Tells an HTML page from other files that servers send at a page's address.

By the first bytes and the binary data bytes of the WHATWG MIME Sniffing Standard (sections 3 and 6), as the
Content-Type header is often wrong. The header decides only if nothing in the body is HTML.
"""

import re

import orjson

from crawler.extract.page.page import Page

_FIRST_BYTES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"RIFF", "a WebP, WAV or AVI file"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"%PDF-", "a PDF file"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "an RTF file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"ID3\x03", "an MP3 file"),
    (b"ID3\x04", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"fLaC", "a FLAC file"),
    (b"FLV\x01", "a Flash video"),
    (b"\x1aE\xdf\xa3", "a WebM or Matroska file"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"SQLite format 3\x00", "a database"),
)  # fmt: skip
_ALL_FIRST_BYTES = tuple(first_bytes for first_bytes, _ in _FIRST_BYTES)
_MP4 = re.compile(rb"....ftyp", re.DOTALL)
_BINARY_CHARS = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\ufffd]")
_SAMPLE_CHARS = 4096
_MAX_BINARY_SHARE = 0.01
_ANY_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|div|p|br|table|article|h[1-6]|a)\b", re.IGNORECASE
)
_OTHER_TYPE = re.compile(
    r"\s*((?:image|video|audio|font|model)/[\w.+-]+|application/(?!xhtml|xml)[\w.+-]+|text/(?:css|csv|calendar|javascript|markdown)|text/vcard)",
    re.IGNORECASE,
)


def find_other_file_type(page: Page) -> str:
    """Returns what an answer is if it is no page, such as "a PDF file"; "" for a page.

    `page`: as prepared by the outlet's hook, which may have made HTML of script JSON.
    """
    body = page.body
    if body.startswith(_ALL_FIRST_BYTES):
        return next(name for first_bytes, name in _FIRST_BYTES if body.startswith(first_bytes))
    if _MP4.match(body):
        return "an MP4 file"
    start = page.html[:_SAMPLE_CHARS]
    has_binary_chars = len(_BINARY_CHARS.findall(start)) > _MAX_BINARY_SHARE * len(start)
    if has_binary_chars and not _ANY_MARKUP.search(start):
        return "bytes that are no text"
    if _is_json(page):
        return "JSON"
    other_type = _OTHER_TYPE.match(page.headers.get("content-type", ""))
    if other_type and not _ANY_MARKUP.search(page.html):
        return f"sent as {other_type[1].lower()}"
    return ""


def _is_json(page: Page) -> bool:
    """Returns whether a body is JSON, whole or cut off, with or without the guard `)]}'`."""
    text = page.html.removeprefix(")]}'").strip()
    if not text.startswith(("{", "[")):
        return False
    if not _ANY_MARKUP.search(text):
        return re.match(r"[{\[]\s*[\"{\[\]}]", text) is not None
    try:
        orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        return False
    return True
