"""Say what is missing in a wheel, or does not belong there."""

import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]
PACKAGES = ("cli", "crawler", "dedup", "nkwire-stubs", "spiders", "storage", "web")
MODULES = {"nkwire.py", "scheduler.py"}
PASSING = {"__pycache__"}


def expected() -> set[str]:
    """All files of the packages as they lie in the checkout, and the two modules."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return MODULES | {
        str(path.relative_to(ROOT)) for path in files if not PASSING & set(path.parts)
    }


def main(wheel: str) -> int:
    """Compare; 1 if something differs."""
    with ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    wanted = expected()
    for what, names in (("missing", wanted - held), ("does not belong", held - wanted)):
        for name in sorted(names):
            print(f"{what}: {name}")  # noqa: T201 - it is a script
    print(f"{Path(wheel).name}: {len(held)} files")  # noqa: T201
    return int(held != wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
