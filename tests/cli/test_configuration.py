"""Wrong configuration is one line and the code 2, and nothing is changed."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

UNREACHABLE = "postgresql://nobody:secret@127.0.0.1:1/none"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine that another program listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def everything(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("command", [("run",), ("run", "--once"), ("crawl", "kcna")], ids=" ".join)
@pytest.mark.parametrize("home", ["file/below", "/proc/nowhere"], ids=["below a file", "no files"])
def test_a_folder_that_cannot_be_written_to(
    command: tuple[str, ...],
    home: str,
    nkwire: Callable[..., Any],
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (an_empty_folder / "file").touch()
    before = everything(an_empty_folder)
    monkeypatch.setenv("NKWIRE_HOME", home)
    said = nkwire(*command, "--database", "sqlite:///elsewhere.db")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith(f"nkwire: cannot write to {home} (")
    assert "set NKWIRE_HOME" in said.err
    assert everything(an_empty_folder) == before


@pytest.mark.parametrize("command", [("run",), ("run", "--once"), ("crawl", "kcna")], ids=" ".join)
def test_a_database_out_of_reach(
    command: tuple[str, ...],
    nkwire: Callable[..., Any],
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cli.options.DATABASE_WAIT_SECONDS", 0.1)
    said = nkwire(*command, "--database", UNREACHABLE)
    assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
    assert "out of reach" in said.err
    assert "secret" not in said.err
    assert everything(an_empty_folder) == set()


@pytest.mark.parametrize(
    "where", ["sqlite:////proc/nowhere/x.db", "sqlite:////etc/hostname", "sqlite:////"]
)
def test_a_database_file_that_cannot_be_one(
    where: str, nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    said = nkwire("run", "--database", where)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert everything(an_empty_folder) == set()


def test_a_port_in_use(nkwire: Callable[..., Any], taken: int, an_empty_folder: Path) -> None:
    said = nkwire("run", "--port", taken)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert f"cannot listen on port {taken} of 127.0.0.1" in said.err
    assert "--port" in said.err
    assert everything(an_empty_folder) == set()


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none(port: str, nkwire: Callable[..., Any], an_empty_folder: Path) -> None:
    said = nkwire("run", "--port", port)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert everything(an_empty_folder) == set()


def test_an_address_of_another_machine(nkwire: Callable[..., Any]) -> None:
    said = nkwire("run", "--port", 9464, "--bind", "192.0.2.1")
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_the_monitor_is_not_for_a_single_pass(nkwire: Callable[..., Any]) -> None:
    said = nkwire("run", "--once", "--port", 9464)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "--once" in said.err
