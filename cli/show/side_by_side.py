"""Shows two versions of an article side by side, in the terminal or as one HTML file.

The web page of an edit aligns them in the same way: sentence by sentence.
"""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cli.show.edits import MARKS, STYLES
from cli.show.printing import console, format_value
from dedup.changes.diff import diff
from dedup.changes.records import Piece
from dedup.changes.side_by_side import Row, align_sentences, group_rows
from storage.clean import printable

if TYPE_CHECKING:
    from storage.reading.rows import VersionRow

_CSS = (
    "body{font:16px/1.5 serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222;background:#fff}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}"
    "td,th{vertical-align:top;text-align:left;padding:.4em .8em;border-bottom:1px solid #ddd;"
    "overflow-wrap:anywhere}"
    "del{background:#fdd;color:#900}ins{background:#dfd;color:#060;text-decoration:none}"
    "small{color:#666}"
)


def print_side_by_side(old: "VersionRow", new: "VersionRow") -> None:
    """Prints both versions next to each other; long unchanged parts are left out."""
    plain = not console().is_terminal
    table = Table(box=None, pad_edge=False, expand=True, show_header=True)
    for version in (old, new):
        table.add_column(_format_version_time(version), ratio=1, overflow="fold")
    _add_row(table, _compare_titles(old, new), plain)
    for group in group_rows(align_sentences(old.text, new.text)):
        if group.is_folded:
            table.add_row("…", "…")
            continue
        for row in group.rows:
            _add_row(table, row, plain)
    console().print(table, soft_wrap=False)


def diff_to_dict(old: "VersionRow", new: "VersionRow") -> dict[str, Any]:
    """Returns the difference for programs: pieces of headline and text, each with its sign."""
    return {
        "from": {"version": old.id, "captured_at": old.captured_at},
        "to": {"version": new.id, "captured_at": new.captured_at},
        "title": [[piece.sign, piece.text] for piece in diff(old.title, new.title)],
        "text": [[piece.sign, piece.text] for piece in diff(old.text, new.text)],
    }


def diff_to_html(old: "VersionRow", new: "VersionRow", url: str, language: str) -> str:
    """Returns an HTML page without scripts, fonts or pictures.

    All text from pages is escaped.
    """
    rows = "\n".join(
        f"<tr><td>{_side_to_html(row.left)}</td><td>{_side_to_html(row.right)}</td></tr>"
        for row in (_compare_titles(old, new), *align_sentences(old.text, new.text))
    )
    title = escape(printable(new.title))
    return (
        f'<!doctype html>\n<html lang="{escape(language or "und")}">'
        f'<meta charset="utf-8"><title>{title}</title>\n<style>{_CSS}</style>\n'
        f"<h1>{title}</h1>\n<p><small>{escape(printable(url))}</small></p>\n"
        f"<table>\n<tr><th>{_format_version_time(old)}</th><th>{_format_version_time(new)}</th></tr>\n{rows}\n</table>\n</html>\n"
    )


def _compare_titles(old: "VersionRow", new: "VersionRow") -> Row:
    pieces = diff(old.title, new.title)
    left = (piece for piece in pieces if piece.sign != "+")
    right = (piece for piece in pieces if piece.sign != "-")
    return Row(tuple(left), tuple(right))


def _add_row(table: Table, row: Row, plain: bool) -> None:
    table.add_row(_format_side(row.left, plain), _format_side(row.right, plain))


def _format_side(pieces: Sequence[Piece], plain: bool) -> Text:
    text = Text()
    for piece in pieces:
        before, after = MARKS[piece.sign] if plain else ("", "")
        text.append(f"{before}{printable(piece.text)}{after}", STYLES[piece.sign])
    text.rstrip()
    return text


def _side_to_html(pieces: Sequence[Piece]) -> str:
    tags = {"-": "del", "+": "ins"}
    return "".join(
        f"<{tag}>{escape(printable(piece.text))}</{tag}>"
        if (tag := tags.get(piece.sign))
        else escape(printable(piece.text))
        for piece in pieces
    )


def _format_version_time(version: "VersionRow") -> str:
    seen_at = version.captured_at or version.stored_at
    return f"{'seen' if version.captured_at else 'imported'} {format_value(seen_at)}"
