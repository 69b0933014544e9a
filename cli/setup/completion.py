"""`nkwire completion`: prints the script that lets a shell complete the words of nkwire.

The script calls the same command with the words so far. Its answer is one candidate on each line.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from cli.options import PANEL_SETUP, examples
from cli.setup.reference import read_reference
from cli.setup.suggestions import Suggestion, suggest
from storage.clean import printable

commands = typer.Typer(rich_markup_mode="rich")

BASH = r"""
_nkwire_complete() {
    local command=${COMP_WORDS[0]}
    type -t "$command" >/dev/null || command=nkwire
    mapfile -t COMPREPLY < <("$command" completion bash -- \
        "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _nkwire_complete nkwire
"""
ZSH = r"""
#compdef nkwire
_nkwire() {
    local -a found
    found=("${(@f)$("${words[1]}" completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        _describe nkwire found
    else
        _files
    fi
}
if [[ "${funcstack[1]}" == _nkwire ]]; then
    _nkwire "$@"
else
    compdef _nkwire nkwire
fi
"""
FISH = r"""
function __nkwire_find
    set -l words (commandline -opc) (commandline -ct)
    set -g __nkwire_found (nkwire completion fish -- $words[2..-1] 2>/dev/null)
    test (count $__nkwire_found) -gt 0
end
complete --command nkwire --no-files --condition __nkwire_find --arguments '$__nkwire_found'
"""


class Shell(StrEnum):
    """The shells that have a script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


SCRIPTS: Mapping[Shell, str] = {Shell.BASH: BASH, Shell.ZSH: ZSH, Shell.FISH: FISH}


@commands.command(
    rich_help_panel=PANEL_SETUP,
    context_settings={"ignore_unknown_options": True},
    epilog=examples(
        "nkwire completion bash > ~/.local/share/bash-completion/completions/nkwire",
        "nkwire completion zsh > ~/.zfunc/_nkwire",
        "nkwire completion fish > ~/.config/fish/completions/nkwire.fish",
    ),
)
def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(help="The shell.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- WORD...]", help="The words to complete. Only the script gives them."
        ),
    ] = None,
) -> None:
    """Print the script that completes commands, options and outlets in your shell.

    Save it where your shell looks for completions, as in the examples, and start a new shell. To
    try it in this one: `source <(nkwire completion bash)`.
    """
    if words is None:
        print(SCRIPTS[shell].strip())
        return
    with suppress(Exception):  # a shell that completes words wants no errors
        root = context.find_root().command
        for line in ANSWERS[shell](lambda given: suggest(read_reference(root), given), words):
            print(printable(line))


def answer_bash(find: "Find", words: Sequence[str]) -> list[str]:
    """Returns candidates as bash needs them: it splits words at `:` and `=`, and keeps the start."""
    joined = join_split_words(words)
    found = [each.word for each in find(joined)]
    kept = len(joined[-1]) - len(words[-1].lstrip(":=")) if joined else 0
    return [word[kept:] for word in found]


def join_split_words(words: Sequence[str]) -> list[str]:
    """Joins what bash splits at the characters `:` and `=` of COMP_WORDBREAKS."""
    joined: list[str] = []
    is_open = False
    for word in words:
        is_break = bool(word) and not word.strip(":=")
        if joined and (is_open or is_break):
            joined[-1] += word
        else:
            joined.append(word)
        is_open = is_break
    return joined


def answer_zsh(find: "Find", words: Sequence[str]) -> list[str]:
    """Returns lines `WORD:HELP`, as zsh's `_describe` reads them."""
    return [
        ":".join(filter(None, (each.word.replace(":", r"\:"), each.help))) for each in find(words)
    ]


def answer_fish(find: "Find", words: Sequence[str]) -> list[str]:
    """Returns lines with the word, a tab and its meaning."""
    return ["\t".join(filter(None, (each.word, each.help))) for each in find(words)]


Find = Callable[[Sequence[str]], Sequence[Suggestion]]
ANSWERS: Mapping[Shell, Callable[[Find, Sequence[str]], list[str]]] = {
    Shell.BASH: answer_bash,
    Shell.ZSH: answer_zsh,
    Shell.FISH: answer_fish,
}
