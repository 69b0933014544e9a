"""`nkwire init`: asks five questions and writes the file of settings."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import UserError
from cli.options import PANEL_SETUP, examples
from cli.show.printing import print_note

if TYPE_CHECKING:
    from cli.setup.answers import Question

FILE = Path("nkwire.toml")

commands = typer.Typer(rich_markup_mode="rich")


def _answer(name: str, metavar: str, text: str) -> object:
    """Returns an option that answers a question."""
    return typer.Option(name, metavar=metavar, help=text, show_default=False)


@commands.command(
    rich_help_panel=PANEL_SETUP,
    epilog=examples(
        "nkwire init",
        "nkwire init --yes --contact you@example.org",
        "nkwire init --yes --outlets state-media,yonhap --alerts you@example.org",
        "nkwire init --yes --keep-recordings 365 --file /etc/nkwire.toml",
    ),
)
def init(
    contact: Annotated[
        str | None, _answer("--contact", "TEXT", "Your mail address or page, for the outlets.")
    ] = None,
    outlets: Annotated[
        str | None,
        _answer(
            "--outlets", "WORDS", "all, state-media, korean, language:ko, or names: kcna,tass."
        ),
    ] = None,
    home: Annotated[
        str | None, _answer("--home", "FOLDER", "The folder of the database and the recordings.")
    ] = None,
    alerts: Annotated[
        str | None,
        _answer("--alerts", "TEXT", "A mail address, an http(s) address, a command, or none."),
    ] = None,
    keep_recordings: Annotated[
        str | None, _answer("--keep-recordings", "DAYS", "A number of days, or 'for ever'.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: take the default of what is not given.")
    ] = False,
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="The file to write.")] = FILE,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Write the file of settings, nkwire.toml, from the answers to five questions.

    An option answers its question, so that a script need not. The file has a comment for each
    setting. An existing file is replaced only if you say so.
    """
    from cli.settings.example import example_file
    from cli.setup.answers import QUESTIONS, read_answers

    given = {
        "contact": contact,
        "outlets": outlets,
        "home": home,
        "alerts": alerts,
        "keep_recordings": keep_recordings,
    }
    missing = [each for each in QUESTIONS if given[each.name] is None]
    may_ask = sys.stdin.isatty() and not yes
    if missing and not (yes or may_ask):
        options = ", ".join(each.option for each in missing)
        raise UserError(f"nobody can be asked here: give --yes for the defaults, or {options}")
    for question in QUESTIONS:
        if (answer := given[question.name]) is not None:
            question.read(answer)  # a wrong option is refused before anybody is asked
    _check_file(file, replace=replace, may_ask=may_ask)
    answers = {name: answer for name, answer in given.items() if answer is not None}
    for question in missing:
        answers[question.name] = _ask(question) if may_ask else question.default
    values = read_answers(answers)
    _write(file, example_file(values))
    _print_next_steps(file, values)


def _check_file(file: Path, *, replace: bool, may_ask: bool) -> None:
    """Raises UserError for a file that exists, unless the person lets it be replaced."""
    if replace or not (file.exists() or file.is_symlink()):
        return
    if may_ask and typer.confirm(f"{file} exists already. Replace it?", err=True):
        return
    raise UserError(f"{file} exists already and stays as it is: --replace replaces it")


def _ask(question: "Question") -> str:
    """Asks until the answer can be read."""
    for hint in question.hints:
        print_note(hint)
    while True:
        answer: str = typer.prompt(
            question.text, default=question.default, show_default=bool(question.default), err=True
        )
        try:
            question.read(answer.strip())
        except UserError as error:
            print_note(str(error).removeprefix(f"{question.option}: "))
        else:
            return answer.strip()


def _write(file: Path, text: str) -> None:
    """Writes the file for its owner alone, as an address of alerts can be a secret."""
    from storage.export.formats.output_files import atomic_file
    from storage.files.making import PRIVATE_MODE

    with atomic_file(file, PRIVATE_MODE) as draft:
        draft.write_text(text, encoding="utf-8")


def _print_next_steps(file: Path, values: Mapping[str, object]) -> None:
    print_note(f"{file} is written; `nkwire config` shows the settings in force")
    if "contact" not in values:
        print_note("no contact is set: outlets cannot see who reads them")
    if "alert_mail" in values:
        print_note("mails go through smtp://localhost; set `smtp` in the file for another server")
    if not _is_read(file):
        print_note(f"name it with `nkwire --config {file} ...` or NKWIRE_CONFIG={file}")
    print_note("next: `nkwire doctor`, then `nkwire run`")


def _is_read(file: Path) -> bool:
    """Whether this is the file of settings without `--config`. NKWIRE_CONFIG may name another."""
    from crawler.config.config import ConfigError, settings_file

    try:
        used = settings_file()
    except ConfigError:
        return False
    return used is not None and used.samefile(file)
