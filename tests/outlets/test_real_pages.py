"""Outlets on real saved pages, which lie beside the checkout and never in it: floors of quality."""

import importlib.util
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from crawler.discovery.source_parser import match_source, parse_source
from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.registry import outlet_for

PAGES = Path(__file__).parents[2] / "../shared/pages"
OWN_RULES = {
    "kbs", "kcna", "koreatimes", "rodong", "sputnik", "tass", "voa", "xinhua", "yonhap"
}  # fmt: skip
FLOORS = {
    "own rules": {"text": 0.97, "title": 1.0, "day": 1.0, "instant": 0.95},
    "all": {"text": 0.98, "title": 0.98, "day": 0.98, "instant": 0.95},
}

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not PAGES.exists(), reason="no saved pages beside the checkout"),
]


@pytest.fixture(scope="module")
def score() -> Any:
    spec = importlib.util.spec_from_file_location("score", PAGES / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def index(of_kind: Callable[[str], bool]) -> list[dict[str, Any]]:
    lines = (PAGES / "index.jsonl").read_text("utf-8").splitlines()
    return [entry for line in lines if of_kind((entry := json.loads(line))["kind"])]


def expected(entry: dict[str, Any]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAGES / entry["expected"]).read_text("utf-8"))
    return loaded


def marks(entry: dict[str, Any], score: Any) -> dict[str, float]:
    """Score one page: 0 to 1 for each field that its expectation can be trusted for."""
    known, trust = expected(entry), entry["trust"]
    page = Page((PAGES / entry["file"]).read_bytes(), entry["url"])
    article = extract_page(page, outlet_for(entry["url"])).article
    found: dict[str, float] = {}
    if trust.get("text"):
        text = article.text if article else ""
        found["text"] = score.f1(score.toks(known["text"]), score.toks(text))
    if trust.get("title"):
        titles = {score.nt(title) for title in [known["title"], *known.get("title_alt", [])]}
        found["title"] = float(bool(article and score.nt(article.title) in titles))
    if trust.get("date"):
        at = article.published_at if article else None
        wanted, given = score.pdt(known["published_at"]), score.pdt(at.isoformat() if at else "")
        found["day"] = float(score.date_ok(wanted, given, known.get("date_tz")))
        if wanted[2]:
            found["instant"] = float(bool(at and abs((wanted[2] - at).total_seconds()) <= 60))
    return found


@pytest.mark.parametrize("group", FLOORS)
def test_real_articles_are_read_right(group: str, score: Any) -> None:
    entries = index(lambda kind: kind == "article")
    chosen = [entry for entry in entries if group == "all" or entry["outlet"] in OWN_RULES]
    scored = [marks(entry, score) for entry in chosen]
    for field, floor in FLOORS[group].items():
        assert mean(each[field] for each in scored if field in each) >= floor, field


def test_no_lead_and_no_tags_are_those_of_all_pages_of_an_outlet() -> None:
    seen: dict[tuple[str, object], str] = {}
    for entry in index(lambda kind: kind == "article"):
        page = Page((PAGES / entry["file"]).read_bytes(), entry["url"])
        outlet = outlet_for(entry["url"])
        if (article := extract_page(page, outlet).article) is None:
            continue
        for value in (article.lead, article.tags):
            if value and (isinstance(value, str) or len(value) >= 3):
                other_text = seen.setdefault((outlet.name, value), article.text)
                # An article in two layouts of its site has the same lead and tags.
                assert is_same_article(article.text, other_text), (entry["file"], value)


def is_same_article(text: str, other_text: str) -> bool:
    return bool(set(re.split(r"[.\n]", text)) & set(re.split(r"[.\n]", other_text)) - {""})


def test_real_listings_yield_what_a_reader_sees(score: Any) -> None:
    for entry in index(lambda kind: kind != "article"):
        url, body = entry["url"], (PAGES / entry["file"]).read_bytes()
        outlet = outlet_for(url)
        found = parse_source(
            match_source(outlet, url, body), body, url, outlet, datetime.now(UTC)
        ).links
        rows = [{"url": link.url, "id": link.key, "title": link.title} for link in found]
        marks_of_list = score.list_score(expected(entry)["items"], rows)
        assert min(marks_of_list.values()) > 0.98, entry["file"]
