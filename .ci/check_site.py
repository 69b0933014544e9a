"""Say which links of the built site lead nowhere, and what it would fetch from other servers.

    python3 .ci/check_site.py FOLDER

`mkdocs build --strict` checks links between the pages as they are written. This checks the pages as
they are built: every link, anchor, picture, script and style sheet. Needs no package.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}
_OTHER_SERVER = re.compile(r"(?:@import\s+['\"]|url\(\s*['\"]?)((?:https?:)?//[^'\")]+)")
_HARMLESS_RELATIONS = {"canonical", "prev", "next", "edit"}


class _Page(HTMLParser):
    """What a page links to, what it loads, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        for name, value in given.items():
            is_loaded = (tag, name) in LOADED and given.get("rel") not in _HARMLESS_RELATIONS
            if is_loaded and value:
                self.loaded.append(value)


def problems(site: Path) -> Iterator[str]:
    """Yields a line for each link that leads nowhere, and for each thing from another server."""
    paths = sorted(site.rglob("*.html"))
    pages = {path.resolve(): _Page(path.read_text(encoding="utf-8")) for path in paths}
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        for address in page.loaded:
            if urlsplit(address).netloc:
                yield f"{name}: loads {address} from another server"
        if name.name == "404.html":
            continue  # its links begin at the root of the server
        for address in [*page.links, *page.loaded]:
            yield from (f"{name}: {each}" for each in _wrong(address, path, pages))
    for path in sorted(site.rglob("*.css")):
        for found in _OTHER_SERVER.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(site)}: loads {found} from another server"


def _wrong(address: str, path: Path, pages: dict[Path, _Page]) -> Iterator[str]:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    target = target / "index.html" if target.is_dir() else target
    anchor = unquote(parts.fragment)
    if not target.exists():
        yield f"{address}: no such file"
    elif anchor and target in pages and anchor not in pages[target].anchors:
        yield f"{address}: no such anchor"


def main(folder: str) -> int:
    """Print the problems; 1 if there are any, or no page."""
    site = Path(folder)
    found = list(problems(site))
    for line in found:
        print(line)  # noqa: T201 - it is a script
    pages = len(list(site.rglob("*.html")))
    print(f"{pages} pages, {len(found)} problems")  # noqa: T201
    return int(bool(found) or not pages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
