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
from crawler.extract.urls import host_of
from crawler.outlet import Outlet
from crawler.recorded.saved_pages import format_date, read_manifest
from crawler.registry import make_generic_outlet, outlet_for, registered_domain

PAGES = Path(__file__).parents[2] / "../shared/pages"
INDEX = PAGES / "index.jsonl"
NAMES = re.compile(rb"\b(class|id)\s*=\s*([\"'])(.*?)\2", re.DOTALL)
FLOORS = json.loads(Path(__file__).with_name("floors_extraction.json").read_text())["extraction"]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not INDEX.exists(), reason="the saved pages are not beside the checkout"),
]


def score(rows: Iterable[dict[str, Any]], folder: Path) -> dict[str, float]:
    """Score predictions with the pages' own scorer; the means over all pages."""
    predicted, result = folder / "pred.jsonl", folder / "score.json"
    predicted.write_text("\n".join(json.dumps(row) for row in rows))
    scorer, options = str(PAGES / "score.py"), ["--index", str(INDEX), "--pred", str(predicted)]
    subprocess.run([sys.executable, scorer, *options, "--quiet", "--json", str(result)], check=True)
    means: dict[str, float] = json.loads(result.read_text())["groups"]["ALL"]
    return means


def below(means: dict[str, float], floors: dict[str, float]) -> dict[str, tuple[float, float]]:
    return {name: (means[name], floor) for name, floor in floors.items() if means[name] < floor}


def test_pages_of_the_outlets_are_read_as_a_reader_sees_them(tmp_path: Path) -> None:
    problems: list[str] = []
    rows = list(read_manifest(INDEX, lambda where, what: problems.append(f"{where}: {what}")))
    assert problems == []
    means = score(rows, tmp_path)
    assert below(means, FLOORS["outlets"]) == {}
    assert means["empty"] == 0.0


def test_the_generic_reading_alone_reads_them_nearly_as_well(tmp_path: Path) -> None:
    entries = [json.loads(line) for line in INDEX.read_text().splitlines()]
    rows = [generic_row(entry) for entry in entries if entry["kind"] == "article"]
    means = score(rows, tmp_path)
    assert below(means, FLOORS["generic"]) == {}
    assert means["empty"] == 0.0


def test_outlets_that_rename_every_element_are_read_nearly_as_well(tmp_path: Path) -> None:
    entries = [json.loads(line) for line in INDEX.read_text().splitlines()]
    articles = [entry for entry in entries if entry["kind"] == "article"]
    rows = [row(entry, renamed(body_of(entry)), outlet_for(entry["url"])) for entry in articles]
    means = score(rows, tmp_path)
    assert below(means, FLOORS["renamed"]) == {}
    assert means["empty"] == 0.0


def generic_row(entry: dict[str, Any]) -> dict[str, Any]:
    outlet = make_generic_outlet(registered_domain(host_of(entry["url"])))
    return row(entry, body_of(entry), outlet)


def body_of(entry: dict[str, Any]) -> bytes:
    path: Path = PAGES / entry["file"]
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
