"""The command's root: which commands there are, and what becomes of the errors they raise."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from cli import clustering, corpus, crawling, deciding, looking, pages, showing
from cli.demo import command as demo
from cli.errors import ExitCode, one_line
from cli.options import VersionOption

# Newer typers carry a copy of click, older ones import it: this is ClickException in both.
CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


class Commands(TyperGroup):
    """All commands. A reader that closes the pipe early ends the command silently."""

    def invoke(self, ctx: Any) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is still buffered must not fail again when the interpreter shuts down.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ExitCode.OK
        return code


app = typer.Typer(
    name="nkwire",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (crawling, demo, looking, showing, deciding, corpus, pages, clustering):
    app.add_typer(module.commands)


@app.callback()
def root(version: VersionOption = False) -> None:
    """Collect what the world's press prints about North Korea; tell which articles are one report."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Errors are one line on stderr."""
    try:
        code = app(args=list(arguments), prog_name="nkwire", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", ExitCode.STOPPED)
    except CLICK_ERROR as error:
        return _say(_usage(error), ExitCode.USER_ERROR)
    except Exception as error:
        line = one_line(error)
        if not line:
            raise
        return _say(line, ExitCode.USER_ERROR)
    return code if isinstance(code, int) else ExitCode.OK


def _say(line: str, code: ExitCode) -> ExitCode:
    print(f"nkwire: {line}", file=sys.stderr)
    return code


def _usage(error: Exception) -> str:
    """Click's message in one line, with where to read on."""
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context else ""
    message = getattr(error, "format_message", error.__str__)()
    return " ".join(message.split()).rstrip(".") + hint
