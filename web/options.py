"""Defines what the web process is told at its start: address, access, and the declared outlets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

DEFAULT_PORT = 8450
DEFAULT_BIND = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredOutlet:
    """What the declaration of an outlet says. `rights`: "full", "excerpt" or "none"."""

    name: str
    title: str
    country: str = ""
    languages: tuple[str, ...] = ()
    every: timedelta | None = None
    sources: tuple[str, ...] = ()
    rights: str = "full"
    rights_note: str = ""
    agency_rank: int = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """The options of `nkwire web`.

    `database_url`: the database that is shown. `hosts`: further names that the Host header may
    have, beside those of loopback. `decide`: whether persons may merge, split and rule. `public`:
    whether texts are shown only as far as the rights of their outlet allow. `token`: what a visitor
    beyond loopback must show. `behind_proxy`: the address of a proxy whose X-Forwarded headers
    count. `recordings`: the folder of WARC files, or None.
    """

    database_url: str
    bind: str = DEFAULT_BIND
    port: int = DEFAULT_PORT
    hosts: tuple[str, ...] = ()
    decide: bool = False
    public: bool = False
    token: str = ""
    behind_proxy: str = ""
    recordings: Path | None = None
    outlets: Mapping[str, DeclaredOutlet] = field(default_factory=dict)

    def outlet(self, name: str) -> DeclaredOutlet:
        """Returns the declaration of an outlet; of an undeclared one its name alone."""
        return self.outlets.get(name) or DeclaredOutlet(name=name, title=name)
