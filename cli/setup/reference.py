"""Reads what the command says about itself: subcommands, options, examples.

The manual and the shell completion are made from it, so that neither can be out of date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

_EXAMPLES_HEADING = "[bold]Examples[/bold]"
_NO_PANEL = "Other commands"
# As typer shows types and lists of choices, since 0.27 and before.
_KINDS = {
    "<int range>": "NUMBER",
    "<int>": "NUMBER",
    "<float>": "NUMBER",
    "<path>": "FILE",
    "<str>": "TEXT",
    "INTEGER RANGE": "NUMBER",
    "INTEGER": "NUMBER",
    "FLOAT": "NUMBER",
    "PATH": "FILE",
}
_LISTS = (("<", ">"), ("[", "]"), ("{", "}"))


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument, or an option.

    `opts`: the spellings of an option, () for an argument. `usage`: as `--help` shows it, such as
    `--since DATE`. `choices`: all values that it can have, () if these are not listed.
    """

    name: str
    opts: tuple[str, ...]
    usage: str
    help: str
    takes_value: bool
    is_many: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandPage:
    """A command or a group of commands. `path`: its words after `nkwire`, () for nkwire itself."""

    path: tuple[str, ...]
    panel: str
    usage: str
    paragraphs: tuple[str, ...]
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]
    examples: tuple[str, ...]
    subcommands: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person types."""
        return " ".join(("nkwire", *self.path))

    @property
    def summary(self) -> str:
        """The first sentence of the description."""
        first = self.paragraphs[0] if self.paragraphs else ""
        return first.partition(". ")[0].rstrip(".")


def read_reference(root: Any) -> dict[tuple[str, ...], CommandPage]:
    """Returns the pages of all commands by path, in the order of the help.

    `root`: the command of the parser, as `typer.main.get_command` makes it.
    """
    context = typer.Context(root, info_name="nkwire")
    return {page.path: page for page in _iter_pages(root, context, (), "")}


def _iter_pages(
    command: Any, context: typer.Context, path: tuple[str, ...], panel: str
) -> Iterator[CommandPage]:
    below = {
        name: each for name, each in getattr(command, "commands", {}).items() if not each.hidden
    }
    parameters = [_read_parameter(each, context) for each in command.params if not _is_hidden(each)]
    yield CommandPage(
        path,
        panel,
        " ".join(["nkwire", *path, *command.collect_usage_pieces(context)]),
        _split_paragraphs(command.help or ""),
        tuple(each for each in parameters if not each.opts),
        tuple(each for each in parameters if each.opts),
        _read_examples(command.epilog or ""),
        tuple(below),
    )
    for name, each in below.items():
        own_panel = panel or getattr(each, "rich_help_panel", None) or _NO_PANEL
        inner = typer.Context(each, info_name=name, parent=context)
        yield from _iter_pages(each, inner, (*path, name), str(own_panel))


def _is_hidden(parameter: Any) -> bool:
    return bool(getattr(parameter, "hidden", False))


def _read_parameter(parameter: Any, context: typer.Context) -> Parameter:
    usage, text = parameter.get_help_record(context) or (parameter.name, "")
    is_option = parameter.param_type_name == "option"
    listed = next(
        (usage.partition(start)[2].rpartition(end)[0] for start, end in _LISTS if start in usage),
        "",
    )
    return Parameter(
        name=str(parameter.name),
        opts=(*parameter.opts, *parameter.secondary_opts) if is_option else (),
        usage=_plain_usage(usage, has_metavar=bool(parameter.metavar)),
        help=" ".join(text.split()),
        takes_value=not getattr(parameter, "is_flag", False),
        is_many=parameter.nargs != 1 or bool(parameter.multiple),
        choices=tuple(listed.split("|")) if "|" in listed else (),
    )


def _plain_usage(usage: str, *, has_metavar: bool) -> str:
    """Returns `--limit NUMBER` for typer's `--limit <int range>`; lists of choices stay."""
    if has_metavar:
        return usage.partition(" <")[0]
    for kind, plain in _KINDS.items():
        if usage.endswith(kind):
            return usage.removesuffix(kind) + plain
    return usage


def _split_paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def _read_examples(epilog: str) -> tuple[str, ...]:
    lines = epilog.partition(_EXAMPLES_HEADING)[2].splitlines()
    return tuple(line.strip() for line in lines if line.strip())
