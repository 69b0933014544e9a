"""docs/adding-an-outlet.md names everything that can be declared, and its example is right."""

import json
import re
import runpy
from dataclasses import fields
from pathlib import Path

import pytest

from crawler import sources
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/adding-an-outlet.md").read_text("utf-8")
HOOKS = ("prepare", "finish")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("declaration", [*Outlet.__annotations__, *HOOKS])
def test_each_declaration_is_documented(declaration: str) -> None:
    assert f"`{declaration}" in GUIDE


@pytest.mark.parametrize("field", [field.name for field in fields(Rules)])
def test_each_field_of_the_rules_is_documented(field: str) -> None:
    assert f"`{field}`" in GUIDE


@pytest.mark.parametrize("kind", ["Feed", "Sitemap", "NewsSitemap", "Listing", "FormListing"])
def test_each_kind_of_source_is_documented(kind: str) -> None:
    assert hasattr(sources, kind)
    assert f"`{kind}`" in GUIDE


def test_the_guides_example_is_an_outlet(tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(block("python"), "utf-8")
    made = runpy.run_path(str(file))["Example"]
    assert issubclass(made, Outlet)
    assert made.key_from_url("https://www.example.org/news/20260304/bridge-104.html") == "104"
    assert made.is_article("https://www.example.org/news/20260304/bridge-104.html")


def test_the_guides_sample_is_json() -> None:
    assert {"url", "fetched_at", "article"} == set(json.loads(block("json")))
