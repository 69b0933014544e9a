"""A text as what is compared of it, each piece with its place in the text as printed.

What differs between two prints of one report and means nothing goes: case, width, punctuation,
quotes, thousands separators, agency and copyright lines, datelines, bylines, mail addresses,
captions, Korean sentence endings. Places in the original stay, so that shared passages can be shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from dedup.text import boilerplate, korean
from dedup.text.alphabet import Decomposed, codes_of, counts, fold_all, folding
from dedup.text.compiled import kernel
from dedup.text.outlet_marks import Alphabet

MAX_CHARS = 400_000
"""Longer texts are compared by their beginning."""

_SAMPLE = 2000
_LATIN_ONLY = dict.fromkeys(Alphabet, 0) | {Alphabet.LATIN: 1}
_JAMO = range(0x1100, 0x1200)
_JOINT = 0xFFFFFFFD
_PADDING = np.zeros(4, np.uint32)
_CLUSTER = re.compile(r"[\s\S](?:[\u0300-\u036f\u3099\u309a]|[\u1160-\u11ff])*")
_LEADER = r"Kim (?:Jong (?:Un|Il|Suk)|Il Sung)"
# KCNA prints its leaders in bold; pages lose the spaces around the tags.
_GLUE = re.compile(
    rf"(?<=[a-z])(?={_LEADER})|(?<=Jong )(?:Un|Il|Suk)(?=[a-z])|(?<=Il )Sung(?=[a-z])"
)
_GLUE_HINT = re.compile(rf"{_LEADER}[a-z]|[a-z]{_LEADER}")


REMEMBERED = 20_000
"""Longer texts are worked out again rather than remembered, which bounds memory."""


class Script(StrEnum):
    """How a text is cut into shingles."""

    WORDS = "words"
    SYLLABLES = "syllables"  # Korean, Chinese, Japanese: spaces are unsure or absent


@dataclass(frozen=True)
class Normal:
    """What is compared of a text.

    `letters`: uint32[n] folded letters and digits; `places`: int64[n] where each is in the text as
    printed; `starts`: int64[m] where in `letters` each word begins.
    """

    script: Script
    letters: NDArray[np.uint32]
    places: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def units(self) -> int:
        """Words, or syllables where spaces say nothing."""
        return len(self.starts if self.script is Script.WORDS else self.letters)

    @cached_property
    def joined(self) -> bytes:
        """Equal for two texts if all that is compared of them is equal."""
        if self.script is Script.SYLLABLES:
            return self.letters.tobytes()
        return self.letters.tobytes() + self.starts.tobytes()

    @property
    def words(self) -> list[str]:
        """The words as strings, for people."""
        text = self.letters.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        edges = [*self.starts.tolist(), len(text)]
        return [text[a:b] for a, b in pairwise(edges)]

    @cached_property
    def spans(self) -> NDArray[np.int64]:
        """[units, 2] start and end of each unit in the text as printed."""
        if self.script is Script.SYLLABLES:
            return np.stack([self.places, self.places + 1], axis=1)
        if not len(self.starts):
            return np.empty((0, 2), np.int64)
        lasts = np.append(self.starts[1:], len(self.letters)) - 1
        return np.stack([self.places[self.starts], self.places[lasts] + 1], axis=1)


def script_of(found: Mapping[Alphabet, int]) -> Script:
    """Syllables if at least a third of the letters are Korean, Chinese or Japanese."""
    syllables = found[Alphabet.HANGUL] + found[Alphabet.HAN]
    return Script.SYLLABLES if syllables * 3 > sum(found.values()) else Script.WORDS


def normalise(text: str, title: str = "", *, captions: bool = False) -> Normal:
    """What is compared of a text. Linear in it; never raises.

    Nothing is compared of a photo caption, unless `captions` are asked for.
    """
    text = text[:MAX_CHARS]
    found = _LATIN_ONLY if text.isascii() else counts(codes_of(text[:_SAMPLE]))
    alphabets = {Alphabet.ANY, *(name for name, letters in found.items() if letters)}
    masked = boilerplate.mask(text, title, alphabets, captions=captions)
    script = script_of(found)
    return compiled_words(masked, script) or words(masked, script)


def words(text: str, script: Script) -> Normal:
    """The folded words of a text without boilerplate."""
    origin = None
    try:
        codes = codes_of(text)
        folded, places = fold_all(codes)
    except Decomposed:
        text, origin = _compose(text)
        codes = codes_of(text)
        folded, places = _fold_composed(codes)
    normal = _cut(script, text, codes, folded, places)
    return normal if origin is None else replace(normal, places=origin[normal.places])


def compiled_words(text: str, script: Script) -> Normal | None:
    """The same by the compiled kernel; None without one, or for a text with rare characters."""
    machine = kernel()
    if machine is None:
        return None
    glued = np.array(_glued(text), np.int64)
    stems = script is Script.SYLLABLES
    number, letters, places, starts = machine.cut(codes_of(text), folding().one, glued, stems)
    return Normal(script, letters, places, starts) if number >= 0 else None


def recent(text: str, title: str = "") -> Normal:
    """`normalise`, remembered for the last texts: one is signed, then compared, in short order."""
    return _recent(text, title) if len(text) <= REMEMBERED else normalise(text, title)


@lru_cache(maxsize=16)
def _recent(text: str, title: str) -> Normal:
    return normalise(text, title)


def _cut(
    script: Script,
    text: str,
    codes: NDArray[np.uint32],
    folded: NDArray[np.uint32],
    places: NDArray[np.int64] | None,
) -> Normal:
    """Words out of folded characters."""
    joints = _joints(codes)
    folded[joints if places is None else np.searchsorted(places, joints)] = _JOINT
    word = folded != 0
    begins = word.copy()
    begins[1:] &= ~word[:-1]
    for at in _glued(text):
        begins[at if places is None else np.searchsorted(places, at)] = True
    index = np.flatnonzero(word & (folded != _JOINT)) if len(joints) else np.flatnonzero(word)
    letters, begins = folded[index], begins[index]
    places = index if places is None else places[index]
    if script is Script.SYLLABLES:
        letters, places, begins = korean.stem(letters, places, begins)
    return Normal(script, letters, places, np.flatnonzero(begins))


def _compose(text: str) -> tuple[str, NDArray[np.int64]]:
    """The text with letters and their marks in one, and where each was."""
    pieces: list[str] = []
    origin: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = normalize("NFKC", match.group())
        pieces.append(piece)
        origin.extend([match.start()] * len(piece))
    return "".join(pieces), np.array(origin, np.int64)


def _fold_composed(
    codes: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.int64] | None]:
    """Marks that go with no letter are no part of a word."""
    try:
        return fold_all(codes)
    except Decomposed:
        lone = np.array([bool(combining(chr(code))) or code in _JAMO for code in codes.tolist()])
        return fold_all(np.where(lone, np.uint32(0x20), codes))


def _glued(text: str) -> list[int]:
    """Where a word begins without a space before it."""
    if "Kim " not in text or not _GLUE_HINT.search(text):
        return []
    return [match.end() for match in _GLUE.finditer(text)]


def _joints(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where a comma or point is inside of a number (1,200) or of initials (U.S.)."""
    points = np.flatnonzero((codes == 0x2C) | (codes == 0x2E))
    points = points[(points > 0) & (points < len(codes) - 1)]
    after = codes[points + 1]
    points = points[_digit(after) | _capital(after)]
    if not len(points):
        return points
    padded = np.concatenate([_PADDING, codes, _PADDING])
    around = padded[points[:, None] + (np.array([-2, -1, 1, 2, 3, 4]) + len(_PADDING))]
    two_before, before, after, two_after, three_after, four_after = around.T
    thousands = _digit(before) & _digit(after) & _digit(two_after) & _digit(three_after)
    thousands &= ~_digit(four_after)
    initials = _capital(before) & _capital(after) & ~_letter(two_before) & ~_letter(two_after)
    inside: NDArray[np.int64] = points[thousands | (initials & (codes[points] == 0x2E))]
    return inside


def _digit(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = codes - np.uint32(0x30) <= 9
    return found


def _capital(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = codes - np.uint32(0x41) <= 25
    return found


def _letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = _capital(codes & np.uint32(0xFFDF)) | (codes >= 0xC0)
    return found
