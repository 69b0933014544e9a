"""docs/web.md says what the pages are, and README shows them."""

import re
from pathlib import Path

import pytest

from tests.web.addresses import ADDRESSES
from web.openapi import plain_path
from web.pages.registry import PAGES, RAW_PAGES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "web.md").read_text(encoding="utf-8")
MAX_PICTURE_BYTES = 200_000
PICTURES = sorted((ROOT / "docs" / "images").iterdir())


def test_every_page_is_documented_and_no_other() -> None:
    table = GUIDE.partition("## Pages")[2].partition("\n## ")[0]
    named = {
        path
        for row in re.findall(r"^\| (`/.*?) \|", table, re.MULTILINE)
        for path in re.findall(r"`(/[^`]*)`", row)
    }
    assert named >= {plain_path(page.path) for page in PAGES}
    known = [*(page.path for page in PAGES), *(page.path for page in RAW_PAGES)]
    assert named <= set(map(plain_path, known))


def test_every_page_has_a_sample_address() -> None:
    assert {page.name for page in PAGES} <= set(ADDRESSES)


@pytest.mark.parametrize("path", [page.path for page in RAW_PAGES if page.path.startswith("/feed")])
def test_every_feed_is_documented(path: str) -> None:
    assert f"`{path}" in GUIDE


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_pictures_are_small_and_shown(picture: Path) -> None:
    assert picture.stat().st_size <= MAX_PICTURE_BYTES
    pages = (ROOT / "README.md", ROOT / "docs/gallery.md")
    shown = GUIDE + "".join(page.read_text(encoding="utf-8") for page in pages)
    assert f"images/{picture.name})" in shown
