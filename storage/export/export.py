"""The corpus out, as a stream: one row an article, or one row a story, in the format that is asked for.

Names of columns that are also in the import form mean the same there. `storage.export.formats` has a module
for each format, which says how values look in it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal, Unpack

from storage.database import Database
from storage.errors import StorageError
from storage.export.formats import (
    beside,
    chronicle,
    datasets,
    lines,
    parquet,
    sqlite,
    table,
    target,
    warc,
)
from storage.export.formats.columns import ARTICLE, FIELD_NAMES, STORY, Column, renamed
from storage.export.formats.selection import Selection, Text, Wanted, selected

Format = Literal["jsonl", "csv", "parquet", "sqlite", "datasets", "warc"]
Progress = Callable[[int, int], None]

_EVERY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an export looks. `fields`: whose names the columns have, `newsplease` or `mediacloud`.

    `partition`: Parquet in a folder for each outlet and month. `bom`: CSV that Excel knows for UTF-8.
    `reports`: work out which report each article carries; it costs 2 ms for each that may carry one.
    `recordings`: the folder that WARC file names are relative to. `beside`: what was edited, what
    vanished, and when nobody looked go along, in tables or files of their own.
    """

    fields: str | None = None
    partition: bool = False
    bom: bool = False
    reports: bool = True
    recordings: Path | None = None
    beside: bool = True


def export(
    database: Database,
    out: Path | IO[bytes],
    *,
    format: Format = "jsonl",
    collapse: bool = False,
    text: Text = "full",
    progress: Progress | None = None,
    shape: Shape | None = None,
    **wanted: Unpack[Wanted],
) -> int:
    """Write the articles that pass the filters, or with `collapse` their stories; returns the rows.

    A path that ends in `.gz` or `.zst` is packed; it appears only when it is whole. `text`: how much
    of the words to give away; never more than the outlet's rights allow. `progress` is called now
    and then with the rows written and their total (with `collapse` at most so many). Raises
    CannotWrite, MissingLibrary, query.BadQuery, NotFound.
    """
    shape = shape or Shape()
    _check(out, format, collapse, shape)
    reports = shape.reports or wanted.get("report") is not None
    with selected(database, text=text, reports=reports, **wanted) as selection:
        counted = _Counted(progress, selection.count() if progress else 0)
        if isinstance(out, Path):
            told = chronicle.chronicle(selection, wanted.get("outlet")) if shape.beside else {}
            return _to_path(selection, out, format, collapse, shape, counted, told)
        return _to_file(selection, out, format, collapse, shape, counted)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Passes rows on and tells how many they were."""

    progress: Progress | None
    total: int

    def __call__(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        done = 0
        for done, row in enumerate(rows, start=1):
            yield row
            if self.progress and done % _EVERY == 0:
                self.progress(done, self.total)
        if self.progress:
            self.progress(done, self.total)


def _check(out: Path | IO[bytes], format: Format, collapse: bool, shape: Shape) -> None:
    """Raises StorageError for what cannot be had together, before anything is read."""
    if shape.fields is not None and shape.fields not in FIELD_NAMES:
        raise StorageError(
            f"no such field names: {shape.fields}; there are {', '.join(FIELD_NAMES)}"
        )
    if shape.partition and (format != "parquet" or collapse):
        raise StorageError("only articles in Parquet can be partitioned by outlet and month")
    if not isinstance(out, Path) and (shape.partition or format in ("sqlite", "datasets")):
        raise StorageError(f"{format} needs a name to write to: it is not one stream of bytes")
    if format == "warc" and (collapse or shape.recordings is None):
        raise StorageError("a WARC file holds pages of articles: export without --collapse")
    if format in ("parquet", "datasets"):
        parquet.pyarrow()


def _to_path(
    selection: Selection,
    out: Path,
    format: Format,
    collapse: bool,
    shape: Shape,
    counted: _Counted,
    told: Mapping[str, beside.Rows],
) -> int:
    if format == "sqlite":
        with target.new_file(out) as part:
            return sqlite.write(part, {**_tables(selection, collapse, counted), **told})
    if format == "datasets":
        with target.new_folder(out) as part:
            return datasets.write(part, {**_tables(selection, collapse, counted), **told})
    if shape.partition:
        with target.new_folder(out) as part:
            rows = counted(selection.articles(by_outlet=True))
            done = parquet.write_folder(part, ARTICLE, rows)
            # Readers of a folder pass over names that begin so.
            beside.write(part / "_.parquet", told, pages=False, how=parquet.write)
            return done
    # The members of a WARC file are packed one by one, whatever its name.
    with target.opened(out, pack=format not in ("warc", "parquet")) as file:
        done = _to_file(selection, file, format, collapse, shape, counted)
    beside.write(out, told, pages=format == "warc", how=_writer(format, shape))
    return done


def _to_file(
    selection: Selection,
    file: IO[bytes],
    format: Format,
    collapse: bool,
    shape: Shape,
    counted: _Counted,
) -> int:
    if format == "warc" and shape.recordings is not None:
        copied = warc.write(file, selection, shape.recordings)
        if copied.missing:
            causes = ", ".join(f"{number:,}: {cause}" for cause, number in copied.missing.items())
            raise StorageError(f"{copied.missing.total():,} pages cannot be copied ({causes})")
        return copied.pages
    columns = STORY if collapse else ARTICLE
    rows = counted(selection.stories() if collapse else selection.articles())
    named = renamed(columns, shape.fields)
    return _writer(format, shape)(file, named, _renamed(rows, columns, named))


def _writer(format: Format, shape: Shape) -> beside.Write:
    """What writes rows of one table into a file."""
    if format == "csv":
        return partial(table.write, bom=shape.bom)
    return parquet.write if format == "parquet" else lines.write


def _renamed(
    rows: Iterable[dict[str, Any]], columns: tuple[Column, ...], named: tuple[Column, ...]
) -> Iterable[dict[str, Any]]:
    """The rows under other names of their columns."""
    if named == columns:
        return rows
    pairs = [(old.name, new.name) for old, new in zip(columns, named, strict=True)]
    return ({new: row[old] for old, new in pairs} for row in rows)


def _tables(
    selection: Selection, collapse: bool, counted: _Counted
) -> dict[str, Iterable[dict[str, Any]]]:
    if collapse:
        return {"stories": counted(selection.stories())}
    return {
        "articles": counted(selection.articles()),
        "stories": selection.stories(),
        "relations": selection.relations(),
    }
