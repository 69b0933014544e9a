"""A text as what is compared of it, each piece with its place in the text as printed.

What differs between two prints of one report and means nothing goes: case, width, punctuation,
quotes, thousands separators, agency and copyright lines, datelines, bylines, mail addresses,
captions, Korean sentence endings. Places in the original stay, so that shared passages can be shown.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from dedup import boilerplate, korean
from dedup.alphabet import fold_all

MAX_CHARS = 400_000
"""Longer texts are compared by their beginning."""

_SYLLABLE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\u1100-\u11ff]")
_LETTERS = re.compile(r"[^\W\d_]+")
_DECOMPOSED = re.compile(r"[\u0300-\u036f\u1100-\u11ff\u3099\u309a]")
_CLUSTER = re.compile(r"[\s\S](?:[\u0300-\u036f\u3099\u309a]|[\u1160-\u11ff])*")
_LEADER = r"Kim (?:Jong (?:Un|Il|Suk)|Il Sung)"
# KCNA prints its leaders in bold; pages lose the spaces around the tags.
_GLUE = re.compile(
    rf"(?<=[a-z])(?={_LEADER})|(?<=Jong )(?:Un|Il|Suk)(?=[a-z])|(?<=Il )Sung(?=[a-z])"
)
_GLUE_HINT = re.compile(rf"{_LEADER}[a-z]|[a-z]{_LEADER}")


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


def script_of(text: str) -> Script:
    """Syllables if at least a third of the letters are Korean, Chinese or Japanese."""
    sample = text[:2000]
    syllables = len(_SYLLABLE.findall(sample))
    if not syllables:
        return Script.WORDS
    letters = sum(map(len, _LETTERS.findall(sample)))
    return Script.SYLLABLES if syllables * 3 > letters else Script.WORDS


def normalise(text: str, title: str = "", *, captions: bool = False) -> Normal:
    """What is compared of a text. Linear in it; never raises.

    Nothing is compared of a photo caption, unless `captions` are asked for.
    """
    text = text[:MAX_CHARS]
    script = script_of(text)
    masked = boilerplate.mask(text, title, captions=captions)
    composed, origin = _compose(masked)
    codes = np.frombuffer(composed.encode("utf-32-le", "surrogatepass"), np.uint32)
    folded, places = fold_all(codes)
    breaks = _glue(composed, places)
    kept = np.flatnonzero(~_joints(codes[places], folded))
    letters, places = folded[kept], origin[places[kept]] if origin is not None else places[kept]
    breaks = np.searchsorted(kept, breaks)
    word = letters != 0
    begins = word & ~np.concatenate([[False], word[:-1]])
    begins[breaks] = word[breaks]
    index = np.flatnonzero(word)
    letters, places, begins = letters[index], places[index], begins[index]
    if script is Script.SYLLABLES:
        letters, places, begins = korean.stem(letters, places, begins)
    return Normal(script, letters, places, np.flatnonzero(begins))


def _compose(text: str) -> tuple[str, NDArray[np.int64] | None]:
    """The text with letters and their marks in one, and where each was; None: where it is."""
    if not _DECOMPOSED.search(text):
        return text, None
    pieces, origin = [], []
    for match in _CLUSTER.finditer(text):
        piece = normalize("NFKC", match.group())
        pieces.append(piece)
        origin.extend([match.start()] * len(piece))
    return "".join(pieces), np.array(origin, np.int64)


def _glue(text: str, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where among the folded letters a word begins without a space before it."""
    if "Kim " not in text or not _GLUE_HINT.search(text):
        return np.empty(0, np.int64)
    return np.searchsorted(places, [match.end() for match in _GLUE.finditer(text)])


def _joints(codes: NDArray[np.uint32], folded: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Where a comma or point is inside of a number (1,200) or of initials (U.S.)."""
    joints = np.zeros(len(codes), np.bool_)
    points = np.flatnonzero((codes == 0x2C) | (codes == 0x2E))
    points = points[(points > 0) & (points < len(codes) - 1)]
    if not len(points):
        return joints
    padded = np.concatenate([codes, np.zeros(5, np.uint32)])
    digit = (padded >= 0x30) & (padded <= 0x39)
    thousands = digit[points - 1] & digit[points + 1] & digit[points + 2] & digit[points + 3]
    thousands &= ~digit[points + 4]
    capital = (padded >= 0x41) & (padded <= 0x5A)
    word = np.concatenate([folded != 0, np.zeros(5, np.bool_)])
    alone = ~word[points - 2] & ~word[points + 2]  # points - 2 may wrap round to the padding
    initials = (padded[points] == 0x2E) & capital[points - 1] & capital[points + 1] & alone
    joints[points[thousands | initials]] = True
    return joints
