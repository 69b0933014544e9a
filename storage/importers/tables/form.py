"""What is known of a table before its rows are read: its encoding, separator and columns. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.clean import cut_middle
from storage.errors import InvalidRequest
from storage.importers.field_names import has_needed_fields

MAX_COLUMNS = 1000
_MAX_SHOWN_COLUMNS, _MAX_NAME_CHARS = 30, 40
_SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", "": "none"}


class TableRefused(InvalidRequest):
    """A table cannot be imported; the message is one line and names what was found in it."""


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What the user says of CSV files; nkwire recognises what is "".

    `encoding`: as `encodings.check_encoding` returns it. `separator`: one character.
    """

    encoding: str = ""
    separator: str = ""


@dataclass(frozen=True, slots=True)
class TableForm:
    """How a CSV file is read.

    `encoding`: a name that Python knows. `first_line`: the number of the line with the header.
    """

    encoding: str
    separator: str
    columns: tuple[str, ...]
    first_line: int = 1


def check_columns(name: str, columns: Sequence[str], found: str) -> None:
    """Raises TableRefused if no articles can be made of these columns.

    `name`: of the file or the sheet. `found`: what else was found out, for the message.
    """
    if not has_needed_fields(columns):
        raise TableRefused(
            f"{name}: no column for an address (url), or none for a title or text;"
            f" found the columns {list_columns(columns)} ({found})"
        )


def list_columns(columns: Iterable[str]) -> str:
    """Returns the names of columns for a message, at most thirty of them."""
    names = list(columns)
    shown = [cut_middle(" ".join(each.split()), _MAX_NAME_CHARS) for each in names]
    rest = len(names) - _MAX_SHOWN_COLUMNS
    more = [f"and {rest:,} more"] if rest > 0 else []
    return ", ".join([*shown[:_MAX_SHOWN_COLUMNS], *more]) or "none"


def separator_name(separator: str) -> str:
    """Returns `comma` for `,` and so on."""
    return _SEPARATOR_NAMES.get(separator, separator)
