"""Defines the errors of storage, one class for each thing that the user can do about it.

    NkwireError
    ├── StorageError
    │   ├── NoDatabase         the database does not exist, and `create` was False
    │   ├── BadUrl             the database URL cannot be used
    │   ├── SchemaError        the tables belong to another nkwire or to another program
    │   ├── NotADatabase       the file is empty, a folder, a device, or may not be read
    │   ├── Damaged            the file, or a stored value, is not as it was written
    │   ├── ReadOnly           the database, its file or its folder may only be read
    │   ├── DedupSchemeError   this nkwire cannot compare its signatures with the stored ones
    │   ├── Unavailable        busy or out of reach for longer than `patience`; no change was kept
    │   ├── DiskFull           the disk is full; no change was kept
    │   ├── Overloaded         too few files, too little memory; no change was kept
    │   ├── TooSlow            a reading took longer than its time limit
    │   ├── JobLost            the job of a run was given to another worker
    │   ├── NotFound           no article, story or decision has this id
    │   └── ArchiveError       the archive of recordings refuses, or its address is wrong
    │       ├── ArchiveUnavailable  it cannot be reached, or fails; nothing of a file is there
    │       └── ArchiveConflict     it holds other bytes under the name of a recording
    ├── InvalidRequest         what was asked for is malformed, or two wishes exclude each other
    ├── CannotWrite            a file or folder cannot be written; nothing was left there
    └── MissingLibrary         an optional library is not installed

Errors of the database driver do not leave this package.
"""

from typing import ClassVar

from dedup.errors import NkwireError


class StorageError(NkwireError):
    """Base class of what goes wrong with a database; the message says what to do."""


class NoDatabase(StorageError):
    """There is no database at the URL, and `create` was False."""


class NotADatabase(StorageError):
    """What lies at the URL cannot be read as a database; nothing was changed."""


class Damaged(StorageError):
    """The database, or a value in it, is not as it was written."""


class BadUrl(StorageError):
    """The database URL is malformed, or names a database that is not supported."""


class SchemaError(StorageError):
    """The tables cannot be migrated to this version."""


class DedupSchemeError(StorageError):
    """The dedup scheme of the database cannot be used by this version of nkwire."""


class Unavailable(StorageError):
    """The database was locked, stopped or out of reach for too long."""

    exit_code: ClassVar[int] = 4


class DiskFull(StorageError):
    """The database's disk is full."""

    exit_code: ClassVar[int] = 4


class Overloaded(StorageError):
    """The machine has too few file descriptors, too little memory or too few processes."""

    exit_code: ClassVar[int] = 4


class ReadOnly(StorageError):
    """The database was opened for reading only, or may only be read."""


class TooSlow(StorageError):
    """A reading took longer than its time limit."""


class JobLost(StorageError):
    """The job of a run is no longer this worker's: nothing of the run's end was stored."""


class NotFound(StorageError):
    """No row has this id."""


class ArchiveError(StorageError):
    """The archive cannot be used: no such bucket, no rights, no credentials."""


class ArchiveUnavailable(ArchiveError):
    """The archive cannot be reached, or does not work. What was to be put there is not there."""

    exit_code: ClassVar[int] = 4


class ArchiveConflict(ArchiveError):
    """An object has the name of a recording and other bytes. Both stay as they are."""


class InvalidRequest(NkwireError, ValueError):
    """What was asked for is malformed, unknown or impossible; nothing was changed."""


class CannotWrite(NkwireError):
    """The target cannot be written; nothing was left there. The message says which, and why."""


class MissingLibrary(NkwireError, ImportError):
    """A format needs a library that is not installed."""
