"""`nkwire crawl` and `nkwire ingest`: read outlets and store their articles."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.recordings import require_archive
from cli.errors import ExitCode, UserError
from cli.options import (
    PANEL_COLLECT,
    DatabaseOption,
    JsonOption,
    Place,
    check_writable,
    day_range,
    examples,
    load_config,
    open_database,
    store_outlet_ranks,
)
from cli.service.archiving import archive_recordings
from cli.service.free_space import refuse_without_space
from cli.show.printing import print_note, print_warning
from cli.show.run_reports import (
    format_completeness,
    note_dry_run_article,
    print_dry_run_article,
    print_run_report,
)
from dedup.temporary_folder import temporary_folder
from storage.counts import Count
from storage.records import StopReason
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from crawler.crawl.options import CrawlOptions
    from storage.records import Run

CRAWL = "cli.service.tasks:crawl"

commands = typer.Typer(rich_markup_mode="rich")

VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Log every step.")]
ParallelOption = Annotated[
    int, typer.Option(min=1, max=64, help="Number of outlets read at the same time.")
]
CrawlSinceOption = Annotated[
    str,
    typer.Option(metavar="DATE", help="Store only articles published on this day (UTC) or later."),
]
CrawlUntilOption = Annotated[
    str,
    typer.Option(
        metavar="DATE", help="Store only articles published on this day (UTC) or earlier."
    ),
]


@commands.command(
    rich_help_panel=PANEL_COLLECT,
    epilog=examples(
        "nkwire crawl yonhap",
        "nkwire crawl kcna rodong --since 2025-09-01 --until 2025-09-05",
        "nkwire crawl sputnik --limit 5 --dry-run",
        "nkwire crawl kcna --since 2020-01-01 --workers elsewhere",
    ),
)
def crawl(
    outlets: Annotated[
        list[str],
        typer.Argument(
            metavar="OUTLET...", help="Names or groups, as in `nkwire outlets`; or language:ko."
        ),
    ],
    since: CrawlSinceOption = "",
    until: CrawlUntilOption = "",
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=2**31 - 1, help="Maximum number of article pages for each outlet."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Fetch and print articles, but store nothing.")
    ] = False,
    parallel: ParallelOption = 4,
    workers: Annotated[
        Place,
        typer.Option(
            help="With --since: who reads. `elsewhere` leaves each month to `nkwire worker` on some"
            " host, and returns at once."
        ),
    ] = Place.HERE,
    verbose: VerboseOption = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Read outlets once, now. Exits with 0 only if nothing was lost.

    With NKWIRE_ARCHIVE, copies the recordings there at the end; exits with 3 if that fails.

    With --since, the archive is read back to that day: sitemaps month by month, listings page by
    page. Stored articles are not fetched again, so the same command continues after a stop or a
    crash.
    """
    from crawler.chosen import select_outlets
    from crawler.crawl.options import CrawlOptions

    names = select_outlets(outlets)
    first, after = day_range(since, until)
    config = load_config()
    if workers is Place.ELSEWHERE:
        if first is None or limit is not None or dry_run:
            raise UserError("--workers elsewhere needs --since, and neither --limit nor --dry-run")
        return give_out_past(names, first, after, database)
    options = CrawlOptions(
        database_url=config.resolved_database_url(database),
        home=config.home,
        since=first,
        until=after,
        limit=limit,
        dry_run=dry_run,
        on_article=(note_dry_run_article if as_json else print_dry_run_article)
        if dry_run
        else None,
        settings={"LOG_LEVEL": "INFO" if verbose else config.log_level or "WARNING"},
    )
    if not dry_run:
        require_archive(config)
        refuse_without_space(config, options.database_url)
        ensure_database(database)
    runs = crawl_until_complete(names, options, parallel)
    interrupted = len({run.outlet for run in runs}) < len(names) or any(
        run.stop_reason is StopReason.INTERRUPTED for run in runs
    )
    for line in format_completeness(runs):
        print_note(line)
    if question := network_question(runs):
        print_warning(f"nkwire: {question}")
    code = print_run_report(runs, as_json=as_json)
    if not (dry_run or archive_recordings(config, options.database_url)):
        code = code or ExitCode.PARTIAL
    return ExitCode.INTERRUPTED if interrupted else code


@commands.command(
    rich_help_panel=PANEL_COLLECT,
    epilog=examples("nkwire ingest CC-NEWS-20250905.warc.gz", "nkwire ingest data/warc/*.warc.gz"),
)
def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.warc[.gz]...")],
    keep_all: Annotated[
        bool,
        typer.Option("--keep-all", help="Also store articles that do not concern North Korea."),
    ] = False,
    verbose: VerboseOption = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Read recorded pages from WARC files with the same spiders as a crawl.

    Pages of undeclared sites are read by generic extraction.
    """
    from cli.logs import configure_logging
    from crawler.crawl.options import CrawlOptions
    from crawler.processes.run import ingest as ingest_files

    problems: list[str] = []

    def report_problem(problem: str) -> None:
        problems.append(problem)
        print_warning(problem)

    existing_files = [file for file in files if file.is_file()]
    missing_files = sorted(set(files) - set(existing_files))
    if not existing_files:
        names = ", ".join(map(str, missing_files[:3])) + " ..." * (len(missing_files) > 3)
        raise UserError(f"{names}: {'not a file' if missing_files[0].exists() else 'no such file'}")
    for missing_file in missing_files:
        report_problem(f"{missing_file}: no such file")
    config = load_config()
    refuse_without_space(config, config.resolved_database_url(database))
    ensure_database(database)
    options = CrawlOptions(
        database_url=config.resolved_database_url(database),
        home=config.home,
        keep_all=keep_all,
        on_problem=report_problem,
    )
    level = "INFO" if verbose else config.log_level or "ERROR"
    configure_logging(level, log_format=config.log_format)
    code = print_run_report(ingest_files(existing_files, options), as_json=as_json)
    return code or (ExitCode.PARTIAL if problems else ExitCode.OK)


def give_out_past(
    names: Sequence[str], since: datetime, until: datetime | None, database: str
) -> int:
    """Gives a crawl of the past out as jobs of a month each, and returns the exit code.

    Raises InvalidRequest on SQLite, and MissingLibrary without procrastinate.
    """
    from crawler.fleet.extra import prepare_jobs, require_fleet
    from crawler.fleet.follow_up import months_between
    from crawler.registry import outlets
    from storage.fleet.orders import Order

    require_fleet(load_config().resolved_database_url(database))
    declared = outlets()
    months = months_between(since, until, datetime.now(UTC))
    orders = [
        Order(outlet=name, browser=declared[name].browser, since=first, until=after)
        for first, after in months
        for name in names
    ]
    with open_database(database, create=True) as opened:
        store_outlet_ranks(opened)
        prepare_jobs(opened)
        opened.jobs.order(orders)
        lines = opened.workers.status().lines()
    print_note(f"{format_count(len(orders), 'part')} given out; nkwire runs shows what was read")
    for line in lines:
        print_note(line)
    return ExitCode.OK


def ensure_database(option: str) -> None:
    """Creates the database if it is missing, so that child processes only open it.

    Uses NKWIRE_DEDUP_SEED and stores the outlets' agency ranks. Raises ConfigError if a setting
    is wrong, and UserError if NKWIRE_HOME is not writable.
    """
    check_writable(load_config().home)
    with open_database(option, create=True) as database:
        store_outlet_ranks(database)


def crawl_until_complete(
    names: Sequence[str], options: "CrawlOptions", parallel: int, task: str = CRAWL
) -> "list[Run]":
    """Runs each outlet, and with `since` repeats the run until no listed page is left.

    One run fetches a limited number of pages. Stored articles are not fetched again, so the same
    call continues after an interruption. `task` names the function that a child process runs.
    """
    import asyncio

    runs = asyncio.run(crawl_outlets(names, options, parallel, task))
    reads_archive = options.since is not None and options.limit is None and not options.dry_run
    pages_left = {run.outlet: run.counts.get(Count.LISTED_OVER, 0) for run in runs if reads_archive}
    while unfinished := [name for name, remaining in pages_left.items() if remaining]:
        print_note(
            f"going on with {', '.join(unfinished)}: {format_count(sum(pages_left.values()), 'page')} left"
        )
        new_runs = asyncio.run(crawl_outlets(unfinished, options, parallel, task))
        runs.extend(new_runs)
        pages_before, pages_left = pages_left, {}
        for run in new_runs:
            remaining = run.counts.get(Count.LISTED_OVER, 0)
            # A run that left as many pages as before would not get further next time.
            is_progress = remaining < pages_before[run.outlet]
            is_interrupted = run.stop_reason is StopReason.INTERRUPTED
            pages_left[run.outlet] = remaining if is_progress and not is_interrupted else 0
    return runs


async def crawl_outlets(
    names: Sequence[str], options: "CrawlOptions", parallel: int, task: str = CRAWL
) -> "list[Run]":
    """Runs each outlet once in its own child process and waits for all of them.

    At most `parallel` children run at the same time. SIGTERM and Ctrl-C stop them.
    """
    import asyncio

    from cli.service.live import show_crawl_progress, stopping_line
    from crawler.processes.children import ProcessLimits, ProcessPool
    from crawler.processes.machine_limits import require_means_of_children
    from crawler.processes.signals import on_stop_signal

    require_means_of_children()
    with temporary_folder() as folder:
        pool = ProcessPool(
            task,
            lambda name: replace(options, stat_file=folder / f"{name}.json"),
            ProcessLimits(parallel=parallel, deadline=math.inf),
        )
        reason = StopReason.INTERRUPTED

        def stop() -> object:
            print_note(f"nkwire: {stopping_line(len(pool.running))}")
            return asyncio.ensure_future(pool.stop(reason, "interrupted"))

        on_stop_signal(stop)
        progress_task = asyncio.create_task(show_crawl_progress(list(names), folder))
        results = await asyncio.gather(*(pool.run(name) for name in names))
        progress_task.cancel()
        await asyncio.gather(progress_task, return_exceptions=True)
    return [result.to_run() for result in results if result]


def network_question(runs: "Sequence[Run]") -> str:
    """Returns the question whether this machine's network is out, if no outlet of several answered."""
    from storage.health.network_watch import NetworkWatch

    watch = NetworkWatch()
    for run in runs:
        watch.observe(run, len(runs))
    return watch.question
