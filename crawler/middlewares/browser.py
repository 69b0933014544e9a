"""Sets up a browser (Playwright) for outlets that declare one, in their runs only.

Registering scrapy-playwright's handler already starts two driver processes of some 200 MB.
"""

import shutil
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy.settings import BaseSettings

from crawler.errors import CrawlerError
from crawler.extract.urls import is_own_url

if TYPE_CHECKING:
    from playwright.async_api import Page, Request

PLAYWRIGHT_HANDLER = "crawler.middlewares.browser_handler.BrowserHandler"
BROWSER_EXECUTABLES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NAVIGATION_TIMEOUT_MS = 30_000
IDLE_TIMEOUT_MS = 5_000  # a page that never stops loading is read as it is by then
# Chromium itself reaches nobody: browser_handler.py fetches what a page asks for. A name, also the
# proxy's, has no address; a literal address is asked for at the proxy; UDP has no way at all.
NO_NETWORK = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://nowhere.invalid:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in other builds
)
_UNUSED_RESOURCE_TYPES = frozenset({"image", "media", "font"})  # not needed for the text


class NoBrowserError(CrawlerError):
    """Raised when an outlet needs a browser and there is none."""


def configure(settings: BaseSettings, hosts: tuple[str, ...]) -> None:
    """Lets the requests of one spider use a browser. Raises NoBrowserError."""
    path = find_executable(settings.get("NKWIRE_CHROMIUM") or "")
    handlers = dict(settings.getdict("DOWNLOAD_HANDLERS"))
    values = {
        "DOWNLOAD_HANDLERS": handlers | {"http": PLAYWRIGHT_HANDLER, "https": PLAYWRIGHT_HANDLER},
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": path,
            "args": [*NO_NETWORK, "--block-new-web-contents"],
        },
        "PLAYWRIGHT_MAX_CONTEXTS": 1,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": NAVIGATION_TIMEOUT_MS,
        "PLAYWRIGHT_ABORT_REQUEST": partial(should_abort, hosts),
        "PLAYWRIGHT_CONTEXTS": {"default": {"accept_downloads": False, "service_workers": "block"}},
    }
    for name, value in values.items():
        settings.set(name, value, priority="spider")


def find_executable(configured_name: str) -> str:
    """Returns the path of the browser: the one named, else the first on PATH.

    Raises NoBrowserError.
    """
    for name in (configured_name,) if configured_name else BROWSER_EXECUTABLES:
        if path := shutil.which(name):
            return path
    problem = (
        f"{configured_name!r} is no program"
        if configured_name
        else f"none of {', '.join(BROWSER_EXECUTABLES)} is on PATH"
    )
    raise NoBrowserError(f"this outlet needs a browser: {problem}; set NKWIRE_CHROMIUM to one")


def should_abort(hosts: tuple[str, ...], request: "Request") -> bool:
    """Returns whether a sub-request is blocked: another host, or a resource that is not needed."""
    return request.resource_type in _UNUSED_RESOURCE_TYPES or not is_own_url(request.url, hosts)


def request_meta() -> Mapping[str, Any]:
    """Returns the request meta that lets the browser make the request."""
    from scrapy_playwright.page import PageMethod

    return {"playwright": True, "playwright_page_methods": [PageMethod(wait_until_idle)]}


async def wait_until_idle(page: "Page") -> None:
    """Waits until the page's scripts have loaded what they show, IDLE_TIMEOUT_MS at most."""
    from playwright.async_api import TimeoutError as PlaywrightTimeoutError

    try:
        await page.wait_for_load_state("networkidle", timeout=IDLE_TIMEOUT_MS)
    except PlaywrightTimeoutError:
        return
