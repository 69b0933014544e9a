"""An address for each declared page, twin and file, and some that are none."""

import re

from web.page import twin_path
from web.pages.registry import PAGES, RAW_PAGES
from web.rendering import load_assets

_VARIABLE = re.compile(r"\{[^}]*\}")


def _filled(path: str) -> str:
    return _VARIABLE.sub("1", path)


EVERY_ADDRESS: list[str] = sorted(
    {
        *(_filled(page.path) for page in PAGES),
        *(_filled(twin_path(page.path)) for page in PAGES),
        *(_filled(raw.path) for raw in RAW_PAGES),
        load_assets()["style"].path,
        "/nothing",
        "/nothing.json",
        "/about/",
        "/about?unknown=1",
    }
)
