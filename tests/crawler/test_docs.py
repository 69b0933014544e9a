import re
from pathlib import Path

import pytest

from crawler import settings
from crawler.discovery.link_urls import MAX_URL_CHARS
from crawler.extract.page.guard import MAX_PAGE_BYTES
from storage.records import RunOutcome

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/crawling.md"


@pytest.mark.parametrize("name", sorted(n for n in vars(settings) if n.startswith("NKWIRE_")))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("outcome", sorted(RunOutcome))
def test_every_outcome_is_documented(outcome: str) -> None:
    assert f"`{outcome}`" in PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    "linked", sorted(set(re.findall(r"\]\(([\w-]+\.md)\)", PAGE.read_text("utf-8"))))
)
def test_links_lead_somewhere(linked: str) -> None:
    assert (PAGE.parent / linked).exists()


def test_scrapy_s_limits_are_those_of_the_readers() -> None:
    assert settings.DOWNLOAD_MAXSIZE == MAX_PAGE_BYTES
    assert settings.URLLENGTH_LIMIT == MAX_URL_CHARS
