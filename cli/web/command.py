"""`nkwire web`: shows the corpus in a browser, from a process of its own."""

from typing import Annotated

import typer

from cli.options import PANEL_LOOK, DatabaseOption, examples, load_config

DEFAULT_PORT = 8450
PortOption = Annotated[
    int, typer.Option(min=0, max=65535, help="The port to listen on. 0 takes a free one.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in your browser.")]

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire web --open",
        "nkwire web --decide   # you may also merge and split stories",
        "nkwire web --bind 0.0.0.0 --host desk.example   # needs NKWIRE_WEB_TOKEN",
        "nkwire web --behind-proxy 127.0.0.1 --host desk.example --public",
    ),
)
def web(
    port: PortOption = DEFAULT_PORT,
    bind: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = (
        "127.0.0.1"
    ),
    host: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="NAME",
            help="A name by which visitors may call this server, beside those of this machine. "
            "Repeat for several.",
        ),
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="Show texts only as far as the rights of their outlets allow."
        ),
    ] = False,
    behind_proxy: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Requests come from a proxy with this address, which decides who may look.",
        ),
    ] = "",
    decide: Annotated[
        bool,
        typer.Option(
            "--decide", help="Let a person who is signed in merge, split and judge changes."
        ),
    ] = False,
    open_browser: OpenOption = False,
    database: DatabaseOption = "",
) -> int:
    """Show the corpus in a browser: days, reports, comparisons, edits, outlets.

    Listens on this machine only and changes nothing, unless options say otherwise. It runs beside
    the service, an import or a crawl. SIGTERM and Ctrl-C stop it.
    """
    from cli.arguments.recordings import recording_places
    from cli.web.declared import declared_outlets
    from cli.web.serving import serve_pages
    from crawler.chosen import chosen_outlets
    from crawler.processes.machine_limits import require_open_files
    from crawler.registry import outlets
    from web.options import WebOptions

    require_open_files()
    config = load_config()
    options = WebOptions(
        database_url=config.resolved_database_url(database),
        bind=bind,
        port=port,
        hosts=tuple(host or ()),
        decide=decide,
        public=public,
        token=config.web_token.get_secret_value(),
        behind_proxy=behind_proxy,
        recordings=recording_places(config, database),
        outlets=declared_outlets(outlets(), chosen_outlets(config)),
    )
    return serve_pages(options, config, open_browser=open_browser)
