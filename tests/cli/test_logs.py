import json
import logging
import multiprocessing
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cli.logs import DailyFileHandler, JsonLineFormatter, configure_logging
from cli.show.printing import format_value
from crawler.errors import IN_RUN_LINE
from storage.clean import printable


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What is logged during the test; the root logger is left as it was."""
    stream, level = StringIO(), logging.root.level
    handler = logging.StreamHandler(stream)
    configure_logging("INFO", handler)
    yield stream
    logging.root.removeHandler(handler)
    logging.root.setLevel(level)


@pytest.mark.parametrize("one_line", [False, True])
def test_what_the_line_of_a_run_repeats_is_left_out_on_request(one_line: bool) -> None:
    stream, level = StringIO(), logging.root.level
    handler = logging.StreamHandler(stream)
    configure_logging("INFO", handler, one_line_a_run=one_line)
    logging.getLogger("kcna").warning("source x: no address", extra=IN_RUN_LINE)
    logging.getLogger("scrapy.downloadermiddlewares.retry").error("Gave up retrying x")
    logging.getLogger("kcna").warning("something else")
    logging.root.removeHandler(handler)
    logging.root.setLevel(level)
    assert stream.getvalue().count("\n") == (1 if one_line else 3)
    assert "something else" in stream.getvalue()


@pytest.mark.threats("S14")
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


@pytest.mark.threats("S14")
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


HOSTILE = "a\x1b[2Jb\nERROR forged: line \u202e\ud800\x00"


def record(message: str, *arguments: object, at: str = "2026-03-01T23:59:59Z") -> logging.LogRecord:
    made = logging.LogRecord("test.part", logging.WARNING, "", 0, message, arguments, None)
    made.created = datetime.fromisoformat(at).timestamp()
    return made


def test_as_json_a_record_is_one_object_on_one_line() -> None:
    line = JsonLineFormatter("kcna").format(record("read %s", HOSTILE))
    assert line.isascii()
    assert line.isprintable()
    said = json.loads(line)
    assert said.pop("pid") > 0
    assert said == {
        "time": "2026-03-01T23:59:59.000Z",
        "level": "WARNING",
        "logger": "test.part",
        "message": f"read {HOSTILE}",
        "outlet": "kcna",
    }


def test_as_json_a_traceback_is_a_field() -> None:
    stream, level = StringIO(), logging.root.level
    handler = logging.StreamHandler(stream)
    configure_logging("INFO", handler, log_format="json")
    try:
        raise ValueError("bad\nforged")
    except ValueError:
        logging.getLogger("test").exception("failed")
    finally:
        logging.root.removeHandler(handler)
        logging.root.setLevel(level)
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: bad\nforged" in json.loads(line)["exception"]


def test_a_log_file_is_of_one_day(tmp_path: Path) -> None:
    handler = DailyFileHandler(tmp_path / "logs" / "nkwire.log")
    handler.emit(record("before midnight"))
    handler.emit(record("after midnight", at="2026-03-02T00:00:01Z"))
    handler.emit(record("a surrogate \ud800", at="2026-03-02T00:00:02Z"))
    handler.close()
    files = {path.name: path.read_text() for path in (tmp_path / "logs").iterdir()}
    assert files == {
        "nkwire-2026-03-01.log": "before midnight\n",
        "nkwire-2026-03-02.log": "after midnight\na surrogate \\ud800\n",
    }


def write_lines(path: Path, letter: str) -> None:
    handler = DailyFileHandler(path)
    for _ in range(200):
        handler.emit(record(letter * 9000))


def test_processes_that_share_a_log_file_tear_no_line(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    path = tmp_path / "crawls.log"
    writers = [context.Process(target=write_lines, args=(path, letter)) for letter in "abcd"]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    lines = (tmp_path / "crawls-2026-03-01.log").read_text().splitlines()
    assert sorted(lines) == sorted(letter * 9000 for letter in "abcd" for _ in range(200))


@pytest.mark.parametrize(
    ("name", "value"), [("NKWIRE_LOG_FORMAT", "xml"), ("NKWIRE_LOG_LEVEL", "loud")]
)
@pytest.mark.parametrize("command", [("run", "--once"), ("crawl", "kcna")], ids=" ".join)
def test_a_way_of_logging_that_is_none_is_the_users_error(
    command: tuple[str, ...],
    name: str,
    value: str,
    nkwire: Callable[..., Any],
    an_empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, value)
    said = nkwire(*command)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert f"{name}={value!r} must be one of" in said.err
    assert list(an_empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), ("", "–"), ("a\n b", "a b"), (3, "3"), ("\x07", "\\x07")],
)
def test_a_cell_is_one_harmless_line(value: object, text: str) -> None:
    assert format_value(value) == text


def test_letters_of_all_scripts_and_emoji_stay_as_they_are() -> None:
    text = "조선중앙통신 朝中社 ЦТАК 👨\u200d👩\u200d👧 می\u200cروم"
    assert printable(text) == text
