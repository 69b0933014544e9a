"""The style sheets and the pages name the same classes, and colours stand in one place."""

import re
from collections.abc import Iterator
from pathlib import Path

from storage.changes.article_state import ArticleState
from storage.reports.manners import CarriageManner
from web.charts.strip import TICKS

WEB = Path(__file__).parents[2] / "web"
MAX_BYTES = 40_000
FOR_SCRIPTS = {"row-link", "new-since"}
"""Classes by which the script finds a place."""
MADE = {
    *(f"s-{each}" for each in (*CarriageManner, *ArticleState)),
    *(f"t-{manner}" for manner in TICKS),
    *(f"s{number}" for number in range(1, 9)),
}
"""Classes whose names templates and charts put together."""
_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_WORD = re.compile(r"[a-zA-Z][\w-]*")
_MADE_PART = r"\{\{.*?\}\}|\{%.*?%\}|\{\}"
_ATTRIBUTE = re.compile(rf'class="((?:{_MADE_PART}|[^"{{])*)"')


def read_styles() -> str:
    text = "".join(path.read_text() for path in sorted((WEB / "static" / "css").glob("*.css")))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def selectors() -> Iterator[str]:
    return (found[1] for found in re.finditer(r"([^{}]+)\{", read_styles()))


def read_sources() -> str:
    paths = [*(WEB / "templates").glob("*.html"), *WEB.rglob("*.py"), WEB / "static" / "nkwire.js"]
    return "\n".join(path.read_text() for path in paths)


def test_every_class_of_the_style_sheets_is_on_a_page() -> None:
    styled = {name for selector in selectors() for name in _CLASS.findall(selector)}
    # The values that a template or chart puts into an attribute are words of its source, too.
    named = set(_WORD.findall(read_sources())) | MADE
    assert styled - named == set()


def test_every_class_of_the_pages_has_a_style() -> None:
    styled = {name for selector in selectors() for name in _CLASS.findall(selector)}
    written = {
        name
        for value in _ATTRIBUTE.findall(read_sources())
        for name in re.sub(rf"[\w-]*(?:{_MADE_PART})[\w-]*", " ", value).split()
    }
    assert len(written) > 100
    assert written - styled - FOR_SCRIPTS == set()


def test_colours_stand_in_tokens_only() -> None:
    outside = re.sub(r"--[\w-]+: light-dark\(.*?\);", "", read_styles())
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)\(", outside) == []


def test_the_style_is_small() -> None:
    assert len(read_styles()) < MAX_BYTES
