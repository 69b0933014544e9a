"""Makes pages from templates, and joins the style sheets and the script into named files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from storage.clean import format_utc
from storage.guard.addresses import web_address
from storage.version import package_version
from storage.wording.numbers import format_count
from web import labels, marks
from web.charts import CHARTS
from web.page import link

_FOLDER = Path(__file__).parent
SECTIONS = (
    ("/", "Today"),
    ("/reports", "Reports"),
    ("/changes", "Edits and removals"),
    ("/outlets", "Outlets"),
    ("/timeline", "Timeline"),
    ("/export", "Export"),
)
"""The navigation: addresses and names."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load. `path`: its address, which changes with its content."""

    path: str
    content: bytes
    media_type: str


def load_assets() -> dict[str, Asset]:
    """Returns the style sheet, the script and the icon by their names."""
    css = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((_FOLDER / "static/css").glob("*.css"))
    )
    script = (_FOLDER / "static" / "nkwire.js").read_bytes()
    icon = (_FOLDER / "static" / "icon.svg").read_bytes()
    return {
        "style": _make_asset("nkwire.css", css.encode(), "text/css; charset=utf-8"),
        "script": _make_asset("nkwire.js", script, "text/javascript; charset=utf-8"),
        "icon": _make_asset("icon.svg", icon, "image/svg+xml"),
    }


def _make_asset(name: str, content: bytes, media_type: str) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(f"/static/{digest}/{name}", content, media_type)


def _digest_templates() -> str:
    """Returns a text that changes with the version and with each template."""
    digest = hashlib.sha256(package_version().encode())
    for path in sorted((_FOLDER / "templates").rglob("*.html")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Renderer:
    """Renders templates. Values are escaped; control characters in them are made visible."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self.digest = _digest_templates()
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=marks.finalize,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            assets={name: asset.path for name, asset in assets.items()},
            charts=CHARTS,
            agency_name=labels.agency_name,
            languages=labels.LANGUAGES,
            language_name=labels.language_name,
            levels=labels.LEVELS,
            link=link,
            manner_name=labels.manner_name,
            manner_words=labels.MANNERS,
            sections=SECTIONS,
            version=package_version(),
        )
        self._environment.filters.update(
            when=marks.time_element,
            clock=marks.clock_element,
            day=marks.format_day,
            number=marks.format_number,
            count=format_count,
            delay=marks.format_seconds,
            href=web_address,
            iso=format_utc,
            lang=marks.html_language,
        )

    def render(self, template: str, **values: Any) -> str:
        """Returns a page. `values`: what the template names."""
        return self._environment.get_template(template).render(values)
