"""The invented sites of `nkwire demo`, served on loopback. One page can be edited while served."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

PAGES = Path(__file__).parent / "pages"
HOSTS = ("agency.example", "herald.example", "radio.example")
TYPES = {".xml": "application/xml", ".html": "text/html; charset=utf-8", ".txt": "text/plain"}
# The values on the agency's page before and after the edit.
ORIGINAL_VALUES = {"kiln": "12,000", "manager": "Ri Sang Ho"}
EDITED_VALUES = {"kiln": "18,000", "manager": "Kim Un Sim"}
_PLACEHOLDER = re.compile(r"\{\{(?:(-\d+)h )?(\w+)\}\}")
_FORMATS = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "monthday": "%B %-d"}


class Site:
    """The pages of the invented sites. Times in them are relative to `now`, an aware datetime."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._values = ORIGINAL_VALUES

    def edit(self) -> None:
        """Changes a figure and a name in one article without a notice, as outlets do."""
        self._values = EDITED_VALUES

    def page(self, host: str, path: str) -> tuple[bytes, str] | None:
        """Returns body and content type of a page, or None if there is no such page."""
        if host not in HOSTS or not re.fullmatch(r"(/[\w-]+)*(/|\.xml|\.txt)?", path):
            return None
        if path == "/robots.txt":
            return b"User-agent: *\nAllow: /\n", TYPES[".txt"]
        name = path.lstrip("/") + ("index.html" if path.endswith("/") else "")
        file = PAGES / host / (name if "." in name else f"{name}.html")
        if not file.is_file():
            return None
        content = _PLACEHOLDER.sub(self._fill_placeholder, file.read_text(encoding="utf-8"))
        return content.encode(), TYPES[file.suffix]

    def _fill_placeholder(self, placeholder: re.Match[str]) -> str:
        hours, name = placeholder.groups()
        if hours is None:
            return self._values[name]
        at = self._now + timedelta(hours=int(hours))
        if name == "rfc":
            return format_datetime(at)
        return at.strftime(_FORMATS[name]) if name in _FORMATS else at.isoformat(timespec="seconds")


@contextmanager
def serve_site(site: Site) -> Iterator[int]:
    """Serves a site on a free port of 127.0.0.1 and yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.page(self.headers.get("Host", "").partition(":")[0], self.path)
            body, content_type = page or (b"not here\n", TYPES[".txt"])
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing, so that only the demo's own lines are printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
