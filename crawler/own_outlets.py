"""Loads outlets that nkwire does not come with: from a folder of the user's own, and from packages."""

import importlib
import sys
import traceback
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

from crawler.config.settings_file import ConfigError
from crawler.outlet import DeclarationError, Outlet

PACKAGE = "own_outlets"  # the modules of the folder are `own_outlets.NAME`
ENTRY_POINTS = "nkwire.outlets"
_WRITE_ONE = "write a class that inherits from crawler.outlet.Outlet"


def outlets_in_folder(
    folder: Path, faults: list[DeclarationError] | None = None
) -> Iterator[tuple[str, type[Outlet]]]:
    """Yields the outlets of the files `*.py` in a folder, each with the path of its file.

    A file whose name begins with `_` or `.` is only read if another one imports it. `faults`: a list
    that gets the error of each file that cannot be read. Raises ConfigError if there is no such
    folder, and without `faults` DeclarationError for the first file that cannot be read.
    """
    if not folder.is_dir():
        raise ConfigError(f"outlets_folder: there is no folder {str(folder)!r}")
    _make_package(folder)
    for file in sorted(folder.glob("*.py")):
        if file.name[0] in "_.":
            continue
        try:
            declared = _outlets_in_file(file)
        except DeclarationError as error:
            if faults is None:
                raise
            faults.append(error)
        else:
            yield from ((str(file), outlet) for outlet in declared)


def _outlets_in_file(file: Path) -> list[type[Outlet]]:
    """Returns the outlets of a file of the folder. Raises DeclarationError, also if it has none."""
    if "." in file.stem:
        raise DeclarationError(f"{file}: the name of the file must have no further full stop")
    declared = list(outlets_in_module(_import(f"{PACKAGE}.{file.stem}", str(file), file)))
    if not declared:
        raise DeclarationError(
            f"{file} declares no outlet: {_WRITE_ONE}, or begin the name of the file with _"
        )
    return declared


def outlets_of_packages() -> Iterator[tuple[str, type[Outlet]]]:
    """Yields the outlets of the entry points `nkwire.outlets`, each with the name of its package.

    An entry point names a module or one class. Raises DeclarationError if it cannot be loaded.
    """
    for point in entry_points(group=ENTRY_POINTS):
        where = f"{point.dist.name if point.dist else ''} (entry point {point.name!r})".lstrip()
        found = _load(point, where)
        if isinstance(found, ModuleType):
            declared = list(outlets_in_module(found))
        else:
            declared = [found] if isinstance(found, type) and issubclass(found, Outlet) else []
        if not declared:
            raise DeclarationError(f"{where} declares no outlet: {_WRITE_ONE}")
        yield from ((where, outlet) for outlet in declared)


def outlets_in_module(module: ModuleType) -> Iterator[type[Outlet]]:
    """Yields the outlets that a module declares itself."""
    for value in vars(module).values():
        is_outlet = isinstance(value, type) and issubclass(value, Outlet)
        if is_outlet and value.__module__ == module.__name__ and hasattr(value, "name"):
            yield value


def _make_package(folder: Path) -> None:
    """Makes the folder importable under one name, so that its files may import each other."""
    for name in [each for each in sys.modules if each.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    spec = ModuleSpec(PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(folder.absolute())]
    sys.modules[PACKAGE] = module_from_spec(spec)
    importlib.invalidate_caches()


def _import(name: str, where: str, file: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001  it is code of the user, and fails as it likes
        raise DeclarationError(_error_line(error, where, file)) from None


def _load(point: EntryPoint, where: str) -> object:
    try:
        return point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001  it is code of the user, and fails as it likes
        raise DeclarationError(_error_line(error, where, None)) from None


def _error_line(error: BaseException, where: str, file: Path | None) -> str:
    """Returns what is wrong with a file, as one line with the number of its line."""
    if isinstance(error, DeclarationError):
        return f"{where}: {error}"
    if isinstance(error, SyntaxError):
        line = f", line {error.lineno}" if error.lineno else ""
        is_in_other = file and error.filename and Path(error.filename) != file.absolute()
        place = f"{where}: {error.filename}" if is_in_other else where
        return f"{place}{line}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame.lineno for frame in frames if file and Path(frame.filename) == file.absolute()]
    line = f", line {own[-1]}" if own else ""
    message = " ".join(str(error).split())
    return f"{where}{line}: {type(error).__name__}: {message}".removesuffix(": ")
