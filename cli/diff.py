"""What changed between two versions of a text, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Han and kana are compared by character, everything else by word, space and mark.
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[.,]\d+)*|\s+|\W"
)
LONGEST = 4000  # tokens that are compared one by one; more are shown as replaced
CONTEXT = 6  # words kept on both sides of a change


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: " " is in both versions, "-" only in the old, "+" only in the new one."""

    sign: str
    text: str


def word_diff(old: str, new: str) -> list[Piece]:
    """The way from `old` to `new`; joined without "+" it is the old text, without "-" the new one."""
    pieces: list[Piece] = []
    gone = come = ""
    for before, after in _paragraphs(old, new):
        for piece in _words(before, after):
            if piece.sign == " " and (not (gone or come) or piece.text.strip()):
                pieces += [*_changed(gone, come), piece]
                gone = come = ""
            else:  # a space between two changes belongs to both
                gone += piece.text if piece.sign in "- " else ""
                come += piece.text if piece.sign in "+ " else ""
    return _joined([*pieces, *_changed(gone, come)])


def excerpts(pieces: Sequence[Piece]) -> list[Piece]:
    """The changes with a few words around them; what is left out becomes an ellipsis."""
    last = len(pieces) - 1
    return [
        piece if piece.sign != " " else Piece(" ", _shortened(piece.text, i > 0, i < last))
        for i, piece in enumerate(pieces)
        if not (last == 0 and piece.sign == " ")
    ]


def _changed(gone: str, come: str) -> list[Piece]:
    """What went and what came; white space at the end that both have is no change."""
    space = gone[len(gone.rstrip()) :]
    if not (space and gone.strip() and come.strip() and come.endswith(space)):
        space = ""
    cut = -len(space) or None
    return [Piece("-", gone[:cut]), Piece("+", come[:cut]), Piece(" ", space)]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].sign == piece.sign:
            joined[-1] = Piece(piece.sign, joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined


def _paragraphs(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Equal and changed runs of paragraphs, so that long texts stay cheap to compare."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for _, i, j, k, m in matcher.get_opcodes():
        yield "".join(before[i:j]), "".join(after[k:m])


def _words(old: str, new: str) -> Iterator[Piece]:
    if old == new:
        yield Piece(" ", old)
        return
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(before), len(after)) > LONGEST:
        before, after = [old], [new]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(" ", "".join(before[i:j]))
            continue
        if i < j:
            yield Piece("-", "".join(before[i:j]))
        if k < m:
            yield Piece("+", "".join(after[k:m]))


def _shortened(text: str, follows: bool, precedes: bool) -> str:
    words = _TOKEN.findall(text)
    keep = 2 * CONTEXT  # spaces are tokens, too
    left, right = keep * follows, keep * precedes
    if len(words) <= left + right:
        return text
    tail = words[len(words) - right :] if right else []
    return "".join((*words[:left], " … ", *tail))
