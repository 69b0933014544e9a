"""Prints tables for people, JSON for programs, and one clear line for each problem."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.clean import format_utc, printable
from storage.stated_time import StatedTime

if TYPE_CHECKING:
    from rich.progress import Progress

EMPTY_CELL = "–"
PIPE_WIDTH = 160


def console() -> Console:
    """Returns standard output for people: colours on a terminal only, wide lines into a pipe."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def progress() -> "Progress":
    """Returns a progress bar on standard error; invisible if that is no terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

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
    """Prints one JSON document; a list has one line for each row."""
    if isinstance(value, list):
        rows = ",\n".join(dumps(row) for row in value)
        print(f"[\n{rows}\n]" if rows else "[]")
    else:
        print(dumps(value, indent=2))


def dumps(value: object, indent: int | None = None) -> str:
    """Returns JSON with non-ASCII letters as they are, and times as ISO 8601 in UTC."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_json_default)


def _json_default(value: object) -> object:
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table with one line for each row.

    A column named `>x` holds numbers, `~x` holds text that may be cut short.
    """
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
    """Returns a value as one line for people: times in UTC to the minute, days as dates.

    Text from pages cannot control the terminal.
    """
    if value is None or value == "":
        return EMPTY_CELL
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, StatedTime):
        return value.as_words()
    return printable(" ".join(str(value).split()))


def format_counts(counts: Mapping[str, int]) -> str:
    """Returns counts by cause on one line, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {cause}" for cause, number in ordered if number) or "nothing"


def print_warning(line: str) -> None:
    """Prints one line on standard error about input that was left out."""
    print(printable(" ".join(line.split())), file=sys.stderr)


def print_note(line: str) -> None:
    """Prints one line on standard error about what was done; standard output is for data."""
    print(printable(line), file=sys.stderr)
