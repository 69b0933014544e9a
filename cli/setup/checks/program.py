"""Checks nkwire itself: its version and those of its libraries, and the settings."""

import platform
import sqlite3
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec

from cli.setup.checks.finding import Finding, ok, problem, warning
from storage.version import package_version

MIN_SQLITE = "3.35"  # RETURNING
MAIN_LIBRARIES = ("scrapy", "sqlalchemy", "apscheduler", "datasketch")
EXTRAS = {
    "parquet": "pyarrow",
    "fast": "numba",
    "fleet": "procrastinate",
    "pandas": "pandas",
    "polars": "polars",
    "plot": "matplotlib",
    "s3": "s3fs",
}


def check_versions() -> Finding:
    """Checks the libraries against the lower bounds that nkwire declares."""
    return judge_versions(read_requirements(), installed_version, sqlite3.sqlite_version)


def judge_versions(
    bounds: Iterable[tuple[str, str]], installed: Callable[[str], str], sqlite: str
) -> Finding:
    """Decides by the lower bounds (name, version), and by what is installed ("" if it is not)."""
    found = {name: installed(name) for name, _ in bounds}
    missing = [name for name, there in found.items() if not there]
    old = [
        f"{name} {found[name]} (needs {bound})"
        for name, bound in bounds
        if found[name] and is_older(found[name], bound)
    ]
    if is_older(sqlite, MIN_SQLITE):
        old.append(f"SQLite {sqlite} (needs {MIN_SQLITE})")
    if missing or old:
        lines = [
            *(f"{name} is missing" for name in missing),
            *(f"{each} is too old" for each in old),
        ]
        return problem("versions", ", ".join(lines), "install nkwire again: pip install --upgrade")
    libraries = ", ".join(f"{name} {found[name]}" for name in MAIN_LIBRARIES if found.get(name))
    return ok(
        "versions",
        f"nkwire {package_version()}, Python {platform.python_version()}, SQLite {sqlite}"
        f"{', ' if libraries else ''}{libraries}",
    )


def read_requirements(lines: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Returns name and lower bound of each library that nkwire always needs on this Python.

    `lines`: as in a package's metadata (PEP 508); None reads nkwire's own. [] if it has none.
    """
    if lines is None:
        try:
            lines = requires("nkwire") or []
        except PackageNotFoundError:  # a checkout that is not installed
            lines = []
    found = []
    for line in lines:
        requirement, _, marker = line.partition(";")
        name = requirement
        for separator in "[<>=!~ ":
            name = name.partition(separator)[0]
        bound = requirement.partition(">=")[2].partition(",")[0].strip()
        if bound and not marker:
            found.append((name.lower(), bound))
    return found


def installed_version(name: str) -> str:
    """Returns the version of an installed library; "" if it is missing."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def is_older(there: str, bound: str) -> bool:
    """Whether a version is below a bound. Only the leading numbers of both count."""
    return _numbers(there) < _numbers(bound)


def _numbers(text: str) -> tuple[int, ...]:
    numbers = []
    for part in text.split("."):
        digits = part[: next((at for at, each in enumerate(part) if not each.isdigit()), len(part))]
        if not digits:
            break
        numbers.append(int(digits))
    while numbers and not numbers[-1]:
        numbers.pop()  # 2.0 is as old as 2
    return tuple(numbers)


def check_extras() -> Finding:
    """Says which optional libraries are there. None of them must be."""
    return judge_extras({module: find_spec(module) is not None for module in EXTRAS.values()})


def judge_extras(there: dict[str, bool]) -> Finding:
    """Decides by the modules that can be imported."""
    lacking = [extra for extra, module in EXTRAS.items() if not there[module]]
    names = ", ".join(module for module, is_there in there.items() if is_there) or "none"
    hint = f"; for more: pip install 'nkwire[{','.join(lacking)}]'" if lacking else ""
    return ok("optional libraries", f"{names}{hint}")


def check_settings() -> Finding:
    """Says which file of settings holds, and which variables are no settings.

    Raises ConfigError.
    """
    from crawler.config.config import ignored_variables, settings_file

    file = settings_file()
    where = (
        f"{file} is read" if file else "no file nkwire.toml; the environment and the defaults hold"
    )
    if ignored := ignored_variables():
        return warning(
            "settings",
            f"{where}; these variables are no settings: {', '.join(ignored)}",
            "look for typing errors: `nkwire config` shows the settings in force",
        )
    return ok("settings", where)
