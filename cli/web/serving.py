"""Serves the pages until the process is asked to stop, and says where they are."""

import logging
import threading
import webbrowser

from cli.errors import ExitCode
from cli.logs import configure_logging
from cli.show.printing import print_note
from crawler.config.config import Config
from storage.clean import printable
from storage.engine import parse_url
from storage.guard.secrets import show_address
from web.options import WebOptions, check_options, sign_in_url
from web.server import base_url, serve

log = logging.getLogger("nkwire.web")


def serve_pages(options: WebOptions, config: Config, *, open_browser: bool = False) -> int:
    """Serves until SIGINT or SIGTERM. Returns the exit code.

    Raises BadUrl, InvalidRequest for options that do not go together, and CannotListen if the port
    is in use.
    """
    check_options(options)
    shown = describe_database(options.database_url)
    configure_logging(config.log_level or "WARNING", log_format=config.log_format)

    def announce(port: int) -> None:
        address = f"{base_url(reachable_host(options), port)}/"
        for line in announcement(options, address, shown):
            print(printable(line), flush=True)
        if open_browser:
            # A browser that is slow to start keeps no page waiting.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve(options, announce)
    print_note("stopped")
    return ExitCode.OK


def announcement(options: WebOptions, address: str, shown: str) -> list[str]:
    """Returns what is printed once the server answers: the address first."""
    decisions = "and takes decisions" if options.decide else "for reading only"
    rights = "" if options.shows_all_texts else "; texts only as far as their rights allow"
    lines = [f"Listening on {address}", f"Shows {shown}, {decisions}{rights}. Ctrl-C stops it."]
    if options.decide:
        lines.append(f"Sign in to decide, once: {sign_in_url(options, address)}")
    if options.token:
        lines.append("Visitors need the token of NKWIRE_WEB_TOKEN.")
    return lines


def reachable_host(options: WebOptions) -> str:
    """Returns a host by which this machine reaches the server."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(options.bind, options.bind)


def describe_database(url: str) -> str:
    """Returns the file, or the host and the name of the database. Raises BadUrl."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(parsed.database)
    return show_address(url)
