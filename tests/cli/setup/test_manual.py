"""The manual is complete, and roff and Markdown show it as it is."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from cli.app import app
from cli.errors import ExitCode
from cli.setup import roff_page
from cli.setup.manual import EXIT_STATUS
from cli.setup.reference import CommandPage, read_reference
from crawler.config.config import Config, variable

PAGES = read_reference(typer.main.get_command(app))


def rendered(page: str) -> tuple[str, str]:
    """What groff makes of a page for man(1): the text, and its complaints."""
    if not (groff := shutil.which("groff")):
        pytest.skip("no groff on this machine")
    said = subprocess.run(
        [groff, "-man", "-ww", "-Kutf8", "-Tutf8", "-P-c", "-P-b", "-P-o", "-P-u", "-rLL=400n"],
        input=page,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return said.stdout, said.stderr


@pytest.fixture
def man_page(nkwire: Callable[..., Any]) -> str:
    said = nkwire("manual")
    assert (said.code, said.err) == (0, "")
    return str(said.out)


def test_roff_reads_the_manual_without_a_complaint(man_page: str) -> None:
    text, complaints = rendered(man_page)
    assert complaints == ""
    for path, page in PAGES.items():
        assert page.usage in text or not path
        for option in page.options:
            assert option.usage in text
        for example in page.examples:
            assert example in text


def test_the_manual_has_the_sections_that_readers_look_for(man_page: str) -> None:
    sections = {line[4:].strip('"') for line in man_page.splitlines() if line.startswith(".SH ")}
    assert sections >= {"NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS"}
    assert not any(line.startswith(("'", ".\\")) for line in man_page.splitlines())


def test_the_page_of_markdown_has_all_commands_and_settings(nkwire: Callable[..., Any]) -> None:
    said = nkwire("manual", "--format", "markdown")
    assert (said.code, said.err) == (0, "")
    headings = [line[4:] for line in said.out.splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(page.name for path, page in PAGES.items() if path)
    for name in Config.model_fields:
        assert f"`{variable(name)}`" in said.out
    assert said.out.count("```") % 2 == 0


def test_every_exit_code_has_a_meaning() -> None:
    assert set(EXIT_STATUS) == set(ExitCode)


def test_a_page_is_read_from_the_command() -> None:
    page = PAGES[("schedule", "set")]
    assert isinstance(page, CommandPage)
    assert {each.name for each in fields(page)} >= {"usage", "examples"}
    assert page.name == "nkwire schedule set"
    assert page.summary == "Set when an outlet is read"
    assert "nkwire schedule set kcna 15m" in page.examples
    assert [each.usage for each in page.arguments] == ["OUTLET", "[WHEN]"]
    assert {each.usage for each in PAGES[("crawl",)].options} >= {"--limit NUMBER", "--since DATE"}


NASTY = [
    ".SH not a heading",
    "'br not a request",
    r"C:\new\table",
    "--a-b `tick` 'quote' \"double\" ^hat ~tilde",
    "조선중앙통신 «é»",
    "100 % \\fB no font",
    "a | b [c](d) <e> *f* _g_ #h",
]


def test_roff_prints_what_is_escaped_as_it_is() -> None:
    lines = "\n.br\n".join(map(roff_page.escape, NASTY))
    text, complaints = rendered(f'.TH X 1 "" "x" "y"\n.SH A\n.nf\n{lines}\n')
    assert complaints == ""
    for line in NASTY:
        assert line in text


def test_code_is_bold_and_links_are_words() -> None:
    line = "alerts, see [alerts](#alerts); `a-b` and [c](d.md#e)"
    assert roff_page.escape_markdown(line) == r"alerts, see alerts; \fBa\-b\fR and c"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_no_text_becomes_a_request_or_an_escape(text: str) -> None:
    for escaped in (roff_page.escape(text), roff_page.escape_markdown(text)):
        assert not escaped.startswith((".", "'"))
        assert "\n" not in escaped
    assert roff_page.escape(text).count("\\") == sum(map(text.count, "\\-'`^~\"")) + (
        text.startswith(".")
    )
