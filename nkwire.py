"""The `nkwire` command: makes sure that the packages are ours, then hands over to `cli`."""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

PROJECT_MODULES = ("cli", "crawler", "dedup", "scheduler", "spiders", "storage")


def shadowing_error_message(path: Sequence[str], home: Path) -> str:
    """Name the first of our modules that `path` finds elsewhere than in `home`; "" if none."""
    for name in PROJECT_MODULES:
        spec = PathFinder.find_spec(name, path)
        found = Path(spec.origin).resolve() if spec and spec.origin else None
        if found not in (home / name / "__init__.py", home / f"{name}.py"):
            return f"{name!r} comes from {found or 'nowhere'} instead of {home}"
    return ""


def main() -> None:
    """Run the command and exit with its code."""
    wrong = shadowing_error_message(sys.path, Path(__file__).resolve().parent)
    if wrong:
        print(  # noqa: T201 - nothing of ours can be imported to print it
            f"nkwire: {wrong}; install nkwire into a virtual environment of its own",
            file=sys.stderr,
        )
        sys.exit(2)
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    from cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
