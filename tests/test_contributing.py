"""CONTRIBUTING.md and docs/architecture.md name files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| [^|]+ \| `([^`|]+)` \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w./]+(?:/|\.py))`")


def places() -> list[str]:
    """The second column of the table "to change X, open Y"."""
    return ROW.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))


def section() -> str:
    """The section "A walk" of docs/architecture.md."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    return page.partition("## A walk")[2].partition("\n## ")[0]


def walk() -> list[str]:
    """The files that the walk of docs/architecture.md names."""
    return NAMED.findall(section())


def test_the_table_has_some_thirty_places() -> None:
    assert len(places()) >= 30


def test_the_walk_has_at_most_fifteen_steps() -> None:
    steps = re.findall(r"^\d+\. ", section(), re.MULTILINE)
    assert 10 <= len(steps) <= 15


@pytest.mark.parametrize("place", sorted({*places(), *walk()}))
def test_what_is_named_exists(place: str) -> None:
    assert (ROOT / place).exists()
