"""Detects changes that no reader needs to see, each with its reason.

A change of letter case is not noise: KCNA's "south Korea" and "South Korea" are two policies.
"""

import html
import re
import unicodedata
from collections.abc import Callable

from dedup.changes.names_and_numbers import ungrouped
from dedup.text.boilerplate import mask

# Quotes are unified but not removed: KCNA gives "government" in quotes another meaning.
_QUOTES = dict.fromkeys(map(ord, "'`´‘’‚‛“”„‟«»‹›「」『』〈〉《》〝〞〟＂＇"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−─－⸺"), "-")
_DOTS = {ord("…"): "..."} | dict.fromkeys(map(ord, "・ㆍ•‧∙"), "·")
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF], None)
_TABLE: dict[int, str | None] = {**_QUOTES, **_DASHES, **_DOTS, **_INVISIBLE}
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")
_LONG_DASH = re.compile(r"-{2,}")
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_CAPTION = re.compile(r"^\s*(?:▲|FILE|File)|[Pp]hoto|사진|화면|写真|图片|фото", re.IGNORECASE)
# Only update stamps: a changed publication date may be a deliberate edit.
_STAMP = re.compile(
    r"^[\s(\[【<]{0,4}(?:last |최종\s?|기사\s?|最終|最后)?(?:updated?|modified|revised|수정|업데이트|更新"
    r"|更新时间|更新日時|обновлено|actualizado|mis à jour)(?![^\W\d_])(?=[^\n]{0,60}(?:\d:\d\d|\d{4}))[^\n]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_DATE_TAG = re.compile(
    r"\[\s?(?:(Juche|주체|主体|チュチェ|Чучхе)\s?)?(\d{2,4})\.\s?0?(\d{1,2})\.\s?0?(\d{1,2})\.?\s?\]",
    re.IGNORECASE,
)
_JUCHE = 1911  # the first year of the Juche calendar is 1912


def boring_reason(old: str, new: str) -> str:
    """Returns why the difference of two texts is noise; "" if it may matter to a reader.

    Reasons are white space, typography (quotes, dashes, width of letters, digit grouping), visible
    markup, update stamps, and boilerplate of the outlet's pages.
    """
    for reason, simplify in _STEPS:
        old, new = simplify(old), simplify(new)
        if _remove_space(old) == _remove_space(new):
            return reason
    return ""


def _remove_space(text: str) -> str:
    """Removes all white space, so that a missing space between two words counts as white space."""
    return _SPACE.sub("", text)


def _same(text: str) -> str:
    return text


def _without_boilerplate(text: str) -> str:
    """Removes the outlet's boilerplate lines; captions and datelines stay, they are content."""
    return "\n".join(line for line in text.splitlines() if not _is_boilerplate_line(line))


def _is_boilerplate_line(line: str) -> bool:
    return not _CAPTION.search(line) and not mask(line).strip()


def _typography(text: str) -> str:
    normalised = unicodedata.normalize("NFKC", text.translate(_TABLE)).translate(_TABLE)
    normalised = _LONG_DASH.sub("-", normalised)
    return _NUMBER.sub(lambda found: ungrouped(found[0]), normalised)


def _remove_markup(text: str) -> str:
    return _typography(_TAG.sub(" ", html.unescape(_TAG.sub(" ", text))))


def _remove_update_stamps(text: str) -> str:
    return _DATE_TAG.sub(_plain_date, _STAMP.sub(" ", text))


def _plain_date(found: re.Match[str]) -> str:
    year = int(found[2]) + (_JUCHE if found[1] else 0)
    return f"[{year}.{found[3]}.{found[4]}]"


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("white space", _same),
    ("typography", _typography),
    ("markup", _remove_markup),
    ("a stamp that says when", _remove_update_stamps),
    ("boilerplate of the page", _without_boilerplate),
)
