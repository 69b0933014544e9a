"""How the command prints: tables for people, JSON for programs, one clear line for what is wrong."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

EMPTY_CELL = "–"
PIPE_WIDTH = 160
# Controls, bidirectional marks and overrides, lone surrogates.
_CONTROL_CHARS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def console() -> Console:
    """Standard output for people: colours on a terminal only, wide lines into a pipe."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def progress() -> Progress:
    """A bar on standard error while something long goes on; nothing where nobody looks."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def print_json(value: object) -> None:
    """One JSON document; the rows of a list stand on lines of their own."""
    if isinstance(value, list):
        rows = ",\n".join(dumps(row) for row in value)
        print(f"[\n{rows}\n]" if rows else "[]")
    else:
        print(dumps(value, indent=2))


def dumps(value: object, indent: int | None = None) -> str:
    """JSON with real letters; times as ISO 8601 in UTC."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_json_default)


def _json_default(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table, one line a row. A column named `>x` holds numbers, `~x` text that may be cut short."""
    out = console()
    table = Table(box=None, pad_edge=False, expand=any(name[:1] == "~" for name in columns))
    for name in columns:
        table.add_column(
            name.lstrip(">~"),
            justify="right" if name[:1] == ">" else "left",
            ratio=1 if name[:1] == "~" else None,
            overflow="ellipsis",
            no_wrap=True,
        )
    for row in rows:
        table.add_row(*(Text(format_value(cell)) for cell in row))
    with out.capture() as drawn:
        out.print(table)
    print("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def format_value(value: object) -> str:
    """A value as people read it in one line. What comes from pages cannot steer the terminal."""
    if value is None or value == "":
        return EMPTY_CELL
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return printable(" ".join(str(value).split()))


def printable(text: str) -> str:
    """Text without control characters: ESC, NUL, bidirectional overrides become visible escapes."""
    return "".join(
        character
        if character in "\n\t" or not _CONTROL_CHARS.match(character)
        else ascii(character)[1:-1]
        for character in text
    )


def format_counts(counts: Mapping[str, int]) -> str:
    """Counts by cause in one line, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {cause}" for cause, number in ordered if number) or "nothing"


def print_warning(line: str) -> None:
    """One line on standard error about a piece of input that was left out."""
    print(printable(" ".join(line.split())), file=sys.stderr)


def print_note(line: str) -> None:
    """One line on standard error about what was done, where standard output is for data."""
    print(printable(line), file=sys.stderr)
