"""The headline of a declared outlet whose rule finds too much, or another heading."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction
from crawler.outlet import Outlet

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]
URL = "https://courier.example/story/77"


def read(read_html: ReadHtml, courier: type[Outlet], story: "Story", title: str, above: str) -> str:
    html = (
        f"<html><head><title>{title}</title></head><body><main class=story>{above}{story.body()}</main>"
        "</body></html>"
    )
    found = read_html(html, URL, courier)
    assert found.article is not None, found.reason
    return found.article.title


@pytest.mark.parametrize(
    "above",
    [
        "<h1 class=head>{} <span>12:05</span></h1>",
        "<h1 class=head>12:05 {}</h1>",
        "<h1 class=head>{}<time>2024-03-14</time></h1>",
        "<h1 class=head>News of the coast</h1><h2>{}</h2>",
        "<h1 class=head><a href=/>The Courier of the coast</a></h1><h1>{}</h1>",
    ],
)
def test_the_heading_that_the_page_states_is_the_headline(
    above: str, story: "Story", read_html: ReadHtml, courier: type[Outlet]
) -> None:
    title = f"{story.title} | {story.site}"
    assert read(read_html, courier, story, title, above.format(story.title)) == story.title


@pytest.mark.parametrize("title", ["Coastal Courier", "", "Boats, harbours and the sea in March"])
def test_a_rule_is_believed_if_no_printed_heading_is_better(
    title: str, story: "Story", read_html: ReadHtml, courier: type[Outlet]
) -> None:
    above = f"<h1 class=head>{story.title}</h1><h2>{story.others[0]}</h2>"
    assert read(read_html, courier, story, title, above) == story.title
