"""`nkwire init` asks, or takes options, and writes a file that nkwire reads."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.errors import UserError
from cli.settings.example import example_file
from cli.setup.answers import QUESTIONS, read_answers, read_contact
from crawler.config.config import load_config

DEFAULTS = {each.name: each.default for each in QUESTIONS}
OPTIONS = tuple(each.option for each in QUESTIONS)


@contextmanager
def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Iterator[None]:
    """A person at a terminal types these lines."""
    person, terminal = os.openpty()
    os.write(person, "".join(f"{line}\n" for line in lines).encode())
    with os.fdopen(terminal) as stdin, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        yield
    os.close(person)


def test_five_questions_are_asked_and_a_wrong_answer_is_asked_again(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, an_empty_folder: Path
) -> None:
    answers = ("you@example.org", "kcan", "kcna, korean", "", "you@example.org", "a while", "365")
    with typed(monkeypatch, *answers):
        said = nkwire("init")
    assert (said.code, said.out.strip()) == (0, "")
    assert "did you mean kcna" in said.err
    assert "'a while': give a number of days" in said.err
    for question in QUESTIONS:
        assert question.text in said.err
    config = load_config()
    assert config.contact == "you@example.org"
    assert config.outlets == ("kcna", "korean")
    assert config.alert_mail == ("you@example.org",)
    assert (config.home, config.keep_warc_days) == (Path("data"), 365)
    assert config.origins()["contact"] == "nkwire.toml"
    assert (an_empty_folder / "nkwire.toml").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in an_empty_folder.iterdir()] == ["nkwire.toml"]
    assert nkwire("config").code == 0


def test_a_wrong_option_is_refused_before_anybody_is_asked(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with typed(monkeypatch, "you@example.org", "", "", ""):
        said = nkwire("init", "--keep-recordings", "soon")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "give a number of days" in said.err


def test_the_defaults_write_a_file_that_only_says_the_home(nkwire: Callable[..., Any]) -> None:
    said = nkwire("init", "--yes")
    assert (said.code, said.out) == (0, "")
    assert "no contact is set" in said.err
    lines = Path("nkwire.toml").read_text().splitlines()
    assert [line for line in lines if line and line[0] != "#"] == ['home = "data"']


def test_a_file_that_is_not_read_by_itself_is_told_how_to_name(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--config" not in nkwire("init", "--yes").err
    assert "nkwire --config mine.toml" in nkwire("init", "--yes", "--file", "mine.toml").err
    monkeypatch.setenv("NKWIRE_CONFIG", "mine.toml")
    assert "nkwire --config nkwire.toml" in nkwire("init", "--yes", "--replace").err
    assert nkwire("--config", "mine.toml", "config").code == 0


def test_an_existing_file_is_replaced_only_if_somebody_says_so(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("nkwire.toml").write_text('contact = "before"\n')
    assert nkwire("init", "--yes").code == 2
    with typed(monkeypatch, "n"):
        said = nkwire("init")
    assert (said.code, "stays as it is" in said.err) == (2, True)
    assert Path("nkwire.toml").read_text() == 'contact = "before"\n'
    with typed(monkeypatch, "y", "not an address", "after@x.example", "", "", "", ""):
        assert nkwire("init").code == 0
    assert load_config().contact == "after@x.example"
    assert nkwire("init", "--yes", "--replace", "--contact", "last@x.example").code == 0
    assert load_config().contact == "last@x.example"


def test_a_folder_is_no_file_to_write(nkwire: Callable[..., Any]) -> None:
    said = nkwire("init", "--yes", "--replace", "--file", ".")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "Is a directory" in said.err


def test_where_nobody_can_be_asked_it_says_which_options_to_give(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, an_empty_folder: Path
) -> None:
    with Path(os.devnull).open() as nothing, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", nothing)
        said = nkwire("init", "--contact", "me@x.example")
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert all(option in said.err for option in ("--yes", *OPTIONS[1:]))
        assert list(an_empty_folder.iterdir()) == []
        given = [word for each in QUESTIONS for word in (each.option, each.default)]
        assert nkwire("init", *given).code == 0


@pytest.mark.parametrize(
    ("option", "answer", "words"),
    [
        ("--outlets", "kcan", "did you mean kcna"),
        ("--outlets", " , ", "no name between the commas"),
        ("--home", "/dev/null/home", "cannot write to /dev/null/home"),
        ("--home", "~nobody-of-this-name/data", "this user has no home folder"),
        ("--home", "", "--home: it must be the path of a folder"),
        ("--alerts", "https://", "--alerts: it must be an http(s) address"),
        ("--alerts", "notify 'me", "quotation marks"),
        ("--alerts", "'' me", "has no name"),
        ("--keep-recordings", "0", "--keep-recordings: it must be a number of days"),
        ("--keep-recordings", "soon", "give a number of days, or 'for ever'"),
        ("--contact", "not an address", "give a mail address or an http(s) address"),
        ("--contact", "two\nlines", "--contact: it must be one line of text"),
    ],
)
def test_a_wrong_answer_in_an_option_is_the_users_error(
    option: str, answer: str, words: str, nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    said = nkwire("init", "--yes", option, answer)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert words in said.err
    assert list(an_empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("none", {}),
        (" None ", {}),
        ("a@b.example, ", {"alert_mail": ["a@b.example"]}),
        ("HTTPS://hooks.example/x", {"alert_webhook": "HTTPS://hooks.example/x"}),
        ("a@b.example, c@d.example", {"alert_mail": ["a@b.example", "c@d.example"]}),
        ("https://hooks.example/x", {"alert_webhook": "https://hooks.example/x"}),
        ("notify-send 'North Korea'", {"alert_command": ["notify-send", "North Korea"]}),
    ],
)
def test_alerts_are_told_apart_by_their_form(answer: str, expected: dict[str, object]) -> None:
    values = read_answers(DEFAULTS | {"alerts": answer})
    assert {name: value for name, value in values.items() if name != "home"} == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(contact=st.text(max_size=30).map(lambda text: f"{text} a@b.example"))
def test_any_contact_is_refused_or_read_back(contact: str, an_empty_folder: Path) -> None:
    try:
        values = read_contact(contact)
    except UserError:
        return
    (an_empty_folder / "nkwire.toml").write_text(example_file(values), encoding="utf-8")
    assert load_config().contact == contact.strip()
