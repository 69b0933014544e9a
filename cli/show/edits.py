"""Shows an edit: the changed words with a few words around them."""

import re
from collections.abc import Sequence

from rich.text import Text

from cli.show.printing import console
from dedup.changes.diff import diff
from dedup.changes.records import Piece
from storage.clean import printable

CONTEXT_WORDS = 6  # words kept on both sides of a change
STYLES = {" ": "", "-": "red strike", "+": "green bold"}
MARKS = {" ": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
_WORD = re.compile(r"\s*\S{1,20}")  # a script without spaces is cut into pieces


def format_edit(old: str, new: str) -> Text:
    """Returns the changes from one text to another: in colours on a terminal, else in marks."""
    plain = not console().is_terminal
    text = Text()
    for piece in shorten_unchanged(diff(old, new)):
        before, after = MARKS[piece.sign] if plain else ("", "")
        shown = printable(piece.text.replace("\n", " "))
        text.append(f"{before}{shown}{after}", STYLES[piece.sign])
    return text


def shorten_unchanged(pieces: Sequence[Piece]) -> list[Piece]:
    """Keeps a few words around each change; an ellipsis stands for the rest."""
    last = len(pieces) - 1
    return [
        piece if piece.sign != " " else Piece(" ", _shorten_text(piece.text, i > 0, i < last))
        for i, piece in enumerate(pieces)
    ]


def _shorten_text(text: str, is_after_change: bool, is_before_change: bool) -> str:
    """Shortens an unchanged text.

    Keeps its beginning if it follows a change, and its end if it precedes one.
    """
    word_ends = [match.end() for match in _WORD.finditer(text)]
    left, right = CONTEXT_WORDS * is_after_change, CONTEXT_WORDS * is_before_change
    if len(word_ends) <= left + right + 1:
        return text
    head = text[: word_ends[left - 1]] if left else ""
    tail = text[word_ends[len(word_ends) - right - 1] :] if right else ""
    return f"{head} …{tail}" if tail else f"{head} … "
