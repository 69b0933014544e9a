"""An error that the user can fix is one line in the log, and a fault of ours has its traceback."""

import errno
import logging

import pytest

from cli.logs import configure_logging
from storage.errors import Damaged, DiskFull

pytestmark = pytest.mark.threats("R12")


@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DiskFull("no room: /data/nkwire.db"), "no room: /data/nkwire.db"),
        (Damaged("the database is damaged"), "the database is damaged"),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "no room: /data/x"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "/data/x: Permission"),
        (ZeroDivisionError("ours"), "Traceback"),
    ],
    ids=repr,
)
def test_a_known_error_has_no_traceback(
    error: Exception,
    told: str,
    log_format: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])  # what other tests left
    handler = logging.StreamHandler()
    before = logging.root.level
    configure_logging(logging.INFO, handler, log_format=log_format)
    try:
        raise error
    except Exception:
        logging.getLogger("nkwire.test").exception("storing %d articles failed", 6)
    finally:
        logging.root.removeHandler(handler)
        logging.root.setLevel(before)
    said = capsys.readouterr().err
    assert "storing 6 articles failed" in said
    assert told in said
    assert ("Traceback" in said) == isinstance(error, ZeroDivisionError)


def test_a_start_of_the_pages_without_memory_has_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    handler = logging.StreamHandler()
    before = logging.root.level
    configure_logging(logging.INFO, handler)
    try:
        # As uvicorn tells it: the traceback is the message.
        lines = "Traceback (most recent call last):", '  File "a.py", line 1', "MemoryError: no", ""
        logging.getLogger("uvicorn.error").error("\n".join(lines))
    finally:
        logging.root.removeHandler(handler)
        logging.root.setLevel(before)
    said = capsys.readouterr().err
    assert said.endswith("the pages cannot be started: not enough memory\n")
    assert said.count("\n") == 1
