"""Checks the archive of recordings: its library, its address, the rights there."""

from cli.arguments.recordings import configured_archive
from cli.setup.checks.finding import Finding, Situation, ok, problem
from storage.errors import ArchiveError, ArchiveUnavailable, MissingLibrary

NAME = "archive"


def check_archive(situation: Situation) -> Finding:
    """Writes, reads and deletes a small object in the archive, if there is one."""
    archive = configured_archive(situation.config)
    if archive is None:
        return ok(NAME, "none: recordings stay in the home folder")
    try:
        archive.probe()
    except MissingLibrary as error:
        return problem(NAME, str(error), "install it, or remove `archive` from the settings")
    except ArchiveUnavailable as error:
        advice = "check the network and AWS_ENDPOINT_URL; until then recordings wait here"
        return problem(NAME, str(error), advice)
    except ArchiveError as error:
        advice = "check the name of the bucket, the credentials, and rights to put, get and delete"
        return problem(NAME, str(error), advice)
    return ok(NAME, f"{archive}: can be written, read and deleted")
