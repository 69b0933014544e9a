"""`nkwire import`: stores articles from files."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.imported_outlets import ImportedOutlets
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
from cli.show.printing import format_counts, print_json, print_note, print_warning, progress
from cli.show.unread_dates import UnreadDates
from storage.counts import Count
from storage.guard.addresses import NOT_WEB
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from storage import Database
    from storage.importers.import_numbers import ImportNumbers
    from storage.importers.shared_addresses import SharedAddresses
    from storage.importers.tables.form import TableOptions
    from storage.records import Article

commands = typer.Typer(rich_markup_mode="rich")

BATCH = 250
_LOCK_OF_EXCEL = "~$"
# Printed behind a number, as other causes are: `2 no rows in the file`.
_REFUSED_TABLE = "no articles in the table"
_EMPTY_FILE = "no rows in the file"
_STORED_OUTCOMES = ("new", "edited", "unchanged")


@dataclass(slots=True)
class _Findings:
    """What the rows of all files of a command are, beside what became of them."""

    outlets: ImportedOutlets
    causes: Counter[str]
    dates: UnreadDates = field(default_factory=UnreadDates)
    shared_addresses: int = 0


@commands.command(
    "import",
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples(
        "nkwire import articles.jsonl.gz",
        "nkwire import bigkinds.xlsx",
        "nkwire import articles.csv --encoding cp949",
        "nkwire import corpus/ --json",
        "nkwire import --later dump.parquet && nkwire recluster",
    ),
)
def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE.jsonl[.gz]...", help="Files, or folders of files."),
    ],
    encoding: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Encoding of the CSV files, such as cp949. By default nkwire recognises it.",
        ),
    ] = "",
    separator: Annotated[
        str,
        typer.Option(
            metavar="CHAR",
            help=r"What separates the cells of the CSV files: a character, or \t for a tab.",
        ),
    ] = "",
    later: Annotated[
        bool,
        typer.Option(
            "--later",
            help="Compare the new articles later: `nkwire recluster` places all of them at once.",
        ),
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Import articles that are already extracted, from JSON lines, JSON, CSV, Excel or Parquet.

    Reads exports of nkwire, news-please, Fundus, Media Cloud, BIGKinds and Factiva, and any file
    with the fields url, title and text. CSV may have any usual encoding and separator.

    An export of nkwire brings its decisions and keeps its numbers if the database is empty. With
    --later, its stories and reports get new numbers.

    Importing a line twice changes nothing. Another title or text for a known URL becomes a new
    version.
    """
    from crawler.registry import outlets
    from storage.garbage import collect_seldom
    from storage.importers.import_numbers import ImportNumbers
    from storage.index.unplaced import count_unplaced, describe_unplaced
    from storage.reports.working_out import work_out

    collect_seldom()
    outcome_counts, causes = Counter[str](), Counter[str]()
    options = _table_options(encoding, separator)
    files = _files(paths, options, causes)
    config = load_config()
    refuse_without_space(config, config.resolved_database_url(database))
    with open_database(database, create=True) as opened:
        store_outlet_ranks(opened)
        findings = _Findings(ImportedOutlets(opened.outlets.names(), outlets()), causes)
        try:
            numbers = ImportNumbers.open(opened, files, options)
            for file in files:
                _import_file(
                    opened, file, options, outcome_counts, numbers, findings, places=not later
                )
            if numbers:
                numbers.finish(opened, files, places=not later)
            work_out(opened)
            unplaced = opened.read(count_unplaced)
        except KeyboardInterrupt:
            stored = sum(outcome_counts[outcome] for outcome in _STORED_OUTCOMES)
            print_note(f"{stored:,} stored; run it again to go on")
            raise
    counts = {outcome: outcome_counts[outcome] for outcome in _STORED_OUTCOMES}
    counts[Count.REJECTED] = causes.total()
    if as_json:
        print_json(
            {
                **counts,
                "causes": causes,
                "dates_left_out": findings.dates.total,
                "shared_addresses": findings.shared_addresses,
                "not_placed": unplaced,
            }
        )
    else:
        summary = ", ".join(f"{number:,} {outcome}" for outcome, number in counts.items())
        print(f"{summary} ({format_counts(causes)})" if causes else summary)
        if line := describe_unplaced(unplaced):
            print_note(line)
    is_partial = causes or findings.dates.total or findings.shared_addresses
    return ExitCode.PARTIAL if is_partial else ExitCode.OK


def _files(paths: list[Path], options: "TableOptions", causes: Counter[str]) -> list[Path]:
    """Returns the files, those of a folder sorted by name.

    Raises UserError for a missing file or a folder without importable files, and TableRefused for a
    named table without articles. Such a table in a folder is reported and left out.
    """
    from storage.importers.files import check_files

    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += _folder_files(path, options, causes)
        elif path.is_file():
            check_files([path], options)
            files.append(path)
        else:
            raise UserError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    return files


def _folder_files(folder: Path, options: "TableOptions", causes: Counter[str]) -> list[Path]:
    from storage.export.formats.companions import is_companion
    from storage.importers.files import IMPORT_SUFFIXES, check_files, import_suffix
    from storage.importers.tables.form import TableRefused

    files = []
    importable = (file for file in folder.rglob("*") if import_suffix(file) and file.is_file())
    for file in sorted(importable):
        if is_companion(file) or file.name.startswith(_LOCK_OF_EXCEL):
            continue
        try:
            check_files([file], options)
            files.append(file)
        except TableRefused as refusal:
            print_warning(str(refusal))
            causes[_REFUSED_TABLE] += 1
    if not files:
        raise UserError(
            f"{folder}: no {', '.join(IMPORT_SUFFIXES)} file of articles in this folder"
        )
    return files


def _table_options(encoding: str, separator: str) -> "TableOptions":
    """Raises UserError for a name that is no encoding, and for more than one character."""
    from storage.importers.tables.encodings import check_encoding
    from storage.importers.tables.form import TableOptions

    separator = "\t" if separator in ("\\t", "tab") else separator
    if len(separator) > 1 or separator in ('"', "\n", "\r"):
        raise UserError(f"--separator {separator!r}: one character, such as ; or \\t")
    known_encoding = check_encoding(encoding) if encoding else ""
    if encoding and not known_encoding:
        raise UserError(f"--encoding {encoding!r}: not known; try utf-8, cp949, cp932 or cp1251")
    return TableOptions(known_encoding, separator)


def _import_file(
    database: "Database",
    file: Path,
    options: "TableOptions",
    outcome_counts: Counter[str],
    numbers: "ImportNumbers | None",
    findings: _Findings,
    *,
    places: bool,
) -> None:
    with progress(shows_numbers=False) as bar:
        task = bar.add_task(f"importing {file.name}", total=None)
        articles = _iter_articles(file, options, bar, task, findings)
        number = 0
        while batch := list(islice(articles, BATCH)):
            receipts = database.save(
                batch, highest=numbers.highest if numbers else None, places=places
            )
            if numbers:
                numbers.record(batch, receipts)
            for article, receipt in zip(batch, receipts, strict=True):
                outcome_counts[receipt.outcome] += 1
                if receipt.reason:
                    _report_rejected(f"{file}: {article.url}", receipt.reason, findings.causes)
            number += len(batch)
            bar.update(
                task, description=f"importing {file.name}: {format_count(number, 'article')}"
            )


def _iter_articles(
    file: Path,
    options: "TableOptions",
    bar: "Progress",
    task: "TaskID",
    findings: _Findings,
) -> "Iterator[Article]":
    """Yields the articles of a file. Prints and counts the lines that are rejected."""
    from crawler.registry import outlet_for
    from storage.importers.files import read_numbered_articles
    from storage.importers.jsonl_reader import BadLine
    from storage.importers.shared_addresses import SharedAddresses

    no_addresses, first, last_number = 0, "", 0
    addresses = SharedAddresses()
    for number, line in read_numbered_articles(
        file,
        outlet_from_url=lambda url: outlet_for(url).name,
        progress=lambda done, total: bar.update(task, completed=done, total=total),
        options=options,
    ):
        is_version, last_number = number == last_number, number
        if isinstance(line, BadLine):
            _report_rejected(f"{file}:{line.number}", line.reason, findings.causes)
            if line.reason.startswith(NOT_WEB):
                no_addresses += 1
                first = first or f"{line.reason.removeprefix(NOT_WEB)[2:]} in row {line.number}"
        else:
            findings.dates.add(line)
            article = findings.outlets.rename(line)
            if not is_version:
                addresses.add(number, article)
            yield article
    if not last_number:
        print_warning(f"{file}: this file has no rows")
        findings.causes[_EMPTY_FILE] += 1
    _report_no_addresses(file, no_addresses, first)
    _report_shared_addresses(file, addresses, findings)
    findings.outlets.report(file)
    findings.dates.report(file)


def _report_rejected(location: str, reason: str, causes: Counter[str]) -> None:
    cause = reason.partition(":")[0]
    causes[cause] += 1
    if cause != NOT_WEB:
        print_warning(f"{location}: {reason}")


def _report_no_addresses(file: Path, number: int, first: str) -> None:
    """Prints one line for all rows of a file whose address is no http(s) address."""
    if number:
        print_warning(f"{file}: {number:,} left out: {NOT_WEB}, the first is {first}")


def _report_shared_addresses(file: Path, addresses: "SharedAddresses", findings: _Findings) -> None:
    """Prints one line for all rows of a file that have the address of another row."""
    if not addresses.count:
        return
    findings.shared_addresses += addresses.count
    some = f"{format_count(addresses.count, 'row')} {'has' if addresses.count == 1 else 'have'}"
    first = f"the first is row {addresses.first_row}: {addresses.first_url}"
    print_warning(
        f"{file}: {some} the address of another row of this file ({first}):"
        " such rows are stored as versions of one article"
    )
