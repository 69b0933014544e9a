"""Makes the pictures of the pages in docs/images/, from the invented press of `nkwire demo --web`.

    python -m benchmarks.web_pictures [NAME ...]

Needs a Chromium, and fonts for Korean, Chinese and Japanese (fonts-noto-cjk). The dates in the pictures are those of the day on which they are made.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from cli.demo.newsroom.filling import demo_outlets, fill
from crawler.middlewares.browser import find_executable
from storage import Database, open_database
from storage.reports.carriage import load_carriage
from web.options import WebOptions
from web.server import base_url, serving

FOLDER = Path(__file__).parents[1] / "docs" / "images"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
MAX_BYTES = 200_000
EVENING = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is shown how. `address`: with the ids of `_sample_ids` in braces; `at`: a selector that
    stands at the top of the picture.
    """

    address: str
    width: int = 1280
    height: int = 900
    scheme: Literal["light", "dark"] = "light"
    at: str = ""


PICTURES: Mapping[str, Picture] = {
    "report": Picture(address="/reports/{report}", height=1060),
    "board": Picture(address="/outlets", height=900),
    "report-phone": Picture(address="/reports/{report}", width=390, height=844, scheme="dark"),
    "changes": Picture(address="/changes", height=760),
    "comparison": Picture(address="/compare/{original}/{edited}", height=760),
}


def main(names: list[str]) -> int:
    """Makes the named pictures, or all. Returns 1 if one is larger than MAX_BYTES."""
    if not _has_fonts():
        print("no font for Korean: install fonts-noto-cjk, else the pictures have empty boxes")
        return 1
    FOLDER.mkdir(exist_ok=True)
    sizes = {}
    with _serving() as (url, ids), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_executable(""), args=[*FLAGS])
        for name in names or PICTURES:
            path = FOLDER / f"{name}.png"
            _take(browser, PICTURES[name], f"{url}{PICTURES[name].address.format_map(ids)}", path)
            sizes[name] = path.stat().st_size
            print(f"{name}: {sizes[name]:,} bytes")
        browser.close()
    return int(max(sizes.values()) > MAX_BYTES)


def _take(browser: Browser, picture: Picture, url: str, path: Path) -> None:
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height}, color_scheme=picture.scheme
    )
    page.goto(url)
    if picture.at:
        page.locator(picture.at).first.evaluate("element => element.scrollIntoView()")
    page.screenshot(path=path)
    page.close()


def _has_fonts() -> bool:
    found = subprocess.run(["fc-list", ":lang=ko"], capture_output=True, check=True)
    return bool(found.stdout.strip())


@contextmanager
def _serving() -> Iterator[tuple[str, dict[str, int]]]:
    now = datetime.now(UTC)
    evening = now.replace(hour=EVENING, minute=30, second=0, microsecond=0)
    evening -= timedelta(days=evening > now)
    with TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/nkwire.db"
        with open_database(database_url, seed=1) as database:
            fill(database, evening)
            ids = _sample_ids(database)
        options = WebOptions(database_url=database_url, port=0, outlets=demo_outlets())
        with serving(options) as port:
            yield base_url(options.bind, port), ids


def _sample_ids(database: Database) -> dict[str, int]:
    original, edited = (database.articles.find(f"statement-{each}")[0] for each in ("en", "yalu"))
    reports = load_carriage(database, min_outlets=2)
    report = next(each.id for each in reports if each.lead.article_id == original)
    return {"original": original, "edited": edited, "report": report}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
