# A module that is a single file cannot carry `py.typed` (PEP 561), so its types lie here.
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from dedup.errors import NkwireError as NkwireError
from storage.database import Database

PROJECT_MODULES: tuple[str, ...]

def open_database(
    url: str | None = None,
    *,
    create: bool = True,
    seed: int | None = None,
    patience: float = 300,
    reading_only: bool = False,
    statement_seconds: float | None = None,
    lock_seconds: float | None = None,
) -> Database: ...
def shadowing_error_message(
    path: Sequence[str], home: Path, loaded: Mapping[str, ModuleType] = ...
) -> str: ...
def main() -> None: ...
