"""Opens the file that a command writes; `-` is standard output."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cli.errors import UserError
from cli.show.printing import binary_output, print_note


def is_standard_output(out: Path | str | None) -> bool:
    """Whether an output has no name, or the name `-`."""
    return out is None or str(out) == "-"


def output_of(out: Path | None) -> Path | IO[bytes]:
    """Returns the file to write, or the stream of standard output for None and `-`.

    Raises UserError if standard output is closed.
    """
    if out is not None and not is_standard_output(out):
        return out
    if getattr(sys.stdout, "name", "") == os.devnull:
        raise UserError("standard output is closed: name a file")
    sys.stdout.flush()  # what is printed before comes first
    return binary_output()


def check_one_result(*outs: Path | None, as_json: bool = False) -> None:
    """Raises UserError if more than one result would go to standard output, one after the other."""
    if [str(out) for out in outs].count("-") + as_json > 1:
        raise UserError("standard output takes one result: name a file for the other")


@contextmanager
def open_result(out: Path | None) -> Iterator[IO[bytes]]:
    """Opens the output of a command. A name that ends in `.gz` or `.zst` is compressed.

    None and `-` are standard output. Raises UserError if it is closed, and CannotWrite.
    """
    from storage.export.formats.output_files import open_output

    with open_output(output_of(out)) as file:
        yield file


def note_result(out: Path | str | None, content: str) -> None:
    """Says on standard error what a file contains. Standard output is not a file."""
    if not is_standard_output(out):
        print_note(f"{content} in {out}")


def write_page(file: Path, page: str, content: str) -> None:
    """Writes an HTML page and says on standard error what it contains. Raises as `open_result`."""
    with open_result(file) as output:
        output.write(page.encode("utf-8", "replace"))
    if not is_standard_output(file):
        print_note(f"{file}: {content}")
