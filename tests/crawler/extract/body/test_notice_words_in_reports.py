"""Reports that begin like a credit stay; lists with marks of their own close a text."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.body.boilerplate import asks_for_consent, is_boilerplate
from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story


@pytest.mark.parametrize(
    "line",
    [
        "First published in 1948, the song is still sung.",
        "Originally published by a monk, the book was banned for a century.",
        "Image source files were deleted, the police said.",
        "Media source lists were shown to the court.",
        "Picture source texts are kept on the island.",
    ],
)
def test_a_report_that_begins_like_a_credit_stays(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "First published on July 3, 2024.",
        "Originally published by the Ferry Post.",
        "This article was first published in the Ferry Post, a daily.",
        "Image source, Agency.",
        "Image source: Agency.",
        "Image caption The ferry lies at the pier.",
    ],
)
def test_a_credit_leaves(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "words", ["Cookie 个人信息 同意", "Cookie 隱私 同意", "Cookie 個人資料 同意"]
)
def test_a_chinese_banner_asks_for_consent(words: str) -> None:
    assert asks_for_consent(f"我们使用 {words}。")


@pytest.mark.parametrize("mark", ["△", "▲", "◇", "○", "□", "▪", "△ ", "∙ ", "- ", "1. "])
def test_entries_with_one_mark_close_the_text(
    mark: str, story: "Story", read_html: Callable[..., Extraction]
) -> None:
    entries = [f"{mark}Herring 410", f"{mark}Squid 520"]
    lines = "".join(f"<p>{entry}</p>" for entry in entries)
    html = (
        f"<html lang={story.language}><head><title>{story.title}</title></head><body><article>"
        f"<h1>{story.title}</h1><div class=text>{story.body()}{lines}</div></article></body></html>"
    )
    article = read_html(html).article
    assert article is not None
    assert article.text.split("\n\n")[-2:] == entries
