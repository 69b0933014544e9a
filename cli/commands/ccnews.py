"""`nkwire ccnews`: imports pages about North Korea from Common Crawl's CC-NEWS archives."""

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.names import check_outlet_names
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
from cli.show.printing import format_counts, print_json, print_note, print_warning
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from crawler.recorded.ccnews import ImportedFile

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples(
        "nkwire ccnews CC-NEWS-20260301*.warc.gz --processes 4",
        "nkwire ccnews CC-NEWS-20260301*.warc.gz --any-host",
    ),
)
def ccnews(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.warc.gz...")],
    outlet: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this outlet. Repeat for several.")
    ] = None,
    any_host: Annotated[
        bool, typer.Option("--any-host", help="Also pages of undeclared outlets.")
    ] = False,
    any_topic: Annotated[
        bool, typer.Option("--any-topic", help="Also pages that do not concern North Korea.")
    ] = False,
    processes: Annotated[
        int, typer.Option(min=1, max=2**31 - 1, help="Number of files read at the same time.")
    ] = max(1, min(4, os.cpu_count() or 1)),
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Import pages about North Korea from Common Crawl's CC-NEWS files.

    A stopped import continues where it stopped.
    """
    from crawler.processes.machine_limits import require_means_of_children
    from crawler.recorded.ccnews import PageFilter, import_files

    for file in files:
        if not file.is_file():
            raise UserError(f"{file}: no such file")
    page_filter = PageFilter(
        outlets=frozenset(_check_names(outlet or [], any_host)),
        any_host=any_host,
        any_topic=any_topic,
    )
    require_means_of_children()
    config = load_config()
    refuse_without_space(config, config.resolved_database_url(database))
    with open_database(database, create=True) as opened:
        store_outlet_ranks(opened)
    imported_files = import_files(
        files,
        config.resolved_database_url(database),
        config.home / "ccnews",
        page_filter,
        processes=min(processes, len(files)),
        kernel=config.kernel,
        on_file=None if as_json else _print_file_counts,
    )
    if as_json:
        print_json(
            [
                {"file": each.file, "counts": each.counts, "problems": each.problems}
                for each in imported_files
            ]
        )
    for imported in imported_files:
        for problem in imported.problems:
            print_warning(f"{imported.file}: {problem}")
    return ExitCode.PARTIAL if any(each.problems for each in imported_files) else ExitCode.OK


def _check_names(names: list[str], any_host: bool) -> list[str]:
    """Raises UserError for an undeclared outlet. With `any_host`, the name may be a domain."""
    domains = [name for name in names if any_host and "." in name]
    return [*domains, *check_outlet_names([name for name in names if name not in domains])]


def _print_file_counts(imported: "ImportedFile") -> None:
    from storage.records import STORED_COUNTS

    stored = Counter(
        {
            outcome.value: imported.counts[count]
            for outcome, count in STORED_COUNTS.items()
            if count in imported.counts
        }
    )
    print_note(
        f"{imported.file}: {format_count(imported.counts['pages'], 'page')}, {format_counts(stored)}"
    )
