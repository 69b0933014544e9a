"""Chooses installed fonts that have all letters of a picture, so that no letter becomes a box."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from storage.clean import printable
from storage.reports.drawing.text_width import shorten

BASE_FAMILY = "DejaVu Sans"
"""Comes with matplotlib: Latin, Cyrillic, Greek, and signs."""

_CJK = {
    "ko": (
        *("Noto Sans CJK KR", "Noto Sans KR", "Source Han Sans KR", "NanumGothic", "Nanum Gothic"),
        *("Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "UnDotum", "Baekmuk Dotum"),
    ),
    "ja": (
        *("Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "IPAexGothic", "IPAGothic"),
        *("Yu Gothic", "Meiryo", "MS Gothic", "Hiragino Sans", "TakaoGothic", "VL Gothic"),
    ),
    "zh": (
        *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei"),
        *("PingFang SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
    ),
}
_ANY = ("Arial Unicode MS", "Unifont", "Noto Sans", "Noto Sans Arabic", "Noto Sans Thai")
_MOST_OTHER_FONTS = 300
_SHOWN_LETTERS = 5
_MOST_NAME_COLUMNS = 200  # no name of an outlet is so long, but a broken file may have one


@dataclass(frozen=True, slots=True)
class FontChoice:
    """The families to draw with, in order of preference, and the letters that none of them has."""

    families: tuple[str, ...]
    missing: frozenset[str]

    def drawable(self, text: str) -> str:
        """Returns a text on one line that can be drawn: `…` stands for letters without a font."""
        parts: list[str] = []
        for letter in printable(" ".join(text.split())):
            if letter not in self.missing:
                parts.append(letter)
            elif parts[-1:] != ["…"]:
                parts.append("…")
        return "".join(parts)

    def drawable_names(self, names: Sequence[str], kind: str) -> dict[str, str]:
        """Returns how each name is drawn: as it is, or `outlet 1` if a letter has no font."""
        drawn = {name: shorten(self.drawable(name), _MOST_NAME_COLUMNS) for name in names}
        number = 0
        for name in names:
            if self.missing & set(name):
                number += 1
                drawn[name] = f"{kind} {number}"
        return drawn

    def notes(self, names: Mapping[str, str]) -> tuple[str, ...]:
        """Returns a line on letters without a font, with the names that are drawn otherwise."""
        if not self.missing:
            return ()
        letters = "".join(sorted(self.missing))
        shown = letters[:_SHOWN_LETTERS] + ("…" if len(letters) > _SHOWN_LETTERS else "")
        line = (
            f"no installed font has {len(letters):,} of the letters ({shown}): install one, such as"
            " Noto Sans CJK"
        )
        renamed = [
            f"{drawn} is {name}" for name, drawn in names.items() if self.missing & set(name)
        ]
        return (f"{line}; {', '.join(renamed)}" if renamed else line,)


def choose_fonts(texts: Iterable[str], families: Sequence[str] | None = None) -> FontChoice:
    """Returns fonts for these texts: the base font, and others for the letters that it lacks.

    `families`: those to choose from, the best first; None: the installed ones.
    """
    wanted = {ord(letter) for text in texts for letter in printable(text) if not letter.isspace()}
    wanted -= _installed_letters(BASE_FAMILY, wanted)
    chosen = [BASE_FAMILY]
    for family in families if families is not None else _candidates(wanted):
        if not wanted:
            break
        if found := _installed_letters(family, wanted):
            chosen.append(family)
            wanted -= found
    return FontChoice(tuple(chosen), frozenset(map(chr, wanted)))


def _candidates(letters: set[int]) -> Iterator[str]:
    """Yields families, the likely ones first, and those of the language first of all."""
    has_hangul = any(0x1100 <= each <= 0x11FF or 0x3130 <= each <= 0xD7FF for each in letters)
    has_kana = any(0x3040 <= each <= 0x30FF for each in letters)
    first = "ja" if has_kana and not has_hangul else "ko" if has_hangul else "zh"
    yield from _CJK[first]
    for language, families in _CJK.items():
        if language != first:
            yield from families
    yield from _ANY
    yield from _other_families()


@cache
def _faces() -> dict[str, tuple[str, int]]:
    """Returns the file and the number of the upright face of each installed family."""
    from matplotlib.font_manager import fontManager

    return {
        entry.name: (entry.fname, entry.index)
        for entry in sorted(fontManager.ttflist, key=lambda each: (each.name, each.fname))
        if entry.style == "normal"
    }


def _other_families() -> list[str]:
    return sorted(_faces())[:_MOST_OTHER_FONTS]


def _installed_letters(family: str, letters: set[int]) -> set[int]:
    """Returns which of these code points a font family has; none if it is not installed."""
    # Not kept: the letters of all fonts of a machine would fill its memory.
    from matplotlib.font_manager import FontPath, get_font

    face = _faces().get(family)
    if face is None:
        return set()
    known = get_font(FontPath(*face)).get_charmap()
    return {each for each in letters if each in known}
