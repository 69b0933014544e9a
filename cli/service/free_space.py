"""Looks whether there is room to fetch more, before anything fails for want of it."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from dedup.errors import NkwireError
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from sqlalchemy import URL

    from crawler.config.config import Config

DEFAULT_MEGABYTES = 1024
SMALL_DISK_SHARE = 20  # of a smaller file system, a twentieth is kept free by default
MIN_FREE_FILES = 1000  # a file system can run out of files before it runs out of bytes
RESUME_FACTOR = 1.1  # of the room that is kept free, before fetching goes on


class NoSpaceError(NkwireError):
    """Raised before anything is fetched if there is too little room."""

    exit_code: ClassVar[int] = 4


def watched_folders(home: Path, url: "URL") -> dict[str, Path]:
    """Returns by name the folders that a crawl writes to. `url`: of the database."""
    folders = {
        "home": home,
        "recordings": home / "warc",
        "temporary files": Path(tempfile.gettempdir()),
    }
    if url.get_backend_name() == "sqlite":
        folders["database"] = Path(str(url.database)).parent
    return folders


def find_lack_of_space(
    folders: Mapping[str, Path], keep_free_mb: int | None, *, factor: float = 1.0
) -> str:
    """Returns as one line which folder has too little room; "" if none has.

    `keep_free_mb`: megabytes (2^20 bytes) to keep free on each file system; 0 turns the check off,
    None means DEFAULT_MEGABYTES, or less on a small file system. `factor`: multiplies them.
    """
    if keep_free_mb == 0:
        return ""
    for name, path in folders.items():
        status = _file_system(path)
        if status is None:
            continue
        wanted, free = _wanted_bytes(status, keep_free_mb) * factor, free_bytes(path)
        if free < wanted:
            return (
                f"{free >> 20:,} MB are free for the {name} ({path}),"
                f" and {int(wanted) >> 20:,} MB are to be kept free (NKWIRE_KEEP_FREE_MB)"
            )
        if status.f_files and status.f_favail < min(MIN_FREE_FILES, status.f_files / 20):
            return f"the file system of the {name} ({path}) has room for {format_count(status.f_favail, 'file')}"
    return ""


def free_bytes(path: Path) -> int:
    """Returns the bytes that are free for this user where a folder is or will be."""
    status = _file_system(path)
    return status.f_bavail * status.f_frsize if status else 0


def refuse_without_space(config: "Config", url: str) -> None:
    """Raises NoSpaceError if there is too little room to fetch or import anything."""
    if reason := lack_of_space(config, url):
        raise NoSpaceError(f"nothing is read: {reason}")


def lack_of_space(config: "Config", url: str, *, factor: float = 1.0) -> str:
    """Returns `find_lack_of_space` for the folders and the limit of the settings."""
    from storage.engine import parse_url

    folders = watched_folders(config.home, parse_url(url))
    return find_lack_of_space(folders, config.keep_free_mb, factor=factor)


def _wanted_bytes(status: os.statvfs_result, keep_free_mb: int | None) -> int:
    if keep_free_mb is not None:
        return keep_free_mb << 20
    total = status.f_blocks * status.f_frsize
    return min(DEFAULT_MEGABYTES << 20, total // SMALL_DISK_SHARE)


def _file_system(path: Path) -> os.statvfs_result | None:
    """Returns the file system of a folder, or of the parent that exists; None if it is unknown."""
    absolute = path.absolute()
    for each in (absolute, *absolute.parents):
        try:
            return os.statvfs(each)
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None
