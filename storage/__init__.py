"""Stores articles: records, tables, the one write path, the SQL index of dedup, export, import."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.database import Database, open_database

__all__ = ["Database", "open_database"]


def __getattr__(name: str) -> object:
    # Modules that need only the records must not spend a second on importing the database.
    if name in __all__:
        return getattr(import_module("storage.database"), name)
    raise AttributeError(f"module 'storage' has no attribute {name!r}")
