"""How well real saved pages are read: by the outlets' rules, by the generic reading alone, after a redesign.

The pages lie beside the checkout, with the expected fields and the scorer. A floor in
floors_extraction.json is lowered only with the reason in the commit.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.extract.urls import host_of, registered_domain
from crawler.outlet import Outlet
from crawler.recorded.saved_pages import format_date, read_manifest
from crawler.registry import make_generic_outlet, outlet_for

SHARED = Path(__file__).parents[2] / "../shared"
SETS = ("pages", "pages2")
NAMES = re.compile(rb"\b(class|id)\s*=\s*([\"'])(.*?)\2", re.DOTALL)
FLOORS = json.loads(Path(__file__).with_name("floors_extraction.json").read_text())["extraction"]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((SHARED / name / "index.jsonl").exists() for name in SETS),
        reason="the saved pages are not beside the checkout",
    ),
    pytest.mark.parametrize("folder", [SHARED / name for name in SETS], ids=SETS),
]


def score(rows: Iterable[dict[str, Any]], folder: Path, tmp_path: Path) -> dict[str, float]:
    """Score predictions with the pages' own scorer; the means over all pages."""
    predicted, result = tmp_path / "pred.jsonl", tmp_path / "score.json"
    predicted.write_text("\n".join(json.dumps(row) for row in rows))
    options = ["--index", str(folder / "index.jsonl"), "--pred", str(predicted)]
    command = [sys.executable, str(folder / "score.py"), *options, "--quiet"]
    subprocess.run([*command, "--json", str(result)], check=True)
    means: dict[str, float] = json.loads(result.read_text())["groups"]["ALL"]
    return means


def below(means: dict[str, float], folder: Path, reading: str) -> dict[str, tuple[float, float]]:
    floors = FLOORS[folder.name][reading]
    return {name: (means[name], floor) for name, floor in floors.items() if means[name] < floor}


def test_pages_of_the_outlets_are_read_as_a_reader_sees_them(folder: Path, tmp_path: Path) -> None:
    problems: list[str] = []
    manifest = folder / "index.jsonl"
    rows = list(read_manifest(manifest, lambda where, what: problems.append(f"{where}: {what}")))
    assert problems == []
    means = score(rows, folder, tmp_path)
    assert below(means, folder, "outlets") == {}
    assert means["empty"] == 0.0


def test_the_generic_reading_alone_reads_them_nearly_as_well(folder: Path, tmp_path: Path) -> None:
    rows = [generic_row(entry, folder) for entry in articles(folder)]
    means = score(rows, folder, tmp_path)
    assert below(means, folder, "generic") == {}
    assert means["empty"] == 0.0


def test_outlets_that_rename_every_element_are_read_nearly_as_well(
    folder: Path, tmp_path: Path
) -> None:
    rows = [
        row(entry, renamed(body_of(entry, folder)), outlet_for(entry["url"]))
        for entry in articles(folder)
    ]
    assert below(score(rows, folder, tmp_path), folder, "renamed") == {}


def articles(folder: Path) -> list[dict[str, Any]]:
    entries = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    return [entry for entry in entries if entry["kind"] == "article"]


def generic_row(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    outlet = make_generic_outlet(registered_domain(host_of(entry["url"])))
    return row(entry, body_of(entry, folder), outlet)


def body_of(entry: dict[str, Any], folder: Path) -> bytes:
    path: Path = folder / entry["file"]
    return path.read_bytes()


def renamed(body: bytes) -> bytes:
    """Give the page as after a redesign: other names for all elements."""
    return NAMES.sub(
        lambda found: b"%s=%s%s%s" % (found[1], found[2], hashed(found), found[2]), body
    )


def hashed(found: re.Match[bytes]) -> bytes:
    return b" ".join(b"x%d" % (sum(name) % 997) for name in found[3].split())


def row(entry: dict[str, Any], body: bytes, outlet: type[Outlet]) -> dict[str, Any]:
    reading = extract_page(Page(body, entry["url"]), outlet)
    article = reading.article
    return {
        "file": entry["file"],
        "title": article.title if article else None,
        "text": article.text if article else None,
        "authors": list(article.authors) if article else [],
        "published_at": format_date(reading.published),
    }
