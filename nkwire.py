"""The `nkwire` command and the Python API.

The command checks that the packages it imports are the project's own, then calls `cli`. The API is
`open_database`, and `NkwireError`, the base class of all errors:

    from nkwire import open_database

    with open_database("sqlite:///data/nkwire.db", create=False) as database:
        for article in database.articles.iter(outlet="kcna"):
            print(article.published_at, article.title)
"""

import errno
import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, NoReturn

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


def shadowing_error_message(
    path: Sequence[str], home: Path, loaded: Mapping[str, ModuleType] = sys.modules
) -> str:
    """Names the first of our modules that comes from elsewhere than `home`; "" if none does.

    `path`: where Python looks for modules. `loaded`: the modules that it has loaded already.
    """
    for name in PROJECT_MODULES:
        spec = PathFinder.find_spec(name, path)
        origins = [spec.origin if spec else None]  # children look along the path
        if name in loaded:
            origins.append(getattr(loaded[name], "__file__", None))
        for origin in origins:
            module_file = Path(origin).resolve() if origin else None
            if module_file not in (home / name / "__init__.py", home / f"{name}.py"):
                return f"{name!r} comes from {module_file or 'nowhere'} instead of {home}"
    return ""


def main() -> None:
    """Runs the command and exits with its code."""
    _open_closed_streams()
    # While modules load, and at the end, a KeyboardInterrupt could come up anywhere.
    is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_interruptible:
        signal.signal(signal.SIGINT, _end_interrupted)
    if message := shadowing_error_message(sys.path, _HOME):
        print(  # noqa: T201 - nothing of ours can be imported to print it
            f"nkwire: {message}; install nkwire into a virtual environment of its own",
            file=sys.stderr,
        )
        sys.exit(2)
    os.umask(
        os.umask(0o777) | 0o027
    )  # for all that libraries make too; see storage/files/making.py
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    try:
        from cli.app import run
    except (ImportError, MemoryError, OSError) as error:
        if not _is_shortage(error):
            raise
        print(f"nkwire: cannot start: {error or 'not enough memory'}", file=sys.stderr)  # noqa: T201
        sys.exit(4)
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` ignores one of them
                signal.signal(number, _interrupt)
        if is_interruptible:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = run(sys.argv[1:])
        if is_interruptible:
            signal.signal(signal.SIGINT, _end_interrupted)
    except KeyboardInterrupt:  # just before `run` looks out for it, or just after
        _end_interrupted(signal.SIGINT, None)
    gc.freeze()  # else Python takes all modules apart, for a quarter of a short command's time
    sys.exit(code)


def _open_closed_streams() -> None:
    """Opens /dev/null as each standard stream that is closed, so that no other file gets its number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _end_interrupted(number: int, frame: object) -> NoReturn:
    os.write(2, b"nkwire: interrupted\n")
    os._exit(130)


def _interrupt(_: int, __: FrameType | None) -> None:
    # Ends as Ctrl-C does, so that what is half written is removed.
    raise KeyboardInterrupt


def _is_shortage(error: ImportError | MemoryError | OSError) -> bool:
    """Whether the machine lacks memory or open files, so that nothing can be imported."""
    if isinstance(error, OSError):
        return error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
    # The dynamic loader's words for a library that finds no memory.
    return isinstance(error, MemoryError) or "failed to map segment" in str(error)


if __name__ == "__main__":
    main()
