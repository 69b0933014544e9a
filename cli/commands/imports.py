"""`nkwire import`: stores articles from files."""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import ExitCode, UserError
from cli.options import (
    PANEL_IMPORT_EXPORT,
    DatabaseOption,
    JsonOption,
    examples,
    load_config,
    open_database,
    store_outlet_ranks,
)
from cli.service.free_space import refuse_without_space
from cli.show.printing import format_counts, print_json, print_warning, progress
from storage.counts import Count
from storage.guard.addresses import NOT_WEB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

    from storage import Database
    from storage.importers.import_numbers import ImportNumbers
    from storage.records import Article

commands = typer.Typer(rich_markup_mode="rich")

BATCH = 100


@commands.command(
    "import",
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples("nkwire import articles.jsonl.gz", "nkwire import corpus/ --json"),
)
def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE.jsonl[.gz]...", help="Files, or folders of files."),
    ],
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Import articles that are already extracted, from JSON lines, JSON, CSV or Parquet.

    Reads exports of nkwire, news-please, Fundus and Media Cloud, and any file with the fields url,
    title and text.

    An export of nkwire brings its decisions and keeps its numbers if the database is empty.

    Importing a line twice changes nothing. Another title or text for a known URL becomes a new
    version.
    """
    from storage.importers.import_numbers import ImportNumbers
    from storage.reports.working_out import work_out

    files = _files(paths)
    outcome_counts, causes = Counter[str](), Counter[str]()
    config = load_config()
    refuse_without_space(config, config.resolved_database_url(database))
    with open_database(database, create=True) as opened:
        store_outlet_ranks(opened)
        numbers = ImportNumbers.open(opened, files)
        for file in files:
            _import_file(opened, file, outcome_counts, causes, numbers)
        if numbers:
            numbers.finish(opened, files)
        work_out(opened)
    counts = {outcome: outcome_counts[outcome] for outcome in ("new", "edited", "unchanged")}
    counts[Count.REJECTED] = causes.total()
    if as_json:
        print_json({**counts, "causes": causes})
    else:
        summary = ", ".join(f"{number:,} {outcome}" for outcome, number in counts.items())
        print(f"{summary} ({format_counts(causes)})" if causes else summary)
    return ExitCode.PARTIAL if causes else ExitCode.OK


def _files(paths: list[Path]) -> list[Path]:
    """Returns the files, those of a folder sorted by name.

    Raises UserError for a missing file or a folder without importable files.
    """
    from storage.export.formats.companions import is_companion
    from storage.importers.files import IMPORT_SUFFIXES, import_suffix

    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            importable = (
                file for file in path.rglob("*") if import_suffix(file) and file.is_file()
            )
            folder_files = sorted(file for file in importable if not is_companion(file))
            if not folder_files:
                raise UserError(f"{path}: no {', '.join(IMPORT_SUFFIXES)} file in this folder")
            files += folder_files
        elif path.is_file():
            files.append(path)
        else:
            raise UserError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    return files


def _import_file(
    database: "Database",
    file: Path,
    outcome_counts: Counter[str],
    causes: Counter[str],
    numbers: "ImportNumbers | None",
) -> None:
    with progress() as bar:
        articles = _iter_articles(file, causes, bar)
        while batch := list(islice(articles, BATCH)):
            receipts = database.save(batch, highest=numbers.highest if numbers else None)
            if numbers:
                numbers.record(batch, receipts)
            for article, receipt in zip(batch, receipts, strict=True):
                outcome_counts[receipt.outcome] += 1
                if receipt.reason:
                    _report_rejected(f"{file}: {article.url}", receipt.reason, causes)


def _iter_articles(file: Path, causes: Counter[str], bar: "Progress") -> "Iterator[Article]":
    """Yields the articles of a file. Prints and counts the lines that are rejected."""
    from crawler.registry import outlet_for
    from storage.importers.files import read_articles
    from storage.importers.jsonl_reader import BadLine

    no_addresses, first = 0, ""
    task = bar.add_task(f"importing {file.name}", total=None)
    for line in read_articles(
        file,
        outlet_from_url=lambda url: outlet_for(url).name,
        progress=lambda done, total: bar.update(task, completed=done, total=total),
    ):
        if isinstance(line, BadLine):
            _report_rejected(f"{file}:{line.number}", line.reason, causes)
            if line.reason.startswith(NOT_WEB):
                no_addresses += 1
                first = first or f"{line.reason.removeprefix(NOT_WEB)[2:]} in row {line.number}"
        else:
            yield line
    _report_no_addresses(file, no_addresses, first)


def _report_rejected(location: str, reason: str, causes: Counter[str]) -> None:
    cause = reason.partition(":")[0]
    causes[cause] += 1
    if cause != NOT_WEB:
        print_warning(f"{location}: {reason}")


def _report_no_addresses(file: Path, number: int, first: str) -> None:
    """Prints one line for all rows of a file whose address is no http(s) address."""
    if number:
        print_warning(f"{file}: {number:,} left out: {NOT_WEB}, the first is {first}")
