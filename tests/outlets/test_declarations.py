"""What holds for every outlet, so that a new one cannot be half declared."""

from pathlib import Path

import pytest

from crawler.faults import faults
from crawler.registry import outlet_for, outlets

SPIDERS = Path(__file__).parents[2] / "spiders"


def test_every_file_of_spiders_is_an_outlet() -> None:
    files = {path.stem for path in SPIDERS.glob("*.py")} - {"__init__"}
    assert files == set(outlets())


@pytest.mark.parametrize("name", outlets())
def test_a_declaration_has_no_fault(name: str) -> None:
    assert faults(outlets()[name]) == []


@pytest.mark.parametrize("name", outlets())
def test_an_outlet_is_found_by_its_hosts(name: str) -> None:
    assert {outlet_for(f"https://{host}/").name for host in outlets()[name].hosts} == {name}
