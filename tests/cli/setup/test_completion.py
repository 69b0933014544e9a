"""Which words the shells are offered, in this process and by a real bash."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.app import app
from cli.setup.completion import answer_bash, answer_fish, answer_zsh, join_split_words
from cli.setup.reference import read_reference
from cli.setup.suggestions import Suggestion, suggest
from tests.cli.conftest import ROOT
from tests.test_layers import modules_after

PAGES = read_reference(typer.main.get_command(app))


def words(*line: str) -> list[str]:
    return [each.word for each in suggest(PAGES, line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("cr",), ["crawl"]),
        (("schedule", "p"), ["pause"]),
        (("crawl", "kcn"), ["kcna", "kcnawatch"]),
        (("crawl", "yonhap", "rodo"), ["rodong"]),
        (("crawl", "--limit", "3", "rodo"), ["rodong"]),
        (("schedule", "set", "rodo"), ["rodong"]),
        (("search", "kiln", "--outlet", "rodo"), ["rodong"]),
        (("search", "kiln", "--outlet=rodo"), ["--outlet=rodong"]),
        (("crawl", "state"), ["state-media"]),
        (("run", "--only", "kcna,yonhap_k"), ["kcna,yonhap_ko"]),
        (("run", "--only", "language:k"), ["language:ko"]),
        (("export", "--language", "k"), ["ko"]),
        (("export", "--format", "x"), ["xlsx"]),
        (("completion", "f"), ["fish"]),
        (("export", "--si"), ["--since"]),
        (("schedule", "set", "rodong", "--de"), ["--default"]),
    ],
    ids=" ".join,
)
def test_what_can_come_next_is_offered(line: tuple[str, ...], expected: list[str]) -> None:
    assert words(*line) == expected


@pytest.mark.parametrize(
    "line", [("import", ""), ("export", "out", "--database", ""), ("nonsense", ""), ("--nonsense",)]
)
def test_where_a_file_or_anything_may_come_the_shell_decides(line: tuple[str, ...]) -> None:
    assert words(*line) == []


def test_all_commands_are_offered_with_their_meaning() -> None:
    offered = {each.word: each.help for each in suggest(PAGES, [""])}
    assert set(offered) == set(PAGES[()].subcommands)
    assert all(offered.values())


def test_bash_splits_words_at_colons_and_keeps_their_start() -> None:
    assert join_split_words(["run", "--only", "language", ":", "k"]) == [
        "run",
        "--only",
        "language:k",
    ]
    assert join_split_words(["export", "--outlet", "=", "kc"]) == ["export", "--outlet=kc"]

    def find(_: object) -> list[Suggestion]:
        return [Suggestion("language:ko", "Korean")]

    assert answer_bash(find, ["run", "--only", "language", ":", "k"]) == ["ko"]
    assert answer_bash(find, ["run", "--only", "language", ":"]) == ["ko"]
    assert answer_bash(find, ["run", "--only", "lang"]) == ["language:ko"]
    assert answer_zsh(find, []) == [r"language\:ko:Korean"]
    assert answer_fish(find, []) == ["language:ko\tKorean"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, nkwire: Callable[..., Any]) -> None:
    said = nkwire("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert f"completion {shell} -- " in said.out


def test_an_unknown_shell_is_the_users_error(nkwire: Callable[..., Any]) -> None:
    said = nkwire("completion", "tcsh")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_a_completion_is_quick_because_nothing_heavy_is_imported_for_it() -> None:
    line = ["completion", "bash", "--", "export", "--outlet", "kc"]
    loaded = modules_after(f"import cli.app; cli.app.run({line!r})")
    assert not {"scrapy", "twisted", "sqlalchemy", "lxml"} & loaded


def shell_and_script(shell: str, folder: Path, nkwire: Callable[..., Any]) -> str:
    """Writes a command `nkwire` and the script of a shell; returns the program of the shell."""
    if not (program := shutil.which(shell)):
        pytest.skip(f"no {shell} on this machine")
    command = folder / "nkwire"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "nkwire.py"}" "$@"\n')
    command.chmod(0o755)
    (folder / "script").write_text(nkwire("completion", shell).out)
    return program


def test_a_real_fish_completes(tmp_path: Path, nkwire: Callable[..., Any]) -> None:
    fish = shell_and_script("fish", tmp_path, nkwire)
    steps = f"""
        set PATH "{tmp_path}" $PATH
        source "{tmp_path / "script"}"
        complete -C "nkwire export --outlet rodo"
    """
    said = subprocess.run(
        [fish, "--no-config", "-c", steps],
        env={**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert said.stdout.split()[:1] == ["rodong"]


def test_a_real_zsh_understands_the_script(tmp_path: Path, nkwire: Callable[..., Any]) -> None:
    zsh = shell_and_script("zsh", tmp_path, nkwire)
    said = subprocess.run(
        [zsh, "-f", "-n", tmp_path / "script"], capture_output=True, text=True, check=True
    )
    assert (said.stdout, said.stderr) == ("", "")


def test_a_real_bash_completes(tmp_path: Path, nkwire: Callable[..., Any]) -> None:
    bash = shell_and_script("bash", tmp_path, nkwire)
    steps = f"""
        PATH="{tmp_path}:$PATH"
        source "{tmp_path / "script"}"
        complete -p nkwire
        COMP_WORDS=(nkwire export --outlet = rodo) COMP_CWORD=4
        _nkwire_complete
        echo "${{COMPREPLY[@]}}"
        COMP_WORDS=(nkwire import "") COMP_CWORD=2
        _nkwire_complete
        echo "${{#COMPREPLY[@]}}"
    """
    said = subprocess.run(
        [bash, "--norc", "-c", steps], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout.split("\n")[1:] == ["rodong", "0", ""]
    assert said.stderr == ""
