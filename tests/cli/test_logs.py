import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from cli.logs import configure
from cli.printing import printable, shown


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What is logged during the test; the root logger is left as it was."""
    stream, level = StringIO(), logging.root.level
    handler = logging.StreamHandler(stream)
    configure("INFO", handler)
    yield stream
    logging.root.removeHandler(handler)
    logging.root.setLevel(level)


@pytest.mark.parametrize(
    "title",
    ["a\x1b[2Jb", "a\nERROR forged: line", "a\rb", "a\x00b", "a\x9bb", "a\u202eb", "a\ud800b"],
    ids=["ESC", "newline", "return", "NUL", "CSI", "override", "surrogate"],
)
def test_a_page_can_neither_forge_nor_steer_the_log(title: str, logged: StringIO) -> None:
    logging.getLogger("test").warning("read %s", title)
    first, *more = logged.getvalue().rstrip("\n").split("\n")
    assert "WARNING test: read a" in first
    assert all(line.startswith("    | ") for line in more)
    assert not set("\x00\x1b\r\x9b\u202e\ud800") & set(logged.getvalue())


def test_a_traceback_cannot_forge_a_line_either(logged: StringIO) -> None:
    try:
        raise ValueError("bad\n2026-01-01 ERROR forged: line")
    except ValueError:
        logging.getLogger("test").exception("failed")
    assert "\n    | 2026-01-01 ERROR forged: line" in logged.getvalue()


def test_libraries_do_not_fill_the_log(logged: StringIO) -> None:
    logging.getLogger("scrapy.core.engine").info("Spider opened")
    logging.getLogger("apscheduler.scheduler").info("Added job")
    assert logged.getvalue() == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), ("", "–"), ("a\n b", "a b"), (3, "3"), ("\x07", "\\x07")],
)
def test_a_cell_is_one_harmless_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_letters_of_all_scripts_and_emoji_stay_as_they_are() -> None:
    text = "조선중앙통신 朝中社 ЦТАК 👨\u200d👩\u200d👧 می\u200cروم"
    assert printable(text) == text
