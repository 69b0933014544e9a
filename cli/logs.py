"""Log lines: one record is one line, and nothing that a page says can forge another."""

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cli.errors import UserError
from cli.show.printing import printable

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FORMATS = ("console", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Told once a job or a request, which is too often for a service's log.
MIN_LEVEL_BY_LOGGER = {
    "apscheduler": logging.WARNING,
    "scrapy": logging.WARNING,
    "trafilatura": logging.CRITICAL,
    "twisted": logging.WARNING,
}


class OneLineFormatter(logging.Formatter):
    """Escapes control characters; further lines, as of a traceback, are indented."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        first, *more = printable(super().format(record)).split("\n")
        return "\n".join((first, *(f"    | {line}" for line in more)))


class JsonLineFormatter(logging.Formatter):
    """One JSON object a record: time (ISO 8601, UTC), level, logger, message, pid; where there are
    any, also the outlet that is read and the traceback.
    """

    def __init__(self, outlet: str = "") -> None:
        super().__init__()
        self._outlet = outlet

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        if self._outlet:
            said["outlet"] = self._outlet
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said)  # ASCII: what would steer a terminal is escaped


class DailyFileHandler(logging.Handler):
    """Appends to one file a day (UTC): `logs/crawls.log` is written as `logs/crawls-2026-03-01.log`.

    Several processes may share it: a record is one write, and no file is ever renamed.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._day: date | None = None
        self._file = -1

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            os.write(self._open(datetime.fromtimestamp(record.created, UTC).date()), line)
        except (OSError, KeyError, TypeError, ValueError):
            self.handleError(record)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file, self._day = -1, None
        super().close()

    def _open(self, day: date) -> int:
        if day != self._day:
            if self._file >= 0:
                os.close(self._file)
            path = self._path.with_name(f"{self._path.stem}-{day}{self._path.suffix}")
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            self._day = day
        return self._file


def configure_logging(
    level: int | str = logging.INFO, *handlers: logging.Handler, outlet: str = ""
) -> None:
    """Send the logs of this process to handlers, by default to standard error.

    NKWIRE_LOG_LEVEL goes before `level`; NKWIRE_LOG_FORMAT chooses the lines. Raises UserError.
    """
    check_logging()
    chosen = os.environ.get("NKWIRE_LOG_LEVEL") or level
    for handler in handlers or (logging.StreamHandler(),):
        if handler.formatter is None:
            handler.setFormatter(
                JsonLineFormatter(outlet) if log_format() == "json" else OneLineFormatter()
            )
        handler.setLevel(chosen)  # Scrapy sets its loggers to DEBUG, whatever is set here before
        handler.addFilter(_passes_logger_level)
        logging.root.addHandler(handler)
    logging.root.setLevel(chosen)


def log_format() -> str:
    """What NKWIRE_LOG_FORMAT says."""
    return os.environ.get("NKWIRE_LOG_FORMAT") or FORMATS[0]


def check_logging() -> None:
    """Raise UserError where the environment asks for what is not there."""
    level = os.environ.get("NKWIRE_LOG_LEVEL") or LEVELS[1]
    for name, value, known in (
        ("NKWIRE_LOG_FORMAT", log_format(), FORMATS),
        ("NKWIRE_LOG_LEVEL", level, LEVELS),
    ):
        if value not in known:
            raise UserError(f"{name}={value!r} must be one of {', '.join(known)}")


def _passes_logger_level(record: logging.LogRecord) -> bool:
    least = MIN_LEVEL_BY_LOGGER.get(record.name.partition(".")[0], 0)
    return record.levelno >= least or logging.root.level <= logging.DEBUG


def configure_child_logging(settings: Mapping[str, Any], outlet: str = "") -> None:
    """The same in a child, by the Scrapy settings LOG_LEVEL and LOG_FILE."""
    path = settings.get("LOG_FILE")
    handlers = [DailyFileHandler(Path(path))] if path else []
    configure_logging(settings.get("LOG_LEVEL", "INFO"), *handlers, outlet=outlet)
