import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.app import app
from cli.errors import ExitCode

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"
COMMANDS = sorted(getattr(get_command(app), "commands"))  # noqa: B009 - typer hides the group's type


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, nkwire: Callable[..., Any]) -> None:
    said = nkwire(command, "--help")
    assert (said.code, said.err) == (0, "")
    assert re.search(rf"Examples.*nkwire {command}\b", said.out, re.DOTALL)


def test_the_commands_of_the_contract_are_there() -> None:
    contract = "run crawl ingest import extract links cluster outlets status stories show explain"
    assert set(COMMANDS) >= {*contract.split(), "export", "demo", "merge", "split"}


def test_every_command_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| `nkwire ([a-z]+)", DOCS.read_text(), re.MULTILINE)
    assert sorted(documented) == COMMANDS


def test_every_exit_code_is_documented() -> None:
    table = DOCS.read_text().partition("## Exit codes")[2].partition("##")[0]
    documented = re.findall(r"^\| (\d+) \|", table, re.MULTILINE)
    assert [int(code) for code in documented] == [code.value for code in ExitCode]


def test_alone_the_command_shows_its_help(nkwire: Callable[..., Any]) -> None:
    assert "crawl" in nkwire().out


def test_the_version_is_told(nkwire: Callable[..., Any]) -> None:
    assert nkwire("--version").out.startswith("nkwire ")
