"""Decodes a page's bytes to text, even if the page declares the wrong charset.

The evidence, in order: byte-order mark, valid UTF-8, the HTTP header, `<meta>`, the bytes
themselves. A declared charset is accepted only if it decodes almost without errors, into a script
that the outlet writes in. Otherwise the candidates are compared by how often the commonest
characters of each language occur. As in the WHATWG Encoding Standard, a label means the superset
of its charset: euc-kr is cp949, gb2312 is gb18030, shift_jis is cp932.
"""

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from crawler.extract.page.mojibake import (
    foreign_runs,
    is_better,
    is_sound,
    looks_broken,
    may_have_escapes,
    undo_latin,
)
from crawler.extract.writing_systems import fits_languages, plausibility, script_shares

MAX_BAD_SHARE = 0.001
_SAMPLE_SIZE = 60_000
_MIN_PLAUSIBILITY = 0.2
_MAX_KANA_SHARE = 0.2
_MULTIBYTE = frozenset({"cp949", "gb18030", "cp932", "euc_jp", "big5hkscs"})
_CHARSETS_WITH_KANA = frozenset({"gb18030", "cp949"})
_MIN_UTF16_SHARE = 0.3  # of the high bytes that are zero; markup has more than any text
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_SUPERSETS = {
    "euc_kr": "cp949", "johab": "johab", "gb2312": "gb18030", "gbk": "gb18030", "hz": "gb18030",
    "shift_jis": "cp932", "iso8859-1": "cp1252", "ascii": "cp1252", "big5": "big5hkscs",
    "utf-8-sig": "utf-8", "utf-16": "utf-16-le", "iso8859-9": "cp1254",
    "koi8-r": "koi8-u", "tis-620": "cp874",
}  # fmt: skip
_LABEL_ALIASES = {"ks_c_5601-1987": "cp949", "ksc5601": "cp949", "ks_c_5601": "cp949", "x-sjis": "cp932",
          "windows-949": "cp949", "windows-31j": "cp932", "x-gbk": "gb18030", "x-euc-jp": "euc_jp",
          "unicode": "utf-16-le", "utf8": "utf-8", "x-windows-949": "cp949",
          "gb_2312-80": "gb18030", "windows-936": "gb18030", "cp936": "gb18030", "win-1251": "cp1251",
          "x-cp1251": "cp1251", "x-x-big5": "big5hkscs", "cp950": "big5hkscs"}  # fmt: skip
_OF_LANGUAGE = {"el": "cp1253", "he": "cp1255", "ar": "cp1256", "fa": "cp1256", "th": "cp874"}
# Codecs of Python that no page is in; UTF-7 would hide markup from a reader.
_NO_CHARSETS = frozenset({"utf-7", "punycode", "idna", "unicode-escape", "raw-unicode-escape",
                "unicode_escape", "raw_unicode_escape", "undefined", "charmap"})  # fmt: skip
_CANDIDATES = ("cp949", "gb18030", "cp932", "euc_jp", "big5hkscs", "cp1252", "cp1251", "koi8-u",
               "utf-16-le", "utf-16-be", "iso8859-5", "cp866")  # fmt: skip
_ISO_2022_MARKS = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b(I", "iso2022_jp_ext"),
                   (b"\x1b$", "iso2022_jp_2"))  # fmt: skip
_HIGH_BYTES = bytes(range(0x80, 0x100))
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_MAX_HIGH_SHARE = 200  # one in so many bytes of a page whose charset has seven bits
_SHIFTED = re.compile(rb"\x0e(?:[\x21-\x7e][\x21-\x7e])+\x0f")
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
_MIN_SHIFTS = 3
_META = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w.:-]{2,40})",
    re.IGNORECASE,
)
_HEADER = re.compile(r"charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w.:-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A decoded text and its charset. `flags`: "charset-repaired", "charset-doubtful"."""

    text: str
    charset: str
    flags: tuple[str, ...] = ()


def decode(body: bytes, content_type: str = "", languages: Sequence[str] = ()) -> DecodedText:
    """Decodes a page. Never raises: bytes that cannot be decoded become U+FFFD.

    `content_type`: the HTTP header. `languages`: those that the outlet writes in. A text that some
    program encoded after a wrong decoding is decoded again.
    """
    found = _decode(body, content_type, languages)
    if found.charset == "utf-8" and is_sound(body, found.text, languages):
        return found
    runs = foreign_runs(found.text)
    if (original := undo_latin(found.text, runs)) is not None:
        again = _decode(original, "", languages)
        is_text = not again.charset.startswith("utf-16")  # as which any bytes can be read
        if is_text and is_better(again.text, found.text, languages):
            found = DecodedText(again.text, f"{again.charset}, twice", ("charset-repaired",))
            runs = foreign_runs(again.text)
    if "charset-doubtful" not in found.flags and looks_broken(found.text, languages, runs):
        found = replace(found, flags=(*found.flags, "charset-doubtful"))
    return found


def _decode(body: bytes, content_type: str, languages: Sequence[str]) -> DecodedText:
    for bom, charset in _BOMS:
        if body.startswith(bom):
            text = body[len(bom) :].decode(charset, "replace")
            if _replacement_share(text) <= MAX_BAD_SHARE and fits_languages(text, languages):
                return DecodedText(text, charset)
    declared = [
        name for name in (charset_from_header(content_type), charset_from_meta(body)) if name
    ]
    if charset := _charset_by_structure(body):
        text = _decode_by_structure(body, charset)
        return DecodedText(text, charset, _repair_flags(charset, declared))
    if (utf8_text := _decode_utf8(body, declared)) is not None:
        return DecodedText(utf8_text, "utf-8", _repair_flags("utf-8", declared))
    for charset in declared:
        text = "" if charset == "utf-8" else body.decode(charset, "replace")
        is_valid = (
            text
            and _replacement_share(text) <= MAX_BAD_SHARE
            and text.count("\x00") * 10 <= len(text)
            and fits_languages(text, languages)
        )
        if is_valid and _is_plausible(text) and not _has_unexpected_kana(text, charset):
            return DecodedText(text, charset, _repair_flags(charset, declared[:1]))
    return _detect_and_decode(body, declared, languages)


def charset_from_header(content_type: str) -> str:
    """Returns the charset in a Content-Type header as a Python codec name; "" if none is known."""
    match = _HEADER.search(content_type)
    return codec_name(match[1]) if match else ""


def charset_from_meta(body: bytes) -> str:
    """Returns the charset that the first 8 KiB of a page declare, as a codec name; "" if none."""
    match = _META.search(body, 0, 8192)
    name = codec_name(match[1].decode("ascii", "replace")) if match else ""
    # The declaration is readable as ASCII, so the page cannot be UTF-16.
    return "" if name.startswith("utf-16") else name


def codec_name(label: str) -> str:
    """Returns the Python codec name of a charset label's superset; "" if unknown."""
    label = label.strip().lower()
    try:
        name = codecs.lookup(_LABEL_ALIASES.get(label, label)).name
        b"xxxx".decode(name)  # raises for codecs that give no text, such as base64
    except (LookupError, ValueError):
        return ""
    if name in _NO_CHARSETS:
        return ""
    return _SUPERSETS.get(name, name)


def _charset_by_structure(body: bytes) -> str:
    """Returns the charset that the form of the bytes proves: UTF-16 or ISO 2022; "" if none."""
    if charset := _seven_bit_charset(body):
        return charset
    if b"\x00" not in body[:256]:
        return ""
    head = body[:4096]
    first_zeros, second_zeros = head[::2].count(0), head[1::2].count(0)
    if max(first_zeros, second_zeros) < _MIN_UTF16_SHARE * len(head) / 2:
        return ""
    if min(first_zeros, second_zeros) * 4 > max(first_zeros, second_zeros):
        return ""
    return "utf-16-be" if first_zeros > second_zeros else "utf-16-le"


def _seven_bit_charset(body: bytes) -> str:
    """Returns the charset whose escape sequences the bytes hold; "" if they hold none."""
    if not may_have_escapes(body):
        return ""
    foreign = len(body) - len(body.translate(None, _HIGH_BYTES))
    if foreign * _MAX_HIGH_SHARE > len(body):
        return ""
    if b"\x1b" in body:
        return next((name for mark, name in _ISO_2022_MARKS if mark in body), "")
    if len(_SHIFTED.findall(body)) >= _MIN_SHIFTS:
        return "iso2022_kr"
    return "hz" if len(_HZ.findall(body)) >= _MIN_SHIFTS else ""


def _decode_by_structure(body: bytes, charset: str) -> str:
    if charset.startswith("utf-16"):
        return body.decode(charset, "replace")
    if charset == "iso2022_kr" and b"\x1b$)C" not in body:
        body = b"\x1b$)C" + body
    # A stray byte of another charset, such as a copyright sign, stands for itself.
    ascii_body = _HIGH_BYTE.sub(lambda byte: b"&#%d;" % byte[0][0], body)
    return ascii_body.decode(charset, "replace")


def _decode_utf8(body: bytes, declared: Iterable[str]) -> str | None:
    """Decodes UTF-8; returns None if the body is not UTF-8.

    Rare errors are accepted; text in other charsets is almost never valid UTF-8.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        bad_count = text.count("\ufffd")
        if _replacement_share(text) > MAX_BAD_SHARE and not ("utf-8" in declared and bad_count < 4):
            return None
        # With more errors than letters of several bytes, it is another charset.
        return text if len(body) - len(text) >= bad_count else None
    return text if "\x00" not in text or text.count("\x00") * 10 < len(text) else None


def _replacement_share(text: str) -> float:
    return text.count("\ufffd") / (len(text) or 1)


def _repair_flags(charset: str, declared: Sequence[str]) -> tuple[str, ...]:
    is_wrong = bool(declared) and declared[0] not in (charset, "cp1252")
    return ("charset-repaired",) if is_wrong else ()


def _detect_and_decode(
    body: bytes, declared: Sequence[str], languages: Sequence[str]
) -> DecodedText:
    of_languages = (_OF_LANGUAGE[each] for each in languages if each in _OF_LANGUAGE)
    candidates = dict.fromkeys((*declared, "utf-8", *_CANDIDATES, *of_languages))
    sample = _middle_sample(body)
    scores = {name: _score_charset(sample, name, languages) for name in candidates}
    # A few words prove little against what the page declares.
    bonus = 0.05 + 3 / (10 + sum(byte > 127 for byte in sample[:2000]))
    for name in declared:
        scores[name] += bonus if name in _MULTIBYTE else 0.05
    best_charset = max(scores, key=lambda name: scores[name])
    text = body.decode(best_charset, "replace")
    flags = _repair_flags(best_charset, declared)
    if _replacement_share(text) > MAX_BAD_SHARE or not fits_languages(text, languages):
        flags = (*flags, "charset-doubtful")
    return DecodedText(text, best_charset, flags)


def _is_plausible(text: str) -> bool:
    """Returns whether a text looks like a language: bytes are often valid in a wrong charset."""
    start = max(0, (len(text) - _SAMPLE_SIZE) // 2)
    return plausibility(text[start : start + _SAMPLE_SIZE]) >= _MIN_PLAUSIBILITY


def _has_unexpected_kana(text: str, charset: str) -> bool:
    """Returns whether a Chinese or Korean charset gave Japanese text; EUC charsets share kana."""
    if charset not in _CHARSETS_WITH_KANA:
        return False
    shares = script_shares(text[:_SAMPLE_SIZE])
    kana_share = shares.get("kana", 0.0)
    east_asian_share = kana_share + shares.get("han", 0.0) + shares.get("hangul", 0.0)
    return kana_share > _MAX_KANA_SHARE * east_asian_share


def _middle_sample(body: bytes) -> bytes:
    """Returns a sample that starts at an even offset, as the UTF-16 candidates need."""
    start = max(0, (len(body) - _SAMPLE_SIZE) // 2) & ~1
    return body[start : start + _SAMPLE_SIZE]


def _score_charset(sample: bytes, charset: str, languages: Sequence[str]) -> float:
    text = sample.decode(charset, "replace")
    bad_count = text.count("\ufffd") + text.count("\x00")
    penalty = 0.5 if languages and not fits_languages(text, languages) else 0.0
    penalty += 0.5 if _has_unexpected_kana(text, charset) else 0.0
    # Errors count among the letters that a charset can get wrong: markup would hide them.
    foreign_count = len(text) - len(text.encode("ascii", "ignore"))
    return plausibility(text) - 5 * bad_count / (foreign_count or 1) - penalty
