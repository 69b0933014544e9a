"""Assembles the `nkwire` command from its subcommands and turns their errors into exit codes."""

import logging
import os
import sys
from collections.abc import Sequence
from shlex import quote

import typer

from cli.arguments.addresses import refuse_addresses
from cli.charts import plot, stats
from cli.commands import (
    alerts,
    archive,
    captures,
    ccnews,
    changes,
    crawl,
    decisions,
    export,
    imports,
    maintenance,
    outlet,
    outlets,
    reports,
    revisits,
    runs,
    schedule,
    search,
    show,
    snapshots,
    status,
)
from cli.demo import command as demo
from cli.errors import ExitCode, UserError, error_message_and_code
from cli.files import cluster, extract
from cli.options import CONFIG_OPTION, ConfigOption, VersionOption
from cli.running import run as service
from cli.running import worker
from cli.settings import command as settings
from cli.setup import completion, doctor, init, manual
from cli.show.printing import print_warning
from cli.show.streams import guard_streams
from cli.web import command as web
from crawler.config.settings_file import file_in_use
from storage.files.making import check_temporary_folder

# ClickException, which typer carries a copy of and does not export.
CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


app = typer.Typer(
    name="nkwire",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    service,
    worker,
    crawl,
    schedule,
    demo,
    outlets,
    status,
    runs,
    alerts,
    export,
    search,
    reports,
    stats,
    plot,
    show,
    web,
    changes,
    captures,
    decisions,
    revisits,
    imports,
    ccnews,
    snapshots,
    archive,
    maintenance,
    extract,
    cluster,
    outlet,
    settings,
    init,
    doctor,
    completion,
    manual,
):
    app.add_typer(module.commands)


@app.callback()
def root(version: VersionOption = False, config: ConfigOption = "") -> None:
    """Collect what the world's press prints about North Korea, and find which articles carry one
    report.
    """


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code.

    An error that the user can fix is printed as one line on standard error. Others are raised. If
    the reader closes the pipe early (`| head`), the command ends with 0 and says nothing.
    """
    logging.root.addHandler(logging.NullHandler())  # commands that log add their own handler
    guard_streams()
    code: int = ExitCode.OK
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        line, error_code = error_message_and_code(error)
        if not line:
            raise
        _discard_output()
        code = _print_error(line, error_code)
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        check_temporary_folder()
        file, others = take_config_option(arguments)
        refuse_addresses(others)
        with file_in_use(file):
            code = app(args=others, prog_name="nkwire", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return _print_error("interrupted", ExitCode.INTERRUPTED)
    except CLICK_ERROR as error:
        return _print_error(_format_usage_error(error, arguments), ExitCode.USER_ERROR)
    except SystemExit as ended:
        # So typer and rich end if the reader closes the pipe early (`| head`).
        if isinstance(ended.__context__, BrokenPipeError):
            raise ended.__context__ from None
        raise
    except BrokenPipeError:
        raise
    except Exception as error:
        line, error_code = error_message_and_code(error)
        if not line:
            raise
        if error_code is ExitCode.STORAGE_FAILURE:
            _discard_output()
        return _print_error(line, error_code)
    if code == ExitCode.INTERRUPTED and not isinstance(code, ExitCode):  # so typer ends on Ctrl-C
        return _print_error("interrupted", ExitCode.INTERRUPTED)
    return code if isinstance(code, int) else ExitCode.OK


def take_config_option(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Returns the file that `--config` names, and the other arguments.

    So it may stand before or after the command. Raises UserError if it names no file.
    """
    file, others, words = "", list[str](), list(arguments)
    while words:
        word = words.pop(0)
        option, equals, value = word.partition("=")
        if word == "--":
            return file, [*others, word, *words]
        if option != CONFIG_OPTION:
            others.append(word)
            continue
        if not equals and words and words[0] != "--":
            value = words.pop(0)
        if not value:
            raise UserError(f"{CONFIG_OPTION} needs the name of a file")
        file = value  # the last one counts, as with other options
    return file, others


def _discard_output() -> None:
    """Discards buffered output, which would fail again when the interpreter shuts down."""
    output = sys.stdout.fileno()
    os.close(output)  # first, as no further file may be allowed
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != output:
        os.dup2(nowhere, output)


def _print_error(line: str, code: ExitCode) -> ExitCode:
    if line:
        try:
            print_warning(f"nkwire: {line}")
        except MemoryError:
            os.write(2, b"nkwire: not enough memory\n")
    return code


def _format_usage_error(error: Exception, arguments: Sequence[str]) -> str:
    """Returns click's message as one line with a pointer to `--help`.

    Returns "" if click has already printed the help.
    """
    context = getattr(error, "ctx", None)
    message = " ".join(getattr(error, "format_message", error.__str__)().split()).rstrip(".")
    message = message.replace(": Value error, ", ": ")  # pydantic's word, not the user's
    if not (message and context):
        return message
    path = context.command_path
    if path == "nkwire search" and (word := _excluded_word(error, arguments)):
        message += f": a word to leave out stands after two dashes: `{path} -- {quote(word)}`"
    return f"{message} (see {path} --help)"


def _excluded_word(error: Exception, arguments: Sequence[str]) -> str:
    """Returns the word such as `-drill` that was taken for options that do not exist; "" if none.

    Only the first letter is in the error.
    """
    if type(error).__name__ != "NoSuchOption":
        return ""
    option = str(getattr(error, "option_name", ""))
    words = (each for each in arguments if each.startswith("-") and not each.startswith("--"))
    return next((each for each in words if option.lstrip("-") in each), "")
