"""The `nkwire` command and the Python API.

The command checks that the packages it imports are the project's own, then calls `cli`. The API is
`open_database`, and `NkwireError`, the base class of all errors:

    from nkwire import open_database

    with open_database("sqlite:///data/nkwire.db", create=False) as database:
        for article in database.articles.iter(outlet="kcna"):
            print(article.published_at, article.title)
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.errors import NkwireError
    from storage.database import Database

__all__ = ["NkwireError", "main", "open_database"]

PROJECT_MODULES = ("cli", "crawler", "dedup", "scheduler", "spiders", "storage", "web")
_HOME = Path(__file__).resolve().parent


def __getattr__(name: str) -> type[Exception]:
    # Late, since another package's `dedup` may lie in the way; the functions below say so.
    if name != "NkwireError":
        raise AttributeError(name)
    from dedup import errors

    return errors.NkwireError


def open_database(
    url: str | None = None,
    *,
    create: bool = True,
    seed: int | None = None,
    patience: float = 300,
    reading_only: bool = False,
    statement_seconds: float | None = None,
    lock_seconds: float | None = None,
) -> "Database":
    """Opens a corpus and brings its tables up to date.

    `url`: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`; None means `sqlite:///data/nkwire.db`.
    `create`: makes the database if there is none; with False a missing one raises
    `storage.errors.NoDatabase`.
    `seed`: the dedup seed of a new database; None draws a random one.
    `patience`: seconds to wait for a busy or unreachable database before an error is raised.
    `reading_only`: brings nothing up to date, and the database refuses every change.
    `statement_seconds`: the longest time of one statement on PostgreSQL, if `reading_only`.
    `lock_seconds`: how long a statement waits for other writers; None means 20 on SQLite, and
    without end on PostgreSQL.

    The result closes itself at the end of a `with` block. All its errors derive from
    `NkwireError`. Raises ImportError if another installed package has the name of
    one of ours.
    """
    if message := shadowing_error_message(sys.path, _HOME):
        raise ImportError(f"{message}; install nkwire into a virtual environment of its own")
    from storage.database import open_database as open_storage

    return open_storage(
        url,
        create=create,
        seed=seed,
        patience=patience,
        reading_only=reading_only,
        statement_seconds=statement_seconds,
        lock_seconds=lock_seconds,
    )


def shadowing_error_message(path: Sequence[str], home: Path) -> str:
    """Names the first of our modules that `path` finds elsewhere than in `home`; "" if none is."""
    for name in PROJECT_MODULES:
        spec = PathFinder.find_spec(name, path)
        module_file = Path(spec.origin).resolve() if spec and spec.origin else None
        if module_file not in (home / name / "__init__.py", home / f"{name}.py"):
            return f"{name!r} comes from {module_file or 'nowhere'} instead of {home}"
    return ""


def main() -> None:
    """Runs the command and exits with its code."""
    if message := shadowing_error_message(sys.path, _HOME):
        print(  # noqa: T201 - nothing of ours can be imported to print it
            f"nkwire: {message}; install nkwire into a virtual environment of its own",
            file=sys.stderr,
        )
        sys.exit(2)
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    from cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
