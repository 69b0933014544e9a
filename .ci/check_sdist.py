"""Say what is missing in a source distribution, or does not belong there.

    python3 .ci/check_sdist.py DIST.tar.gz

It must hold all that the tests read: the folders and files of the checkout that pyproject.toml
names, and nothing else.
"""

import sys
import tarfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
ADDED = {"PKG-INFO", "README.md", "LICENSE", "pyproject.toml", ".gitignore"}
PASSING = {"__pycache__", ".hypothesis", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".DS_Store"}


def expected(root: Path = ROOT) -> set[str]:
    """Returns the names that a source distribution of this checkout has, without its first folder."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    listed = project["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    names = set(ADDED)
    for each in listed:
        path = root / each
        files = path.rglob("*") if path.is_dir() else [path]
        names |= {
            file.relative_to(root).as_posix()
            for file in files
            if file.is_file() and not PASSING & set(file.parts) and file.suffix != ".pyc"
        }
    return names


def main(dist: str) -> int:
    """Compare; 1 if something differs."""
    with tarfile.open(dist) as opened:
        held = {each.name.partition("/")[2] for each in opened.getmembers() if each.isfile()}
    wanted = expected()
    for what, names in (("missing", wanted - held), ("does not belong", held - wanted)):
        for name in sorted(names):
            print(f"{what}: {name}")  # noqa: T201 - it is a script
    print(f"{Path(dist).name}: {len(held)} files")  # noqa: T201
    return int(held != wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
