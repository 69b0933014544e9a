"""What can go wrong with the database, told apart by what the user can do.

    StorageError
    ├── NoDatabase         nothing is there, and it was not to be made
    ├── BadUrl             the database URL cannot be used
    ├── SchemaError        the tables are of a newer nkwire, or not of nkwire at all
    ├── SchemeError        the stored signatures cannot be compared with what this nkwire computes
    ├── Unavailable        busy or gone for longer than `patience`; nothing of the call was kept
    ├── DiskFull           no room left; nothing of the call was kept
    └── NotFound           no article, story or decision has this id

Nothing else of the database driver leaves this package.
"""


class StorageError(Exception):
    """Root of all errors that storage raises; the message says what to do."""


class NoDatabase(StorageError):
    """There is no database at the URL, and `create` was false."""


class BadUrl(StorageError):
    """The database URL is malformed, or names a database that is not supported."""


class SchemaError(StorageError):
    """The tables cannot be brought to this version."""


class DedupSchemeError(StorageError):
    """The database's dedup scheme is not one that this version can continue."""


class Unavailable(StorageError):
    """The database was locked, stopped or out of reach for too long."""


class DiskFull(StorageError):
    """The database's disk is full."""


class NotFound(StorageError):
    """No row has this id."""
