"""Defines answers that are no page: CSV, graph files, exports, feeds, JSON of another form.

They are declared as pages are, and what goes wrong in them is told as on pages.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from web.page import Query
from web.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What is sent. `content`: whole, or in pieces that are made while they are sent.

    An error before the first piece becomes a problem page; a later one breaks the answer off.
    `filename`: under which a browser saves the answer; "": the browser shows it.
    """

    content: bytes | Iterator[bytes]
    media_type: str
    filename: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def all_headers(self) -> dict[str, str]:
        """Returns the headers, with the name of the file."""
        if not self.filename:
            return self.headers
        # RFC 6266: the second form is for names that are not ASCII.
        plain = "".join(
            c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in self.filename
        )
        encoded = quote(self.filename, safe="", errors="replace")
        value = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
        return {**self.headers, "Content-Disposition": value}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """A declared address that answers with something else than a page.

    `path`: as Starlette writes it; `/reports/{report}.csv` is found before `/reports/{report}`.
    `media_types`: those that it may answer with. `has_tag`: whether an ETag is sent, and 304 to who
    has the answer; False for an answer that changes without the corpus. `tells_problems_as_json`:
    whether a problem is told as JSON and not as a page.
    """

    name: str
    path: str
    summary: str
    media_types: tuple[str, ...]
    answer: Callable[[Query], RawAnswer]
    parameters: tuple[Parameter, ...] = ()
    has_tag: bool = True
    tells_problems_as_json: bool = False
