"""How well copies and reports are told apart on articles that a person labelled, never below a floor.

The labelled articles are other people's and lie beside the checkout; without them this is skipped.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dedup.bulk.cluster import Clustering, cluster_documents
from dedup.records import Document
from dedup.signature.scheme import Scheme

SHARED = Path(__file__).parents[2] / "../shared"
GOLD, GOLD2, KCNA = SHARED / "gold", SHARED / "gold2", SHARED / "kcna/headlines-2024-11-11.json"
FLOORS: dict[str, dict[str, float]] = json.loads(
    (Path(__file__).parent / "floors.json").read_text(encoding="utf-8")
)["dedup"]
SCHEME = Scheme(seed=20310506)

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@dataclass(frozen=True)
class Scored:
    """Files of predicted groups by the labelled articles' own ids, for the scorer beside them."""

    labelled: Path
    files: dict[str, Path]

    def score(self, task: str, language: str | None = None) -> dict[str, float]:
        chosen = ["--lang", language] if language else []
        arguments = [str(self.labelled), str(self.files[task]), "--task", task, *chosen, "--json"]
        answer = subprocess.run(
            [sys.executable, str(self.labelled / "eval.py"), *arguments],
            check=True,
            capture_output=True,
            timeout=120,
        )
        found: dict[str, float] = json.loads(answer.stdout)[task]
        return found


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    return cluster_labelled(GOLD, tmp_path_factory.mktemp("scored"))


@pytest.fixture(scope="module")
def scored2(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """The second set: other sources, teasers, Russian and Chinese."""
    return cluster_labelled(GOLD2, tmp_path_factory.mktemp("scored2"))


def cluster_labelled(labelled: Path, folder: Path) -> Scored:
    if not labelled.is_dir():
        pytest.skip("the labelled articles are not beside the checkout")
    with (labelled / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    names = {number: row["id"] for number, row in enumerate(rows, start=1)}
    found = cluster_documents(
        (read(number, row) for number, row in enumerate(rows, start=1)), SCHEME
    )
    groups = {"copy": [story.members for story in found.stories], "report": found.report_members}
    files = {task: folder / f"{task}.json" for task in groups}
    for task, file in files.items():
        file.write_text(json.dumps([[names[i] for i in members] for members in groups[task]]))
    return Scored(labelled, files)


def read(number: int, row: dict[str, Any]) -> Document:
    at = row.get("published_at")
    return Document(
        id=number,
        uid=row["id"],
        title=row["title"],
        text=row["text"],
        language=row["language"],
        outlet=row["outlet"],
        published_at=datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None,
    )


@pytest.mark.parametrize("language", ["all", "ko", "en", "es"])
def test_copies_are_told_at_least_as_well_as_before(language: str, scored: Scored) -> None:
    found = scored.score("copy", None if language == "all" else language)
    for measure, floor in FLOORS[f"copy {language}"].items():
        assert found[measure] >= floor, measure


@pytest.mark.parametrize("language", ["all", "ko", "en", "zh", "ru"])
def test_copies_of_the_second_set_are_told_at_least_as_well_as_before(
    language: str, scored2: Scored
) -> None:
    found = scored2.score("copy", None if language == "all" else language)
    for measure, floor in FLOORS[f"second copy {language}"].items():
        assert found[measure] >= floor, measure


def test_reports_are_told_at_least_as_well_as_before(scored: Scored) -> None:
    found = scored.score("report")
    for measure, floor in FLOORS["report"].items():
        assert found[measure] >= floor, measure


@pytest.fixture(scope="module")
def agency() -> tuple[list[dict[str, Any]], Clustering]:
    """The agency's own reports, many of them under several addresses, with their stories."""
    if not KCNA.exists():
        pytest.skip("the agency's reports are not beside the checkout")
    rows = [
        row for row in json.loads(KCNA.read_text(encoding="utf-8")) if row["story_text"].strip()
    ]
    documents = [
        Document(
            id=number,
            uid=f"{number:05}",
            title=row["headline"],
            text=row["story_text"],
            language="en",
            outlet="kcna",
            published_at=datetime.fromtimestamp(row["date"] / 1000, UTC),
            rank=0,
        )
        for number, row in enumerate(rows, start=1)
    ]
    return rows, cluster_documents(documents, SCHEME)


def translated_twice(rows: list[dict[str, Any]]) -> Iterator[set[int]]:
    by_link: dict[str, dict[str, int]] = defaultdict(dict)
    for number, row in enumerate(rows, start=1):
        by_link[row["link"]].setdefault(row["story_text"], number)
    yield from (set(texts.values()) for texts in by_link.values() if len(texts) > 1)


def test_two_translations_of_a_report_are_one_story(
    agency: tuple[list[dict[str, Any]], Clustering],
) -> None:
    rows, found = agency
    stories = [set(story.members) for story in found.stories]
    pairs = list(translated_twice(rows))
    assert len(pairs) == 20
    assert all(any(pair <= story for story in stories) for pair in pairs)


def test_different_reports_of_the_agency_stay_apart(
    agency: tuple[list[dict[str, Any]], Clustering],
) -> None:
    rows, found = agency
    links = [{rows[i - 1]["link"] for i in story.members} for story in found.stories]
    texts = [{rows[i - 1]["story_text"] for i in story.members} for story in found.stories]
    by_link: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_link[row["link"]].add(row["story_text"])
    assert len(rows) == 1862
    assert len(found.stories) <= 1059
    for story, addresses in zip(texts, links, strict=True):
        # Several texts are one story only if one page carried them all.
        assert len(story) == 1 or any(story <= by_link[address] for address in addresses)
