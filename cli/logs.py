"""Log lines: one record is one line, and nothing that a page says can forge another."""

import logging
import os
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from cli.printing import printable

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LARGEST, KEPT = 10 << 20, 3  # bytes of a log file, older files kept
# Told once a job or a request, which is too often for a service's log.
QUIETER = {
    "apscheduler": logging.WARNING,
    "scrapy": logging.WARNING,
    "trafilatura": logging.CRITICAL,
    "twisted": logging.WARNING,
}


class OneLine(logging.Formatter):
    """Escapes control characters; further lines, as of a traceback, are indented."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        first, *more = printable(super().format(record)).split("\n")
        return "\n".join((first, *(f"    | {line}" for line in more)))


def configure(level: int | str = logging.INFO, *handlers: logging.Handler) -> None:
    """Send the logs of this process to handlers, by default to standard error."""
    chosen = os.environ.get("NKWIRE_LOG_LEVEL") or level
    for handler in handlers or (logging.StreamHandler(),):
        handler.setFormatter(OneLine())
        handler.setLevel(chosen)  # Scrapy sets its loggers to DEBUG, whatever is set here before
        handler.addFilter(_wanted)
        logging.root.addHandler(handler)
    logging.root.setLevel(chosen)


def _wanted(record: logging.LogRecord) -> bool:
    least = QUIETER.get(record.name.partition(".")[0], 0)
    return record.levelno >= least or logging.root.level <= logging.DEBUG


def configure_child(settings: Mapping[str, Any]) -> None:
    """The same in a child, by the Scrapy settings LOG_LEVEL and LOG_FILE."""
    path = settings.get("LOG_FILE")
    handlers = [file_handler(Path(path))] if path else []
    configure(settings.get("LOG_LEVEL", "INFO"), *handlers)


def file_handler(path: Path) -> logging.Handler:
    """A log file that is rotated."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
