"""Checks before the start what children need, so that no run fails midway for want of it."""

import os
import resource
import tempfile
from typing import ClassVar

from crawler.errors import CrawlerError

MIN_OPEN_FILES = 64  # a run needs about 30, and the service 20 and 4 for each child
_MAX_OPEN_FILES = 1024
_MAX_SOCKET_PATH_BYTES = 107  # sun_path of unix(7), without its last NUL
_SOCKET_NAME = "/pymp-12345678/listener-12345678"  # as multiprocessing names the forkserver's


class TooFewFilesError(CrawlerError):
    """Raised before anything is started if the limit of open files is too low."""

    exit_code: ClassVar[int] = 4


class LongTemporaryFolderError(CrawlerError):
    """Raised before anything is started if no socket can have a path in the temporary folder."""


def require_means_of_children() -> None:
    """Raises TooFewFilesError or LongTemporaryFolderError unless children can be started."""
    require_open_files()
    folder = tempfile.gettempdir()
    if len(os.fsencode(folder + _SOCKET_NAME)) > _MAX_SOCKET_PATH_BYTES:
        raise LongTemporaryFolderError(
            "no socket can be made in the temporary folder: TMPDIR must name one with a shorter path"
        )


def require_open_files() -> None:
    """Lets this process and its children open more files than by default, if they may.

    Raises TooFewFilesError if they may not open MIN_OPEN_FILES: then some runs would fail midway.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > soft:
        wanted = _MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _MAX_OPEN_FILES)
        soft = max(soft, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft < MIN_OPEN_FILES:
        raise TooFewFilesError(
            f"too few open files are allowed: {soft} (ulimit -n), and {MIN_OPEN_FILES} are needed"
        )
