"""Formats and writes log records. Text from a page cannot forge a log line."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from cli.errors import error_message_and_code
from crawler.config.config import load_config
from storage.clean import format_utc, printable
from storage.drivers.shortages import Shortage
from storage.files.making import append_file, make_folders
from storage.guard.secrets import SecretFilter

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# These log once a job or a request, which is too often for the log of a service.
MIN_LEVEL_BY_LOGGER = {
    "apscheduler": logging.WARNING,
    "scrapy": logging.WARNING,
    "twisted": logging.WARNING,
}
# A setting of a child: it does not log what the line about the end of its run says too.
ONE_LINE_A_RUN = "NKWIRE_ONE_LINE_A_RUN"
_RETRY_LOGGER = "scrapy.downloadermiddlewares.retry"


class OneLineFormatter(logging.Formatter):
    """Formats a record for reading. Escapes control characters and indents further lines.

    Further lines come from tracebacks, for example.
    """

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        first, *more = printable(super().format(record)).split("\n")
        return "\n".join((first, *(f"    | {line}" for line in more)))


class JsonLineFormatter(logging.Formatter):
    """Formats a record as one JSON object: time (ISO 8601, UTC), level, logger, message and pid.

    Adds the outlet of the run and the traceback where there is one.
    """

    def __init__(self, outlet: str = "") -> None:
        super().__init__()
        self._outlet = outlet

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": format_utc(datetime.fromtimestamp(record.created, UTC), "milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        if self._outlet:
            entry["outlet"] = self._outlet
        if record.exc_info:
            entry["exception"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps(entry)  # as ASCII, so control sequences of terminals are escaped


class DailyFileHandler(logging.Handler):
    """Appends to one file a day (UTC), such as `logs/crawls-2026-03-01.log` for `logs/crawls.log`.

    Several processes may share it, because a record is one write and no file is ever renamed.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        make_folders(path.parent)
        self._path = path
        self._day: date | None = None
        self._file: FileIO | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            self._open(datetime.fromtimestamp(record.created, UTC).date()).write(line)
        except (OSError, KeyError, TypeError, ValueError):
            self.handleError(record)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file, self._day = None, None
        super().close()

    def _open(self, day: date) -> FileIO:
        if self._file is None or day != self._day:
            if self._file is not None:
                self._file.close()
            path = self._path.with_name(f"{self._path.stem}-{day}{self._path.suffix}")
            self._file = append_file(path)
            self._day = day
        return self._file


def configure_logging(
    level: int | str = logging.INFO,
    *handlers: logging.Handler,
    log_format: str = "console",
    outlet: str = "",
    one_line_a_run: bool = False,
) -> None:
    """Sends the logs of this process to `handlers`, by default to standard error.

    `log_format`: console or json. `one_line_a_run`: leaves out what the line about the end of a run
    says too.
    """
    for handler in handlers or (logging.StreamHandler(),):
        if handler.formatter is None:
            handler.setFormatter(
                JsonLineFormatter(outlet) if log_format == "json" else OneLineFormatter()
            )
        handler.setLevel(level)  # on the handler, because Scrapy sets its loggers to DEBUG
        handler.addFilter(_passes_logger_level)
        handler.addFilter(_tell_in_one_line)
        handler.addFilter(SecretFilter())
        if one_line_a_run:
            handler.addFilter(_is_not_in_run_line)
        logging.root.addHandler(handler)
    logging.root.setLevel(level)


def _passes_logger_level(record: logging.LogRecord) -> bool:
    min_level = MIN_LEVEL_BY_LOGGER.get(record.name.partition(".")[0], 0)
    return record.levelno >= min_level or logging.root.level <= logging.DEBUG


def _tell_in_one_line(record: logging.LogRecord) -> bool:
    """Replaces the traceback of an error that the user can fix by its message."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, Exception) and (line := error_message_and_code(error)[0]):
        record.msg, record.args = f"{record.getMessage()}: {line}", ()
        record.exc_info = record.exc_text = None
    if record.name == "uvicorn.error" and "\nMemoryError" in record.getMessage():
        # uvicorn passes on the traceback of a start that failed as a text.
        record.msg, record.args = f"the pages cannot be started: {Shortage.MEMORY}", ()
    return True


def configure_child_logging(settings: Mapping[str, Any], outlet: str = "") -> None:
    """Configures logging in a child process from the Scrapy settings LOG_LEVEL and LOG_FILE."""
    path = settings.get("LOG_FILE")
    handlers = [DailyFileHandler(Path(path))] if path else []
    level, log_format = settings.get("LOG_LEVEL", "INFO"), load_config().log_format
    configure_logging(
        level,
        *handlers,
        log_format=log_format,
        outlet=outlet,
        one_line_a_run=bool(settings.get(ONE_LINE_A_RUN)),
    )


def _is_not_in_run_line(record: logging.LogRecord) -> bool:
    """Whether the line about the end of the run does not say the same."""
    return not getattr(record, "is_in_run_line", False) and record.name != _RETRY_LOGGER
