"""Cleans text and checks times before they are stored; formats times. Pure functions.

No stored text holds control characters (NUL among them), lone surrogates (JSON can carry them) or
the two non-characters that XML forbids. Surrogates and non-characters become U+FFFD, all kinds of
line ends become a newline, and control characters are removed. The WARC keeps the raw bytes.

What a reader reads is also freed from characters that nobody sees, since they hide words from a
search and copies from each other: soft hyphens, marks of width and direction, byte order marks,
joiners that join nothing. Crawled pages and imported files pass the same rule.
"""

import json
import re
from datetime import UTC, datetime, timedelta

OLDEST_DATE = datetime(1945, 1, 1, tzinfo=UTC)
MAX_TIME_AHEAD = timedelta(days=2)

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_INVALID = "\ud800-\udfff\ufffe\uffff"

# Joiners (ZWNJ, ZWJ) are part of the spelling between letters of Arabic, Indic, Tibetan, Burmese,
# Khmer and Mongolian script, and join emoji. Anywhere else they only hide a difference of two texts.
_SYMBOLS = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINED = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc" + _SYMBOLS
)
_STRAY_JOINER = re.compile(
    f"(?<![{_JOINED}])(?<![{_SYMBOLS}]\ufe0f)[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])"
)
# Variation selectors choose a shape of the character before them (Unicode Standard, 23.4): of a
# symbol, an ideograph or a Mongolian letter. Anywhere else, and one after another, they hide text.
_STRAY_SELECTOR = re.compile(
    f"(?<![0-9#*\xa9\xae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299{_SYMBOLS}])[\ufe0e\ufe0f]"
    "|(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe0d\U000e0100-\U000e01ef]"
    "|(?<![\u1800-\u180a\u1820-\u18aa])[\u180b-\u180d\u180f]"
)
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_DEPENDS_ON_NEIGHBOURS = re.compile(f"[\u200c\u200d{_SELECTORS}]")
_SOFT_HYPHEN_IN_WORD = re.compile(r"(?<=[^\W\d_])\xad(?=[^\W\d_])")
# Characters that Python calls printable, and that nobody sees: fillers of Hangul and Khitan, empty
# vowels of Khmer, the combining grapheme joiner, the empty Braille pattern, an empty note.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00016fe4\U0001d159" + _SELECTORS + "]"
)
_SHOWN_SPACE = re.compile("[\t\n\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")

_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
_CONTROL_CHARS = re.compile(f"[{_CONTROLS}]")
_INVALID_CHARS = re.compile(f"[{_INVALID}]")
_WHITE_SPACE = re.compile(r"\s+")

_PAGE_END = re.compile("[\x0b\x0c]")  # Word's line break, and the end of a printed page
# Bytes of Windows-1252 that a program took for Latin-1: quotation marks, dashes, the euro sign.
_CP1252 = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore"))
}
_CP1252_LEFTOVER = re.compile("[\x80\x82-\x84\x86-\x8c\x8e\x91-\x9c\x9e\x9f]")
# Tags (U+E0020 and on) spell the flags of England, Scotland and Wales behind a black flag.
_UNSEEN = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007f]+)"
    "|[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def clean_text(text: str) -> str:
    """Returns a text of several lines as it is stored: without what no reader sees.

    Applying it twice is applying it once. Bytes of Windows-1252 that were taken for control
    characters become what they mean. U+0085 is their ellipsis beside another one, else a line end.
    """
    if _is_clean(text):
        return text
    if _CP1252_LEFTOVER.search(text):
        text = text.translate(_CP1252)
    text = _UNSEEN.sub(r"\1", storable_text(_PAGE_END.sub("\n", text)))
    return _STRAY_JOINER.sub("", text)


def _is_clean(text: str) -> bool:
    """Returns whether a text has only printable characters and the most frequent kinds of space."""
    text = text.replace("\n", "")
    if text.isprintable():
        return True
    return text.replace("\xa0", "").replace("\t", "").replace("\u3000", "").isprintable()


def clean_line(text: str) -> str:
    """Returns the cleaned text as one line, with single spaces, without spaces around it."""
    return _WHITE_SPACE.sub(" ", clean_text(text)).strip()


def storable_text(text: str) -> str:
    """Returns a text that any database and any export format accepts, all else as it is.

    For addresses and other names that must stay what they are. Of a text, it is the form in which
    nkwire stored it before it left out what no reader sees.
    """
    if _is_clean(text):
        return text
    text = _CONTROL_CHARS.sub("", _LINE_END.sub("\n", text))
    return _INVALID_CHARS.sub("\ufffd", text)


def storable_line(text: str) -> str:
    """Returns the storable text as one line, with single spaces, without spaces around it."""
    return _WHITE_SPACE.sub(" ", storable_text(text)).strip()


def plausible_time(at: datetime | None, captured_at: datetime) -> datetime | None:
    """Returns the time in UTC, or None if it is not plausible for an article.

    Plausible times lie between 1945 and two days after the capture. Raises ValueError for a naive
    datetime.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"the time {at.isoformat()} has no zone")
    # Compared before `astimezone`, which overflows for the years 1 and 9999 with an offset.
    is_plausible = OLDEST_DATE <= at <= captured_at + MAX_TIME_AHEAD
    return at.astimezone(UTC) if is_plausible else None


def format_utc(at: datetime, timespec: str = "auto") -> str:
    """Returns an aware time in UTC as ISO 8601 with a `Z`. `timespec`: as of `isoformat`."""
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def printable(text: str) -> str:
    r"""Returns a text that cannot deceive the eye or a terminal: visible escapes replace the rest.

    Kept are the characters that Python calls printable and that have a shape, spaces, tabs and
    newlines; joiners and variation selectors only where a script or an emoji needs them. Everything
    else becomes an escape such as `\u202e`: controls, bidirectional marks, lone surrogates, private
    use, unassigned characters, fillers, tags. A soft hyphen inside a word is left out. Applying it
    twice is applying it once.
    """
    if text.isprintable() and not _BLANK.search(text):
        return text
    text = _SOFT_HYPHEN_IN_WORD.sub("", text)
    text = text.translate({ord(each): _escape(each) for each in set(text) if not _is_shown(each)})
    return _STRAY_JOINER.sub(_escape_match, _STRAY_SELECTOR.sub(_escape_match, text))


def printable_json(document: str) -> str:
    """Returns a JSON document in which everything is escaped that is not printable.

    It means the same. Newlines between values stay. `document`: JSON as `json.dumps` makes it, with
    characters beyond ASCII as they are.
    """
    if document.isascii() and document.isprintable():
        return document
    return document.translate(
        {
            ord(each): json.dumps(each)[1:-1] if each != "\x7f" else "\\u007f"
            for each in set(document)
            if each != "\n" and (not each.isprintable() or _BLANK.match(each))
        }
    )


def _is_shown(character: str) -> bool:
    """Whether a character is shown wherever it stands, or depending on its neighbours."""
    if _DEPENDS_ON_NEIGHBOURS.match(character) or _SHOWN_SPACE.match(character):
        return True
    return character.isprintable() and not _BLANK.match(character)


def _escape(character: str) -> str:
    return ascii(character)[1:-1]


def _escape_match(found: re.Match[str]) -> str:
    return _escape(found[0])


def cut_middle(text: str, max_chars: int) -> str:
    """Returns the text, without its middle if it is longer than `max_chars` characters."""
    if len(text) <= max_chars:
        return text
    head = max_chars * 2 // 3
    return f"{text[:head]}…{text[len(text) - (max_chars - head - 1) :]}"
