"""Keeps articles: records, tables, the one write path, the SQL index for dedup, export and import."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.database import Database, open_database

__all__ = ["Database", "open_database"]


def __getattr__(name: str) -> object:
    # The records are needed in places that should not wait a second for a database to be imported.
    if name in __all__:
        return getattr(import_module("storage.database"), name)
    raise AttributeError(f"module 'storage' has no attribute {name!r}")
