"""Knows the version and the notes of a release. Needs no package.

    python3 .ci/release.py version           prints the version of pyproject.toml
    python3 .ci/release.py check TAG         fails unless TAG is v and this version, with notes
    python3 .ci/release.py notes             prints this version's section of CHANGELOG.md

The version stands in pyproject.toml and nowhere else. The section in CHANGELOG.md is
`## [VERSION] - YYYY-MM-DD`, as Keep a Changelog has it.
"""

import re
import sys
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
USAGE = "usage: release.py version | check TAG | notes"


class NotReady(Exception):
    """The release cannot be made. The message says why."""


def read_version(root: Path = ROOT) -> str:
    """Returns the version that pyproject.toml names."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def release_notes(changelog: str, version: str) -> str:
    """Returns the section of a version, without its heading.

    Raises NotReady if there is none, if it is empty, or if its heading has no day.
    """
    heading = rf"^## \[{re.escape(version)}\](?: - (?P<day>\S+))?\s*$"
    found = re.search(heading, changelog, re.MULTILINE)
    if found is None:
        raise NotReady(f"CHANGELOG.md has no section [{version}]: rename [Unreleased] to it")
    try:
        date.fromisoformat(found["day"] or "")
    except ValueError:
        raise NotReady(f"CHANGELOG.md: write ## [{version}] - YYYY-MM-DD") from None
    rest = changelog[found.end() :]
    following = re.search(r"^## |^\[[^\]]+\]: ", rest, re.MULTILINE)
    notes = rest[: following.start() if following else None].strip()
    if not notes:
        raise NotReady(f"CHANGELOG.md says nothing about {version}")
    return notes


def check(tag: str, root: Path = ROOT) -> None:
    """Raises NotReady unless the tag belongs to the version, and the version has notes."""
    version = read_version(root)
    if tag.removeprefix("refs/tags/") != f"v{version}":
        raise NotReady(f"the tag {tag} is not v{version}, the version of pyproject.toml")
    release_notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)


def main(arguments: list[str]) -> int:
    """Runs one of the commands. Returns the exit code."""
    try:
        match arguments:
            case ["version"]:
                print(read_version())  # noqa: T201 - it is a script
            case ["check", tag]:
                check(tag)
            case ["notes"]:
                changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
                print(release_notes(changelog, read_version()))  # noqa: T201
            case _:
                raise NotReady(USAGE)
    except NotReady as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
