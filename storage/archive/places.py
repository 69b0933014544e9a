"""Decides where the recordings of a database are read: folders of this host, then the archive."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

from storage.archive.archive import Archive, recording_key
from storage.files.recordings import find_recording, recording_folders

RecordingPlace: TypeAlias = Path | Archive


def recording_places(
    home: Path, database_url: str, archive: Archive | None
) -> tuple[RecordingPlace, ...]:
    """Returns the places that may hold the recordings of a database, in the order to look in."""
    folders = recording_folders(home, database_url)
    return (*folders, archive) if archive else folders


def local_folders(places: Sequence[RecordingPlace]) -> tuple[Path, ...]:
    """Returns those of the places that are folders of this host."""
    return tuple(place for place in places if isinstance(place, Path))


def archives(places: Sequence[RecordingPlace]) -> tuple[Archive, ...]:
    """Returns those of the places that are archives."""
    return tuple(place for place in places if isinstance(place, Archive))


def open_archived(
    places: Sequence[RecordingPlace], outlet: str, name: str
) -> tuple[str, BinaryIO] | None:
    """Opens a recording in an archive, and returns it with its address; None if none has it.

    Raises ArchiveError if an archive cannot be asked: then nobody knows whether it is there.
    """
    if "/" in name or "/" in outlet:
        return None
    for archive in archives(places):
        for key in (recording_key(outlet, name), name):
            if opened := archive.open(key):
                return archive.url(key), opened
    return None


def find_local(places: Sequence[RecordingPlace], outlet: str, name: str) -> Path | None:
    """Returns the path of a recording in one of the folders; None if none has it."""
    return find_recording(local_folders(places), outlet, name)


def has_any_place(places: Sequence[RecordingPlace]) -> bool:
    """Whether there is a folder or an archive at all."""
    with suppress(OSError):
        return bool(archives(places)) or any(folder.is_dir() for folder in local_folders(places))
    return False
