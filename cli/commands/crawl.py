"""`nkwire run`, `nkwire crawl` and `nkwire ingest`: read outlets and store their articles."""

import math
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import ExitCode, UserError
from cli.options import (
    PANEL_COLLECT,
    DatabaseOption,
    JsonOption,
    check_writable,
    day_range,
    examples,
    load_config,
    open_database,
    store_outlet_ranks,
)
from cli.service.free_space import refuse_without_space
from cli.show.printing import (
    format_counts,
    format_value,
    print_json,
    print_note,
    print_table,
    print_warning,
)
from dedup.temporary_folder import temporary_folder
from storage.counts import Count
from storage.records import STORED_OUTCOMES, RunOutcome, StopReason

if TYPE_CHECKING:
    from cli.service.monitor import Monitor
    from crawler.crawl.options import CrawlOptions
    from storage.records import Article, Run

CRAWL = "cli.service.tasks:crawl"

commands = typer.Typer(rich_markup_mode="rich")
MAX_DEADLINE = 7 * 24 * 60  # minutes
MAX_MEMORY = 1 << 20  # MB

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
        "nkwire run",
        "nkwire run --once   # from cron, every few minutes",
        "nkwire run --port 9464   # /health and /metrics, on this machine only",
        "NKWIRE_DATABASE_URL=postgresql://localhost/nkwire nkwire run",
    ),
)
def run(
    once: Annotated[
        bool, typer.Option("--once", help="Read each outlet that is due once, then exit.")
    ] = False,
    parallel: ParallelOption = 4,
    deadline: Annotated[
        int,
        typer.Option(
            min=1, max=MAX_DEADLINE, metavar="MINUTES", help="Kill a run that takes longer."
        ),
    ] = 30,
    memory: Annotated[
        int,
        typer.Option(
            min=100, max=MAX_MEMORY, metavar="MB", help="Kill a run that uses more memory."
        ),
    ] = 600,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Serve /health and /metrics on this port."),
    ] = None,
    bind: Annotated[
        str, typer.Option(metavar="ADDRESS", help="With --port: the address to listen on.")
    ] = "127.0.0.1",
    verbose: VerboseOption = False,
    database: DatabaseOption = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="With --once: print the runs as JSON.")
    ] = False,
) -> int:
    """Run the service: read every outlet on its schedule until stopped.

    If several services use one database, the first one leads and the others stand by. SIGTERM and
    Ctrl-C stop the service cleanly.
    """
    import asyncio  # here and below: loading it takes a sixth of the command's help

    from cli.service.service import Service
    from crawler.processes.children import ProcessLimits
    from crawler.registry import outlets

    if once and port is not None:
        raise UserError("--port cannot be combined with --once")
    limits = ProcessLimits(parallel=parallel, deadline=deadline * 60.0, memory=memory << 20)
    monitor = None if port is None else _monitor(port, bind)
    config = load_config()
    url = config.resolved_database_url(database)
    service = Service(url, config, limits, CRAWL, outlets(), monitor)
    if not once:
        return asyncio.run(service.serve(verbose=verbose))
    runs = asyncio.run(service.run_once(verbose=verbose))
    if runs is None:
        print_note("another nkwire serves this database: nothing to do")
        return ExitCode.OK
    code = print_run_report(runs, as_json=as_json)
    if service.unread_line:
        print_warning(f"nkwire: {service.unread_line}")
        code = ExitCode.STORAGE_FAILURE if service.lacks_storage else ExitCode.FAILED
    return ExitCode.INTERRUPTED if service.stopped else code


@commands.command(
    rich_help_panel=PANEL_COLLECT,
    epilog=examples(
        "nkwire crawl yonhap",
        "nkwire crawl kcna rodong --since 2025-09-01 --until 2025-09-05",
        "nkwire crawl sputnik --limit 5 --dry-run",
    ),
)
def crawl(
    outlets: Annotated[
        list[str], typer.Argument(metavar="OUTLET...", help="Names as in `nkwire outlets`.")
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
    verbose: VerboseOption = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Read outlets once, now. Exits with 0 only if nothing was lost.

    With --since, the archive is read back to that day: sitemaps month by month, listings page by
    page. Stored articles are not fetched again, so the same command continues after a stop or a
    crash.
    """
    from crawler.crawl.options import CrawlOptions

    names = check_outlet_names(outlets)
    first, after = day_range(since, until)
    config = load_config()
    options = CrawlOptions(
        database_url=config.resolved_database_url(database),
        home=config.home,
        since=first,
        until=after,
        limit=limit,
        dry_run=dry_run,
        on_article=print_dry_run_article if dry_run else None,
        settings={"LOG_LEVEL": "INFO" if verbose else config.log_level or "WARNING"},
    )
    if not dry_run:
        refuse_without_space(config, options.database_url)
        ensure_database(database)
    runs = crawl_until_complete(names, options, parallel)
    interrupted = len({run.outlet for run in runs}) < len(names) or any(
        run.stop_reason is StopReason.INTERRUPTED for run in runs
    )
    for line in format_completeness(runs):
        print_note(line)
    code = print_run_report(runs, as_json=as_json)
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


def _monitor(port: int, bind: str) -> "Monitor":
    # Loaded only if --port is given.
    from cli.service.monitor import Monitor

    if not (bind.isascii() and bind.isprintable()):
        raise UserError(f"--bind {bind!r} is no address: give one such as 127.0.0.1")
    return Monitor(port, bind, load_config().monitor_hosts)


def ensure_database(option: str) -> None:
    """Creates the database if it is missing, so that child processes only open it.

    Uses NKWIRE_DEDUP_SEED and stores the outlets' agency ranks. Raises ConfigError if a setting
    is wrong, and UserError if NKWIRE_HOME is not writable.
    """
    check_writable(load_config().home)
    with open_database(option, create=True) as database:
        store_outlet_ranks(database)


def check_outlet_names(names: Sequence[str]) -> list[str]:
    """Returns the outlet names without repetitions.

    Raises UserError for an undeclared outlet. The message suggests similar names.
    """
    from crawler.registry import outlets

    for name in names:
        if name not in outlets():
            similar_names = get_close_matches(name.lower(), outlets(), n=3, cutoff=0.5)
            hint = (
                f"did you mean {' or '.join(similar_names)}?"
                if similar_names
                else "see `nkwire outlets`"
            )
            raise UserError(f"no outlet {name!r}: {hint}")
    return list(dict.fromkeys(names))


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
            f"going on with {', '.join(unfinished)}: {sum(pages_left.values()):,} pages are left"
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

    from cli.service.live import show_crawl_progress
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
        on_stop_signal(lambda: asyncio.ensure_future(pool.stop(reason, "interrupted")))
        progress_task = asyncio.create_task(show_crawl_progress(list(names), folder))
        results = await asyncio.gather(*(pool.run(name) for name in names))
        progress_task.cancel()
        await asyncio.gather(progress_task, return_exceptions=True)
    return [result.to_run() for result in results if result]


def format_completeness(runs: "Sequence[Run]") -> list[str]:
    """Returns one line for each outlet whose site declares its number of articles."""
    counts_by_outlet = {run.outlet: run.counts for run in runs if Count.DECLARED in run.counts}
    return [
        f"{outlet}: declared {counts[Count.DECLARED]:,}, listed {counts.get(Count.DECLARED_LISTED, 0):,}, "
        f"stored {counts.get(Count.DECLARED_STORED, 0):,}"
        for outlet, counts in counts_by_outlet.items()
    ]


def print_run_report(runs: "Sequence[Run]", *, as_json: bool) -> int:
    """Prints the outcome of each run and returns the exit code.

    The code is FAILED if a run failed, PARTIAL if one could not read everything, and else OK.
    """
    from storage.records import FAILED_OUTCOMES, SUCCESS_OUTCOMES

    if as_json:
        print_json([run_report_row(run) for run in runs])
    else:
        columns = ("outlet", "outcome", ">new", ">edited", ">unchanged", "~what happened")
        print_table(
            columns, [[*list(run_report_row(run).values())[:5], _cause(run)] for run in runs]
        )
    outcomes = {run.outcome for run in runs}
    return (
        ExitCode.FAILED
        if outcomes & FAILED_OUTCOMES
        else ExitCode.PARTIAL
        if outcomes - SUCCESS_OUTCOMES
        else ExitCode.OK
    )


def run_report_row(run: "Run") -> dict[str, Any]:
    """Returns a run as JSON, with its counts of new, edited and unchanged articles."""
    return {
        "outlet": run.outlet,
        "outcome": run.outcome,
        **{each.value: run.stored(each) for each in STORED_OUTCOMES},
        "cause": run.cause,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "counts": run.counts,
    }


def print_dry_run_article(article: "Article") -> None:
    """Prints one line for an article of a dry run. Called in the child process of the crawl."""
    date = article.published_at.date().isoformat() if article.published_at else "no date"
    print(f"{date}  {format_value(article.title)}  {format_value(article.url)}", flush=True)


def _cause(run: "Run") -> str:
    """Returns why a run ended so; of a good run, what it did and what is of note."""
    if run.outcome is RunOutcome.OK and run.cause:
        return f"{format_counts(run.counts)}; {run.cause}"
    return run.cause or format_counts(run.counts)
