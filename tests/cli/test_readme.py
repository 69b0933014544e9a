import re
from pathlib import Path

import pytest
from typer.main import get_command

from cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_other_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_exist(page: Path) -> None:
    commands = set(getattr(get_command(app), "commands"))  # noqa: B009 - typer hides its type
    text = page.read_text()
    code = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    code += re.findall(r"`[^`\n]+`", text)
    named = {name for each in code for name in re.findall(r"(?<![/\w.-])nkwire ([a-z]+)\b", each)}
    assert named <= commands


def test_the_tutorial_shows_what_the_demo_prints() -> None:
    shown = (ROOT / "docs/tutorial.md").read_text()
    assert "8 articles are 6 stories" in shown
    assert "{+Kim Un Sim+}" in shown
    assert re.search(r"demo-agency +\d+ +ok +0 +1 +2\b", shown)


def test_the_readme_holds_the_two_commands() -> None:
    shown = (ROOT / "README.md").read_text()
    venv = "python3 -m venv .venv && .venv/bin/pip install -e"
    assert f"{venv} . && .venv/bin/nkwire run\n" in shown
    assert f"{venv} '.[test]' && .venv/bin/pytest\n" in shown
