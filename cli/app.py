"""Assembles the `nkwire` command from its subcommands and turns their errors into exit codes."""

import logging
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

import typer
from typer.core import TyperGroup

from cli.commands import (
    alerts,
    captures,
    ccnews,
    changes,
    cluster,
    crawl,
    decisions,
    export,
    extract,
    imports,
    maintenance,
    outlet,
    outlets,
    reports,
    revisits,
    runs,
    schedule,
    show,
    snapshots,
    status,
)
from cli.demo import command as demo
from cli.errors import ExitCode, error_message_and_code
from cli.options import VersionOption
from cli.show.printing import print_warning
from cli.web import command as web

# ClickException, which typer carries a copy of and does not export.
CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


class CommandGroup(TyperGroup):
    """The group of all commands. Ends silently if the reader closes the pipe early (`| head`)."""

    def invoke(self, ctx: Any) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()
            return ExitCode.OK
        return code


app = typer.Typer(
    name="nkwire",
    cls=CommandGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    crawl,
    schedule,
    demo,
    outlets,
    status,
    runs,
    alerts,
    export,
    reports,
    show,
    web,
    changes,
    captures,
    decisions,
    revisits,
    imports,
    ccnews,
    snapshots,
    maintenance,
    extract,
    cluster,
    outlet,
):
    app.add_typer(module.commands)


@app.callback()
def root(version: VersionOption = False) -> None:
    """Collect what the world's press prints about North Korea, and find which articles carry one
    report.
    """


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code.

    An error that the user can fix is printed as one line on standard error. Others are raised.
    """
    logging.root.addHandler(logging.NullHandler())  # commands that log add their own handler
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Output is UTF-8 in every locale. A lone surrogate becomes its JSON escape.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = app(args=list(arguments), prog_name="nkwire", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return _print_error("interrupted", ExitCode.INTERRUPTED)
    except CLICK_ERROR as error:
        return _print_error(_format_usage_error(error), ExitCode.USER_ERROR)
    except Exception as error:
        line, error_code = error_message_and_code(error)
        if not line:
            raise
        if error_code is ExitCode.STORAGE_FAILURE:
            _discard_output()
        return _print_error(line, error_code)
    return code if isinstance(code, int) else ExitCode.OK


def _discard_output() -> None:
    """Discards buffered output, which would fail again when the interpreter shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(line: str, code: ExitCode) -> ExitCode:
    if line:
        print_warning(f"nkwire: {line}")
    return code


def _format_usage_error(error: Exception) -> str:
    """Returns click's message as one line with a pointer to `--help`.

    Returns "" if click has already printed the help.
    """
    context = getattr(error, "ctx", None)
    message = " ".join(getattr(error, "format_message", error.__str__)().split()).rstrip(".")
    message = message.replace(": Value error, ", ": ")  # pydantic's word, not the user's
    return f"{message} (see {context.command_path} --help)" if message and context else message
