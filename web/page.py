"""Defines what a page is: an address, declared parameters, what is read, and a template.

A page reads one value object, a frozen dataclass of plain values. The template and the JSON twin
both show this object, so they cannot differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from storage.database import Database
from web.options import DeclaredOutlet, WebOptions
from web.parameters import Parameter, drop_absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One request for a page.

    `path`: of the page, without `.json`. `ids`: the variable parts of the path. `values`: a value
    for each declared parameter. `shows_texts`: whether texts are shown in full whatever the rights
    of their outlet say. `is_signed_in`: whether the visitor may decide; then `form_token` is what
    each form must carry. `base`: scheme and host that the visitor uses, for whole addresses.
    """

    database: Database
    options: WebOptions
    path: str
    ids: Mapping[str, str]
    values: Mapping[str, Any]
    parameters: tuple[Parameter, ...] = ()
    shows_texts: bool = True
    is_signed_in: bool = False
    form_token: str = field(default="", repr=False)
    base: str = ""

    def __getitem__(self, name: str) -> Any:
        """Returns the value of a declared parameter."""
        return self.values[name]

    @property
    def now(self) -> datetime:
        """The current time, in UTC."""
        return datetime.now(UTC)

    def link(self, **changes: object) -> str:
        """Returns the address of this page with some parameters changed; None removes one."""
        defaults = {each.name: each.default for each in self.parameters}
        values = {
            name: value
            for name, value in {**self.values, **changes}.items()
            if value != defaults.get(name)
        }
        return link(self.path, **values)

    def at(self, path: str) -> "Query":
        """Returns the same query for another path, whose page has the same parameters."""
        return replace(self, path=path)

    def twin(self, **changes: object) -> str:
        """Returns the address of the JSON twin of this page."""
        path, _, query = self.link(**changes).partition("?")
        return f"{twin_path(path)}{'?' if query else ''}{query}"

    def outlet(self, name: str) -> DeclaredOutlet:
        """Returns the declaration of an outlet; of an undeclared one its name alone."""
        return self.options.outlet(name)

    def outlet_title(self, name: str) -> str:
        """Returns what people call an outlet."""
        return self.outlet(name).title


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A declared page.

    `path`: as Starlette writes it, `/reports/{report}`. `load`: reads the value object; it raises
    errors of storage and of `web.errors`. `model`: the class of the value object. `section`: the
    address of the entry in the navigation that it belongs to.
    """

    name: str
    path: str
    summary: str
    template: str
    model: type
    load: Callable[[Query], Any]
    parameters: tuple[Parameter, ...] = ()
    section: str = ""


def link(path: str, **parameters: object) -> str:
    """Returns a path with its parameters, without those that are absent."""
    given = drop_absent(parameters)
    return f"{quote(path)}?{urlencode(given)}" if given else quote(path)


def twin_path(path: str) -> str:
    """Returns the path of the JSON twin of a page."""
    return "/index.json" if path == "/" else f"{path}.json"
