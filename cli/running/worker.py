"""`nkwire worker`: reads what a service elsewhere gives out."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.recordings import require_archive
from cli.commands.crawl import CRAWL, VerboseOption
from cli.errors import UserError
from cli.options import PANEL_COLLECT, DatabaseOption, examples, load_config
from cli.running.limits import DeadlineOption, MemoryOption

if TYPE_CHECKING:
    from storage.fleet.orders import Queue

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_COLLECT,
    epilog=examples(
        "nkwire worker",
        "nkwire worker --parallel 16",
        "nkwire worker --queue browser   # only outlets whose pages need a browser",
    ),
)
def worker(
    parallel: Annotated[
        int, typer.Option(min=1, max=64, help="Number of outlets read at the same time.")
    ] = 8,
    queue: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Take only runs of this queue: default or browser. Repeat for both."
            " By default both, without a browser on this host only default.",
        ),
    ] = None,
    deadline: DeadlineOption = 30,
    memory: MemoryOption = 600,
    verbose: VerboseOption = False,
    database: DatabaseOption = "",
) -> int:
    """Read what `nkwire run --workers elsewhere` gives out, until stopped.

    Start any number on any number of hosts; they need PostgreSQL. A worker may be killed at any
    time: what it was reading is read elsewhere. SIGTERM and Ctrl-C stop it cleanly.
    """
    import asyncio

    from crawler.fleet.extra import require_fleet
    from crawler.processes.children import ProcessLimits

    config = load_config()
    url = config.resolved_database_url(database)
    require_fleet(url)
    require_archive(config)
    from cli.service.worker_service import WorkerService

    limits = ProcessLimits(parallel=parallel, deadline=deadline * 60.0, memory=memory << 20)
    service = WorkerService(url, config, limits, CRAWL, _queues(queue, config.chromium))
    return asyncio.run(service.serve(verbose=verbose))


def _queues(names: list[str] | None, chromium: str) -> "tuple[Queue, ...]":
    """Returns the queues to serve: those that are named, or what this host can do."""
    from crawler.middlewares.browser import NoBrowserError, find_executable
    from storage.fleet.orders import Queue

    if unknown := sorted(set(names or ()) - set(Queue)):
        raise UserError(f"--queue {unknown[0]!r} is no queue: there are {' and '.join(Queue)}")
    if names:
        return tuple(queue for queue in Queue if queue in names)
    try:
        find_executable(chromium)
    except NoBrowserError:
        return (Queue.DEFAULT,)
    return tuple(Queue)
