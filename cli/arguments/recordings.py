"""Where a command looks for recordings, by the settings."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.config.config import Config
    from storage.archive.archive import Archive
    from storage.archive.places import RecordingPlace


def configured_archive(config: "Config") -> "Archive | None":
    """Returns the archive of the settings; None if there is none. Makes no connection."""
    if not config.archive:
        return None
    from storage.archive.archive import Archive

    return Archive(config.archive)


def require_archive(config: "Config") -> None:
    """Raises MissingLibrary or ArchiveError if the archive of the settings cannot be used.

    Makes no connection: an archive that does not answer today is no reason not to read outlets.
    """
    if archive := configured_archive(config):
        archive.prepare()


def recording_places(config: "Config", database: str) -> "tuple[RecordingPlace, ...]":
    """Returns the folders and the archive that may hold the recordings of a database.

    `database`: the option `--database`.
    """
    from storage.archive import places

    url = config.resolved_database_url(database)
    return places.recording_places(config.home, url, configured_archive(config))
