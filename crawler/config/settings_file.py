"""Finds the file of settings: `nkwire.toml` in the current folder, or the one that is named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.errors import CrawlerError
from storage.guard import secrets

MAX_FILE_BYTES = 16_384  # what a parser of TOML takes grows with the square of a dotted key
FILE_VARIABLE, DEFAULT_FILE = "NKWIRE_CONFIG", Path("nkwire.toml")


class ConfigError(CrawlerError, ValueError):
    """A setting has a wrong value, or the file of settings cannot be read."""


def settings_file() -> Path | None:
    """Returns the file of settings, or None if there is none.

    It is `nkwire.toml` in the current folder unless NKWIRE_CONFIG names one. Raises ConfigError if
    the named file does not exist or is too large, and if a folder or a device has the name.
    """
    if named := os.environ.get(FILE_VARIABLE):
        if not Path(named).is_file():
            raise ConfigError(
                f"{FILE_VARIABLE}={secrets.conceal(repr(named))} must be a file of settings; there is"
                " none"
            )
        return _check_size(Path(named))
    if (DEFAULT_FILE.exists() or DEFAULT_FILE.is_symlink()) and not DEFAULT_FILE.is_file():
        raise ConfigError(f"{DEFAULT_FILE} must be a file of settings; it is something else")
    return _check_size(DEFAULT_FILE) if DEFAULT_FILE.exists() else None


def _check_size(file: Path) -> Path:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise ConfigError(f"{file} must be a file of at most {MAX_FILE_BYTES:,} bytes")
    return file


@contextmanager
def file_in_use(file: str) -> Iterator[None]:
    """Makes `file` the file of settings, for child processes too; "" changes nothing.

    Raises ConfigError if there is no such file.
    """
    if not file:
        yield
        return
    if not Path(file).is_file():
        raise ConfigError(f"--config {secrets.conceal(repr(file))}: there is no such file")
    previous = os.environ.get(FILE_VARIABLE)
    os.environ[FILE_VARIABLE] = file
    try:
        yield
    finally:
        os.environ.pop(FILE_VARIABLE)
        if previous is not None:
            os.environ[FILE_VARIABLE] = previous
