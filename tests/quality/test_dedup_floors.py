"""How well copies and reports are told apart on articles that a person labelled, never below a floor.

The labelled articles are other people's and lie beside the checkout; without them this is skipped.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dedup.bulk.cluster import Clustering, cluster_documents
from dedup.evaluation import compute_figures
from dedup.records import Document
from dedup.signature.scheme import Scheme

SHARED = Path(__file__).parents[2] / "../shared"
KCNA = SHARED / "kcna/headlines-2024-11-11.json"
FLOORS: dict[str, dict[str, dict[str, float]]] = json.loads(
    (Path(__file__).parent / "floors.json").read_text(encoding="utf-8")
)["dedup"]
SCHEME = Scheme(seed=20310506)

pytestmark = [pytest.mark.shared, pytest.mark.slow]


Found = dict[str, dict[str, dict[str, float]]]


@pytest.fixture(scope="module")
def found() -> Found:
    """The figures of each labelled set, by line ("reports ko") and measure."""
    folders = {name: SHARED / name for name in FLOORS}
    if not all(folder.is_dir() for folder in folders.values()):
        pytest.skip("the labelled articles are not beside the checkout")
    return {name: measure(folder) for name, folder in folders.items()}


def measure(folder: Path) -> dict[str, dict[str, float]]:
    rows = read_rows(folder / "input.jsonl")
    labels = json.loads((folder / "groups.json").read_text(encoding="utf-8"))
    partial = [
        (row["a"], row["b"])
        for row in read_rows(folder / "pairs.jsonl")
        if row["label"] == "partial"
    ]
    names = {number: row["id"] for number, row in enumerate(rows, start=1)}
    languages = {row["id"]: row["language"] for row in rows}
    clustering = cluster_documents(map(read, names, rows), SCHEME)
    stories = [[names[i] for i in story.members] for story in clustering.stories]
    reports = [[names[i] for i in members] for members in clustering.report_members]
    figures = {
        "stories": compute_figures(labels["copy_groups"], stories, languages, partial),
        "reports": compute_figures(labels["reports"].values(), reports, languages),
    }
    return {
        f"{groups} {each.part}": {
            "f1": each.pairs.score.f1,
            "precision": each.pairs.score.precision,
            "recall": each.pairs.score.recall,
            "b3_f1": each.b_cubed.f1 if each.b_cubed else 0.0,
        }
        for groups, parts in figures.items()
        for each in parts
    }


def read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


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


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, lines in FLOORS.items() for line in lines]
)
def test_copies_and_reports_are_told_at_least_as_well_as_before(
    name: str, line: str, found: Found
) -> None:
    below = {
        measure: round(found[name][line][measure], 3)
        for measure, floor in FLOORS[name][line].items()
        if found[name][line][measure] < floor
    }
    assert not below


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
