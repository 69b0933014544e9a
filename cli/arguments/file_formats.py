"""Chooses the format of a file by the last suffix of its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from cli.errors import UserError
from cli.show.outputs import is_standard_output

Format = TypeVar("Format", bound=StrEnum)

PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
_COMPRESSIONS = (".gz", ".zst")
_FORMAT_SUFFIXES = frozenset(
    [
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".ndjson",
        ".xlsx",
        ".xls",
        ".ods",
        ".parquet",
        ".sqlite",
        ".db",
        ".warc",
        ".html",
        ".htm",
        ".xhtml",
        ".svg",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".pdf",
        ".dot",
        ".gv",
        ".graphml",
        ".txt",
        ".xml",
    ]
)
_OTHER_COMPRESSIONS = (".bz2", ".xz", ".zip", ".lz4", ".7z", ".br")


@dataclass(frozen=True, slots=True)
class FormatNames(Generic[Format]):
    """The formats that a command can write, and the names of files by which it knows them.

    `suffixes`: in lower case, with the dot. `default`: for standard output, a pipe and a device.
    `packed`: the compressions that a format may have, `.gz` or `.zst`; a format that is left out is
    never compressed again.
    """

    suffixes: Mapping[str, Format]
    default: Format
    packed: Mapping[Format, Sequence[str]]

    def choose(self, out: Path | None, given: Format | None = None) -> Format:
        """Returns the format of an output: `given` (by --format), else the one of the last suffix.

        `out`: None or `-` is standard output. A suffix of compression is not the last one. Raises
        UserError for a name without a known suffix, and for a compression that the format has not.
        """
        from storage.export.formats.output_files import is_stream

        if out is None or is_standard_output(out) or is_stream(out):
            return given or self.default
        suffix, compression = _split(out)
        file_format = given or self.suffixes.get(suffix)
        if file_format is None or compression in _OTHER_COMPRESSIONS:
            raise UserError(f"{out}: {self._describe_unknown(suffix, compression)}")
        if compression and compression not in self.packed.get(file_format, ()):
            raise UserError(f"{out}: {file_format} is not written as {compression}: leave it out")
        return file_format

    def _describe_unknown(self, suffix: str, compression: str) -> str:
        names = ", ".join(self.suffixes)
        if compression in _OTHER_COMPRESSIONS:
            return f"there is no {compression} here: leave it out, or write .gz or .zst"
        if not suffix:
            return f"name the file with a suffix ({names}) or give --format"
        return f"there is no format {suffix} here: write {names}, or give --format"


def check_suffix(option: str, out: Path | None, *allowed: str) -> None:
    """Raises UserError if a file that has one format would get the suffix of another.

    `allowed`: the suffixes of the format, the usual one first. A name without a suffix of any
    format is allowed.
    """
    if out is None or is_standard_output(out):
        return
    suffix, compression = _split(out)
    if compression in _OTHER_COMPRESSIONS:
        raise UserError(f"{option} {out}: there is no {compression} here: leave it out")
    if suffix in _FORMAT_SUFFIXES and suffix not in allowed:
        raise UserError(f"{option} {out}: this is no {suffix} file: name it {allowed[0]}")


def _split(out: Path) -> tuple[str, str]:
    """Returns the last suffix of a name and the compression after it, both in lower case."""
    suffix = out.suffix.lower()
    if suffix in (*_COMPRESSIONS, *_OTHER_COMPRESSIONS):
        return Path(out.stem).suffix.lower(), suffix
    return suffix, ""
