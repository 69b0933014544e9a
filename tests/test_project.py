import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.test_layers import imported

ROOT = Path(__file__).parents[1]


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def named(requirements: list[str]) -> set[str]:
    names = (re.split(r"[\[<>=!~; ]", each)[0] for each in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


@pytest.mark.threats("S19")
def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = toml("pyproject.toml")["project"]
    packages = {package["name"]: package for package in toml("uv.lock")["package"]}
    held = packages["nkwire"]["metadata"]
    asked = sorted(
        Requirement(each).name.lower().replace(".", "-") + str(Requirement(each).specifier)
        for each in [
            *project["dependencies"],
            *(each for extra in project["optional-dependencies"].values() for each in extra),
        ]
    )
    assert asked == sorted(
        each["name"] + str(SpecifierSet(each["specifier"])) for each in held["requires-dist"]
    )
    assert set(held["provides-extras"]) == set(project["optional-dependencies"])
    for each in held["requires-dist"]:
        assert packages[each["name"]]["version"] in SpecifierSet(each["specifier"])


# Imported by name or by a library: by `import_module`, by SQLAlchemy.
IMPORTED_OTHERWISE = {"backports-zstd", "psycopg"}


def test_every_dependency_is_imported() -> None:
    names: set[str] = set()
    for package in ("cli", "crawler", "dedup", "spiders", "storage", "web"):
        for path in (ROOT / package).rglob("*.py"):
            names |= imported(path)
    names |= imported(ROOT / "scheduler.py") | imported(ROOT / "nkwire.py")
    distributions = packages_distributions()
    used = named([each for name in names for each in distributions.get(name, [])])
    asked = named(toml("pyproject.toml")["project"]["dependencies"])
    assert asked - used == IMPORTED_OTHERWISE


@pytest.mark.threats("S19")
def test_the_lock_names_the_public_index_only_and_hashes_every_file() -> None:
    for package in toml("uv.lock")["package"]:
        if package["name"] == "nkwire":
            assert package["source"] == {"editable": "."}
            continue
        assert package["source"] == {"registry": "https://pypi.org/simple"}
        files = [
            *package.get("wheels", []),
            *([package["sdist"]] if "sdist" in package else []),
        ]
        assert files, package["name"]
        for file in files:
            assert file["url"].startswith("https://files.pythonhosted.org/")
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"])


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/py.typed")), ids=lambda path: path.parent.name)
def test_every_package_says_that_it_is_typed_and_is_shipped(path: Path) -> None:
    build = toml("pyproject.toml")["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert path.parent.name in build["only-include"]
