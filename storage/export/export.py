"""Exports the corpus as a stream of rows: one row for each article or for each story.

A column that the import format also has means the same in both. `storage.export.formats` has a
module for each format, which describes how it writes the values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal, Unpack

from storage.archive.places import RecordingPlace
from storage.batches import ProgressCallback
from storage.database import Database
from storage.errors import CannotWrite, InvalidRequest
from storage.export.formats import (
    companions,
    csv_format,
    datasets,
    history_tables,
    jsonl_format,
    output_files,
    parquet,
    sqlite,
    warc,
    xlsx,
)
from storage.export.formats.columns import (
    ARTICLE_COLUMNS,
    FOREIGN_FIELD_NAMES,
    STORY_COLUMNS,
    Column,
    rename_columns,
)
from storage.export.formats.selection import ExportFilters, Selection, open_selection
from storage.rights import TextLevel

ExportFormat = Literal["jsonl", "csv", "xlsx", "parquet", "sqlite", "datasets", "warc"]
_COMPRESSED_FORMATS = ("warc", "parquet", "xlsx")
_ROWS_PER_PROGRESS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Options of an export.

    `field_names`: `newsplease` or `mediacloud` gives the columns the names of that project.
    `partition`: write Parquet files in a folder for each outlet and month. `bom`: begin CSV with a
    byte order mark, by which Excel recognizes UTF-8. `with_reports`: name the report that each
    article carries. `recordings`: the folders of WARC files and the archive, as in
    `storage.archive.places`. `with_companions`: also write the tables of
    `storage.export.formats.history_tables`, as tables or as companion files. `declared_rights`: what
    outlets declare today, by their names; an export has no more of a text than this allows either.
    `limit`: at most so many articles, or stories with `collapse`: those with the lowest ids.
    `on_problem`: called with one line for each recorded page that cannot be copied, and the others
    are copied; without it, such a page is an error and nothing is written.
    """

    field_names: str | None = None
    partition: bool = False
    bom: bool = False
    with_reports: bool = True
    recordings: Sequence[RecordingPlace] = ()
    with_companions: bool = True
    declared_rights: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    on_problem: Callable[[str], None] | None = None


def export(
    database: Database,
    out: Path | IO[bytes],
    *,
    format: ExportFormat = "jsonl",
    collapse: bool = False,
    text: TextLevel = "full",
    progress: ProgressCallback | None = None,
    options: ExportOptions | None = None,
    **filters: Unpack[ExportFilters],
) -> int:
    """Writes the articles that pass the filters. Returns the number of rows, or of pages for WARC.

    `out`: a path or a binary stream. A path that ends in `.gz` or `.zst` is compressed. The file
    appears under its name only when it is complete. `collapse`: write a row for each story instead.
    `text`: how much of each text to write, and never more than the rights of the outlet allow.
    `progress`: called every 50 rows and at the end, but not for WARC, with the number of rows
    written and of articles that pass (an upper bound with `collapse`).

    Raises CannotWrite if the file cannot be written, MissingLibrary if the format needs a library
    that is not installed, InvalidRequest if options do not fit together, and the errors of
    `open_selection`.
    """
    options = options or ExportOptions()
    _check_options(out, format, collapse, options)
    reports = options.with_reports or filters.get("report") is not None
    with open_selection(
        database,
        text=text,
        reports=reports,
        declared_rights=options.declared_rights,
        **filters,
    ) as selection:
        if options.limit is not None:
            selection = selection.limited(options.limit, by_story=collapse)
        if format == "xlsx" and not collapse:
            xlsx.check_row_count(selection.count_up_to(xlsx.MAX_ROWS))
        progress_counter = _ProgressCounter(progress, selection.count() if progress else 0)
        if isinstance(out, Path):
            companion_tables = (
                history_tables.build_history_tables(selection, filters.get("outlet"))
                if options.with_companions
                else {}
            )
            return _write_path(
                selection, out, format, collapse, options, progress_counter, companion_tables
            )
        return _write_stream(selection, out, format, collapse, options, progress_counter)


@dataclass(frozen=True, slots=True)
class _ProgressCounter:
    """Yields the rows it gets and calls `progress` with their number."""

    progress: ProgressCallback | None
    total: int

    def __call__(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        done = 0
        for done, row in enumerate(rows, start=1):
            yield row
            if self.progress and done % _ROWS_PER_PROGRESS == 0:
                self.progress(done, self.total)
        if self.progress:
            self.progress(done, self.total)


def _check_options(
    out: Path | IO[bytes], format: ExportFormat, collapse: bool, options: ExportOptions
) -> None:
    """Raises InvalidRequest for unknown field names and for options that do not fit together."""
    if options.field_names is not None and options.field_names not in FOREIGN_FIELD_NAMES:
        raise InvalidRequest(
            f"no such field names: {options.field_names}; there are {', '.join(FOREIGN_FIELD_NAMES)}"
        )
    if options.partition and (format != "parquet" or collapse):
        raise InvalidRequest("only articles in Parquet can be partitioned by outlet and month")
    if not isinstance(out, Path) and (options.partition or format in ("sqlite", "datasets")):
        raise InvalidRequest(f"{format} needs a name to write to: it is not one stream of bytes")
    if format == "warc" and (collapse or not options.recordings):
        raise InvalidRequest("a WARC file holds pages of articles: export without --collapse")
    if format in ("parquet", "datasets"):
        parquet.import_pyarrow()


def _write_path(
    selection: Selection,
    out: Path,
    format: ExportFormat,
    collapse: bool,
    options: ExportOptions,
    progress_counter: _ProgressCounter,
    companion_tables: Mapping[str, companions.Rows],
) -> int:
    if format == "sqlite":
        with output_files.atomic_file(out) as part_path:
            return sqlite.write(
                part_path,
                {**_selected_tables(selection, collapse, progress_counter), **companion_tables},
            )
    if format == "datasets":
        with output_files.atomic_folder(out) as part_path:
            return datasets.write(
                part_path,
                {**_selected_tables(selection, collapse, progress_counter), **companion_tables},
            )
    if options.partition:
        with output_files.atomic_folder(out) as part_path:
            rows = progress_counter(selection.iter_articles(by_outlet=True))
            row_count = parquet.write_partitions(part_path, ARTICLE_COLUMNS, rows)
            companions.write_companions(
                part_path / f"{companions.PARTITIONED}.parquet",
                companion_tables,
                is_warc=False,
                writer=parquet.write,
            )
            return row_count
    # Each record of a WARC file is compressed on its own, so the file name does not matter.
    with output_files.open_output(out, compress=format not in _COMPRESSED_FORMATS) as file:
        row_count = _write_stream(selection, file, format, collapse, options, progress_counter)
    companions.write_companions(
        out, companion_tables, is_warc=format == "warc", writer=_choose_writer(format, options)
    )
    return row_count


def _write_stream(
    selection: Selection,
    file: IO[bytes],
    format: ExportFormat,
    collapse: bool,
    options: ExportOptions,
    progress_counter: _ProgressCounter,
) -> int:
    if format == "warc":
        return warc.write(file, selection, options.recordings, options.on_problem or _refuse_page)
    columns = STORY_COLUMNS if collapse else ARTICLE_COLUMNS
    rows = progress_counter(selection.iter_stories() if collapse else selection.iter_articles())
    renamed = rename_columns(columns, options.field_names)
    return _choose_writer(format, options)(file, renamed, _rename_rows(rows, columns, renamed))


def _refuse_page(problem: str) -> None:
    raise CannotWrite(f"a page cannot be copied: {problem}")


def _choose_writer(format: ExportFormat, options: ExportOptions) -> companions.TableWriter:
    """Returns the function that writes the rows of a table into a file."""
    if format == "csv":
        return partial(csv_format.write, bom=options.bom)
    writers: dict[str, companions.TableWriter] = {"parquet": parquet.write, "xlsx": xlsx.write}
    return writers.get(format, jsonl_format.write)


def _rename_rows(
    rows: Iterable[dict[str, Any]], columns: tuple[Column, ...], renamed: tuple[Column, ...]
) -> Iterable[dict[str, Any]]:
    """Renames the columns of the rows."""
    if renamed == columns:
        return rows
    pairs = [(old.name, new.name) for old, new in zip(columns, renamed, strict=True)]
    return ({new: row[old] for old, new in pairs} for row in rows)


def _selected_tables(
    selection: Selection, collapse: bool, progress_counter: _ProgressCounter
) -> dict[str, Iterable[dict[str, Any]]]:
    if collapse:
        return {"stories": progress_counter(selection.iter_stories())}
    return {
        "articles": progress_counter(selection.iter_articles()),
        "stories": selection.iter_stories(),
        "relations": selection.iter_relations(),
    }
