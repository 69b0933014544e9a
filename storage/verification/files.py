"""Checks the file of an SQLite database, page by page."""

from collections.abc import Iterator

from storage.dialects import iter_file_problems
from storage.engine import TransactionalEngine
from storage.errors import StorageError


def find_file_problems(database: TransactionalEngine) -> Iterator[str]:
    """Yields what SQLite finds wrong in its file; nothing on PostgreSQL.

    PostgreSQL checks its own pages if the cluster has checksums (`initdb --data-checksums`).
    """
    try:
        yield from database.read(lambda connection: list(iter_file_problems(connection)))
    except StorageError as error:
        yield str(error)
