"""`nkwire run`: the service, or every outlet that is due once."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.recordings import require_archive
from cli.commands.crawl import CRAWL, ParallelOption, VerboseOption
from cli.errors import ExitCode, UserError
from cli.options import PANEL_COLLECT, DatabaseOption, Place, examples, load_config
from cli.running.limits import DeadlineOption, MemoryOption
from cli.service.archiving import archive_recordings
from cli.show.printing import print_note, print_warning
from cli.show.run_reports import print_run_report

if TYPE_CHECKING:
    from cli.service.monitor import Monitor

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_COLLECT,
    epilog=examples(
        "nkwire run",
        "nkwire run --only kcna,wires,language:ko",
        "nkwire run --once   # from cron, every few minutes",
        "nkwire run --port 9464   # /health and /metrics, on this machine only",
        "NKWIRE_DATABASE_URL=postgresql://localhost/nkwire nkwire run",
        "nkwire run --workers elsewhere   # and `nkwire worker` on other hosts",
    ),
)
def run(
    once: Annotated[
        bool, typer.Option("--once", help="Read each outlet that is due once, then exit.")
    ] = False,
    only: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Read only these outlets: names and groups with commas between them. "
            "[NKWIRE_OUTLETS; default: all]",
            show_default=False,
        ),
    ] = "",
    parallel: ParallelOption = 4,
    deadline: DeadlineOption = 30,
    memory: MemoryOption = 600,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Serve /health and /metrics on this port."),
    ] = None,
    bind: Annotated[
        str, typer.Option(metavar="ADDRESS", help="With --port: the address to listen on.")
    ] = "127.0.0.1",
    verbose: VerboseOption = False,
    workers: Annotated[
        Place,
        typer.Option(
            help="Who reads the outlets: this service itself, or `nkwire worker` on other hosts"
            " (PostgreSQL only)."
        ),
    ] = Place.HERE,
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
    from crawler.chosen import chosen_outlets
    from crawler.processes.children import ProcessLimits

    if once and port is not None:
        raise UserError("--port cannot be combined with --once")
    if once and workers is Place.ELSEWHERE:
        raise UserError(
            "--workers elsewhere cannot be combined with --once: workers end by themselves"
        )
    limits = ProcessLimits(parallel=parallel, deadline=deadline * 60.0, memory=memory << 20)
    monitor = None if port is None else _monitor(port, bind)
    config = load_config()
    require_archive(config)
    url = config.resolved_database_url(database)
    chosen = chosen_outlets(config, _split_names(only))
    if workers is Place.ELSEWHERE:
        from crawler.fleet.extra import require_fleet

        require_fleet(url)
    service = Service(url, config, limits, CRAWL, chosen, monitor, workers, is_selection=bool(only))
    if not once:
        return asyncio.run(service.serve(verbose=verbose))
    runs = asyncio.run(service.run_once(verbose=verbose))
    if runs is None:
        print_note(f"nothing was read: {service.leader_line}; try again later")
        return ExitCode.OK
    code = print_run_report(runs, as_json=as_json)
    if not archive_recordings(config, url):
        code = code or ExitCode.PARTIAL
    if service.unread_line:
        print_warning(f"nkwire: {service.unread_line}")
        code = ExitCode.STORAGE_FAILURE if service.lacks_storage else ExitCode.FAILED
    return ExitCode.INTERRUPTED if service.stopped else code


def _monitor(port: int, bind: str) -> "Monitor":
    # Loaded only if --port is given.
    from cli.service.monitor import Monitor

    if not (bind.isascii() and bind.isprintable()):
        raise UserError(f"--bind {bind!r} is no address: give one such as 127.0.0.1")
    return Monitor(port, bind, load_config().monitor_hosts)


def _split_names(only: str) -> list[str]:
    names = [word.strip() for word in only.split(",") if word.strip()]
    if only and not names:
        raise UserError(f"--only {only!r} names no outlet: see `nkwire outlets`")
    return names
