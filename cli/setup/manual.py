"""`nkwire manual`: the manual page and a page of all commands, made from the command itself."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated

import typer

from cli.errors import ExitCode
from cli.options import PANEL_SETUP, examples
from cli.setup import markdown_page, roff_page
from cli.setup.manual_parts import Manual, Setting
from cli.setup.reference import read_reference
from storage.version import package_version

commands = typer.Typer(rich_markup_mode="rich")

EXIT_STATUS: Mapping[ExitCode, str] = {
    ExitCode.OK: "Everything was done, and nothing was lost. A reader that closes the pipe early "
    "changes nothing.",
    ExitCode.FAILED: "A run failed or was killed, data was lost, or a check found a problem.",
    ExitCode.USER_ERROR: "Wrong arguments, settings or files, or a database that is missing, "
    "damaged, or of another version. Nothing was changed.",
    ExitCode.PARTIAL: "Done, but a part of the input was refused, or an outlet could not be read "
    "in full.",
    ExitCode.STORAGE_FAILURE: "No room, open files or memory, or no reachable database. What was "
    "reported stored is stored.",
    ExitCode.INTERRUPTED: "Stopped by Ctrl-C or a signal.",
}
FILES: Mapping[str, str] = {
    "nkwire.toml": "The settings, in the current folder or where NKWIRE_CONFIG says.",
    "data/nkwire.db": "The database, if it is SQLite. `data` stands for NKWIRE_HOME.",
    "data/warc/": "The recordings: the pages as they were answered.",
    "data/logs/": "Log files of a service that runs on a terminal.",
    "data/live/": "What the running service shows to other commands.",
    "data/robots/": "The last robots.txt of each host.",
}


class Format(StrEnum):
    """What the manual is written in."""

    MAN = "man"
    MARKDOWN = "markdown"


@commands.command(
    rich_help_panel=PANEL_SETUP,
    epilog=examples(
        "nkwire manual | man -l -",
        "nkwire manual > ~/.local/share/man/man1/nkwire.1",
        "nkwire manual --format markdown > commands.md",
    ),
)
def manual(
    context: typer.Context,
    format: Annotated[
        Format, typer.Option("--format", help="A page for man(1), or Markdown.")
    ] = Format.MAN,
) -> None:
    """Print the manual of all commands: options, examples, settings, files and exit codes.

    It is made from the commands themselves, so it is always that of this version.
    """
    write = _WRITERS[format]
    print(write(_gather(context)), end="")


def _gather(context: typer.Context) -> Manual:
    from crawler.config.config import Config, variable

    settings = tuple(
        Setting(
            variable(name),
            str(field.description),
            str((field.json_schema_extra or {}).get("shown", "none")),  # type: ignore[union-attr]
        )
        for name, field in Config.model_fields.items()
    )
    return Manual(
        package_version(),
        tuple(read_reference(context.find_root().command).values()),
        settings,
        FILES,
        {str(code.value): text for code, text in EXIT_STATUS.items()},
    )


_WRITERS: Mapping[Format, Callable[[Manual], str]] = {
    Format.MAN: roff_page.write,
    Format.MARKDOWN: markdown_page.write,
}
