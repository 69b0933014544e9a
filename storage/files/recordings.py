"""Decides in which folders the recordings (WARC files) of a database are."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.files.making import is_inside
from storage.wording.numbers import format_count

FOLDER_NAME = "warc"
_MAX_NAMES = 3


def recording_folders(home: Path, database_url: str) -> tuple[Path, ...]:
    """Returns the folders that may hold the recordings of a database, in the order to look in.

    The first is `warc/` in the home folder: a crawl writes there. The second is `warc/` beside the
    file of a SQLite database, if that is elsewhere: a database may have been made with another home
    folder, or be copied together with its recordings.
    """
    folders = [home / FOLDER_NAME]
    if (file := _sqlite_file(database_url)) and file.parent.resolve() != home.resolve():
        folders.append(file.parent / FOLDER_NAME)
    return tuple(folders)


def find_recording(folders: Sequence[Path], outlet: str, name: str) -> Path | None:
    """Returns the path of a WARC file, in a folder or in that of its outlet there; None if gone.

    A name that leads out of a folder is not found; a link in it may lead elsewhere.
    """
    for folder in folders:
        for path in (folder / outlet / name, folder / name):
            with suppress(OSError):  # a name that is too long is no name of a recording
                if is_inside(path, folder) and path.is_file():
                    return path
    return None


def describe_missing(pages_by_file: Mapping[str, int], places: Sequence[object]) -> str:
    """Returns one line about recordings that are in none of the places, with what to do.

    `pages_by_file`: how many captures each of them has.
    """
    names = ", ".join(sorted(pages_by_file)[:_MAX_NAMES])
    more = " ..." if len(pages_by_file) > _MAX_NAMES else ""
    pages = format_count(sum(pages_by_file.values()), "page")
    return f"not found, with {pages}: {names}{more}; {describe_places(places)}"


def describe_places(places: Sequence[object]) -> str:
    """Returns where recordings are looked for, and what to set if they are elsewhere.

    `places`: folders, and archives, which print as their addresses.
    """
    names = " and ".join(map(str, places))
    if any("://" in str(place) for place in places):
        remedy = "`nkwire archive push` on the host that has them puts them into the archive"
        return f"nkwire looks in {names}: {remedy}"
    return (
        f"nkwire looks in {names}: set NKWIRE_HOME to the folder whose {FOLDER_NAME}/ has them, or"
        " NKWIRE_ARCHIVE if another host has them"
    )


def _sqlite_file(url: str) -> Path | None:
    try:
        parsed = make_url(url)
    except ArgumentError:  # opening the database says what is wrong with it
        return None
    name = parsed.database or ""
    is_file = parsed.get_backend_name() == "sqlite" and name not in ("", ":memory:")
    return Path(name) if is_file and not name.startswith("file:") else None
