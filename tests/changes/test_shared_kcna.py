"""KCNA's own re-translations: 20 of 1,840 addresses hold two wordings of one report."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from dedup.changes.records import Nature, Wording
from dedup.changes.verdict import change

FILE = Path(__file__).parents[2].parent / "shared/kcna/headlines-2024-11-11.json"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    if not FILE.exists():
        pytest.skip("the KCNA rows are not beside the checkout")
    return [row for row in json.loads(FILE.read_bytes()) if row.get("story_text")]


@pytest.mark.shared
def test_the_re_translated_reports_are_told_from_all_others(rows: list[dict[str, Any]]) -> None:
    versions: dict[str, list[Wording]] = defaultdict(list)
    for row in rows:
        version = Wording(title=row["headline"], text=row["story_text"], translated=True)
        if version not in versions[row["link"]]:
            versions[row["link"]].append(version)
    found = {url: change(*both) for url, both in versions.items() if len(both) == 2}
    natures = [each.nature for each in found.values() if each and not each.boring]
    assert natures == [Nature.RETRANSLATION] * 20
    assert len(versions) == 1840
