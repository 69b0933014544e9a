"""A real Chromium, and the invented press in a web process."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from crawler.middlewares.browser import BROWSER_EXECUTABLES, NoBrowserError, find_executable
from tests.web.press import Press, serving_press

Scheme = Literal["dark", "light"]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _package_folder(name: str) -> Path:
    found = find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


AXE = (_package_folder("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN_AXE = f"axe.run({{runOnly: {json.dumps(_RULES)}}})"


@dataclass
class Visit:
    """A page in the browser. `complaints`: console messages, errors, dialogs, foreign requests."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """What axe finds, one line each."""
        self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate(_RUN_AXE)
        return [
            f"{each['id']}: {node['html'][:200]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide


Visiting = Callable[..., AbstractContextManager[Visit]]


@pytest.fixture(scope="session")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    with serving_press(tmp_path_factory.mktemp("press") / "nkwire.db") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    try:
        path = find_executable("")
    except NoBrowserError:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSER_EXECUTABLES)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visiting(chromium: Browser) -> Visiting:
    """Opens a page of a width and a colour scheme for a block, and notes what it complains about."""

    @contextmanager
    def visit(width: int = 1280, scheme: Scheme = "light", **options: Any) -> Iterator[Visit]:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        made = Visit(page)

        def note_console(message: ConsoleMessage) -> None:
            made.complaints.append(f"console: {message.text}")

        def note_request(request: Request) -> None:
            if not request.url.startswith(("http://127.0.0.1:", "data:", "about:")):
                made.complaints.append(f"request: {request.url}")

        page.on("console", note_console)
        page.on("request", note_request)
        page.on("pageerror", lambda error: made.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: made.complaints.append(f"dialog: {dialog.message}"))
        try:
            yield made
        finally:
            context.close()

    return visit
