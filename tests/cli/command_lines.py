"""Every command of nkwire with arguments that it can work with, found by walking the parser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from cli.app import app

_ARGUMENTS = {
    "out": "exported.jsonl",
    "words": "word1",
    "story": "1",
    "name": "1",
    "a": "1",
    "b": "2",
    "paths": "articles.jsonl",
    "files": "pages.warc.gz",
    "folder": "frozen",
    "old": "frozen",
    "new": "frozen",
    "folders": "labels",
    "page": "page.html",
    "backup": "copy.db",
    "shell": "bash",
    "home_page": "https://herald.example/",
    "outlet": "kcna",
    "outlets": "kcna",
}
_BY_COMMAND = {
    ("snapshot", "create"): {"name": "frozen"},
    ("outlet", "new"): {"name": "gazette"},
    ("links",): {"file": "page.html"},
    ("cluster",): {"source": "articles.jsonl"},
    ("backup",): {"file": "copy.db"},
    ("plot", "carriage"): {"out": "--out=picture.svg"},
    ("plot", "delays"): {"out": "--out=picture.svg"},
    ("plot", "articles"): {"out": "--out=picture.svg"},
}
_OPTIONS = {
    ("run",): ["--once"],
    ("crawl",): ["--limit", "1"],
    ("links",): ["--url", "https://herald.example/"],
    ("demo",): [],
    ("outlets", "check"): ["kcna"],
    ("schedule", "set"): ["1h"],
    ("split",): [],
    ("doctor",): ["--offline"],
    ("init",): ["--yes", "--file", "written.toml"],
}


def every_command() -> list[tuple[str, ...]]:
    """The names of all commands that are not groups, in the order of the help."""
    return [path for path, _ in _walk(typer.main.get_command(app), ())]


def command_line(path: tuple[str, ...]) -> list[str]:
    """The command with all the arguments that it needs."""
    command = dict(_walk(typer.main.get_command(app), ()))[path]
    values = _ARGUMENTS | _BY_COMMAND.get(path, {})
    needed = [each for each in command.params if each.required and each.name != "url"]
    return [*path, *(values[str(each.name)] for each in needed), *_OPTIONS.get(path, [])]


def takes(path: tuple[str, ...], option: str) -> bool:
    """Whether a command has an option, by its name as a parameter."""
    command = dict(_walk(typer.main.get_command(app), ()))[path]
    return any(each.name == option for each in command.params)


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from _walk(each, (*path, name))
    else:
        yield path, command


def write_files(folder: Path) -> None:
    """Write the files that the arguments name."""
    text = " ".join(f"word{number} of the news" for number in range(60))
    rows = [
        {
            "outlet": outlet,
            "url": f"https://{outlet}.example/{number}",
            "title": f"Report {number}",
            "text": f"{text} {outlet} said so.",
            "published_at": f"2026-01-0{number}T09:00:00Z",
            "language": "en",
        }
        for number in (1, 2)
        for outlet in ("herald", "radio")
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "articles.jsonl").write_text(lines)
    (folder / "page.html").write_text(f"<title>A report</title><h1>A report</h1><p>{text}</p>")
    (folder / "pages.warc.gz").write_bytes(b"no WARC at all")
    (folder / "labels").mkdir()
