"""Shows an edit: the changed words with a few words around them."""

from rich.text import Text

from cli.show.printing import console
from dedup.changes.diff import diff
from dedup.changes.shorten import shorten_unchanged
from storage.clean import printable

STYLES = {" ": "", "-": "red strike", "+": "green bold"}
MARKS = {" ": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}


def format_edit(old: str, new: str) -> Text:
    """Returns the changes from one text to another: in colours on a terminal, else in marks."""
    plain = not console().is_terminal
    text = Text()
    for piece in shorten_unchanged(diff(old, new)):
        before, after = MARKS[piece.sign] if plain else ("", "")
        shown = printable(piece.text.replace("\n", " "))
        text.append(f"{before}{shown}{after}", STYLES[piece.sign])
    return text
