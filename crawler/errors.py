"""The base class of the errors of `crawler`, and how failures are logged."""

import logging

from dedup.errors import NkwireError

IN_RUN_LINE = {"is_in_run_line": True}
"""The `extra` of a log record that the line about the end of the run repeats."""


class CrawlerError(NkwireError):
    """Base class of what goes wrong with outlets, requests, recordings and processes."""


def log_failure(log: logging.Logger, error: Exception, message: str, *arguments: object) -> None:
    """Logs a failure: an error of ours as one line, and a fault with its traceback."""
    is_fault = not isinstance(error, NkwireError)
    log.error(f"{message}: %s", *arguments, error, exc_info=error if is_fault else None)
