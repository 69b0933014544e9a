"""Numbers, days and files of settings at the edge of what can be: one line, code 2, little memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from cli.app import app, run

BEYOND = 2**63 - 1


def numbers(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object, object]]:
    """The bounds of all whole numbers of all commands, by the words that lead to them."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from numbers(inner, (*path, name))
    for each in getattr(command, "params", []):
        if "int" in str(each.type_descriptor.annotation).split("'")[1:2]:
            yield " ".join((*path, each.name)), each.min, each.max


@pytest.mark.threats("U3")
def test_every_whole_number_has_bounds_that_a_database_can_hold() -> None:
    found = list(numbers(get_command(app)))
    assert len(found) > 8
    assert [name for name, low, high in found if low is None or high is None] == []
    assert [name for name, _, high in found if isinstance(high, int) and high > BEYOND] == []


@pytest.mark.threats("U3")
@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "0", "1e3", "nan", "9" * 5_000])
@pytest.mark.parametrize("command", ["runs", "changes", "alerts list", "stories"])
def test_a_number_that_cannot_be_is_refused(
    command: str, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run([*command.split(), "--limit", number]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.threats("R8")
@pytest.mark.parametrize(
    "day", ["9999-12-31", "10000-01-01", "0000-01-01", "2026-02-30", "-1", "٢٠٢٦"]
)
def test_a_day_that_cannot_be_is_refused(
    day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["search", "word", "--until", day, "--database", f"sqlite:///{tmp_path}/a.db"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.threats("S6")
@pytest.mark.parametrize(
    "content",
    [b"k = 1\n" * 200_000, ".".join(["a"] * 20_000).encode(), b"# x\n" * 100_000, b"a = " + b"[" * 100_000],
    ids=["keys", "dots", "comments", "brackets"],
)  # fmt: skip
def test_a_file_of_settings_that_is_too_large_is_not_parsed(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nkwire.toml").write_bytes(content)
    assert run(["runs"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "nkwire.toml must be a file of at most 16,384 bytes" in line
