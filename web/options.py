"""Defines what the web process is told at its start: address, access, and the declared outlets."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from storage.archive.places import RecordingPlace
from storage.errors import InvalidRequest
from storage.wording.numbers import format_count

DEFAULT_PORT = 8450
DEFAULT_BIND = "127.0.0.1"
MAX_PORT = 65_535
MIN_TOKEN_CHARS = 32
_HOST = re.compile(
    r"([a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?", re.ASCII
)


def _make_code() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredOutlet:
    """What the declaration of an outlet says. `rights`: "full", "lead" or "none".

    `is_chosen`: whether the settings choose it to be read.
    """

    name: str
    title: str
    country: str = ""
    languages: tuple[str, ...] = ()
    every: timedelta | None = None
    sources: tuple[str, ...] = ()
    rights: str = "full"
    rights_note: str = ""
    agency_rank: int = 9
    is_chosen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """The options of `nkwire web`.

    `database_url`: the database that is shown. `hosts`: further names that the Host header may
    have, beside those of loopback. `decide`: whether persons may merge, split and rule. `public`:
    whether texts are shown only as far as the rights of their outlet allow. `token`: what a visitor
    beyond loopback must show. `behind_proxy`: the address of a proxy whose X-Forwarded headers
    count, or its network. `recordings`: where WARC files are. `sign_in_code`: what a
    person posts once to decide; another for each start.
    """

    database_url: str = field(repr=False)
    bind: str = DEFAULT_BIND
    port: int = DEFAULT_PORT
    hosts: tuple[str, ...] = ()
    decide: bool = False
    public: bool = False
    token: str = field(default="", repr=False)
    behind_proxy: str = ""
    recordings: tuple[RecordingPlace, ...] = ()
    outlets: Mapping[str, DeclaredOutlet] = field(default_factory=dict)
    sign_in_code: str = field(default_factory=_make_code, repr=False)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can ask: a loopback address, and no proxy in front."""
        return is_loopback(self.bind) and not self.behind_proxy

    @property
    def shows_all_texts(self) -> bool:
        """Whether texts are shown in full whatever the rights of their outlet say."""
        return self.is_local and not self.public

    def outlet(self, name: str) -> DeclaredOutlet:
        """Returns the declaration of an outlet; of an undeclared one its name alone."""
        return self.outlets.get(name) or DeclaredOutlet(name=name, title=name)


def is_loopback(bind: str) -> bool:
    """Returns whether an address or a name to bind is one of this machine alone."""
    if bind == "localhost":
        return True
    try:
        return ip_address(bind.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def check_options(options: WebOptions) -> None:
    """Raises InvalidRequest, with what to do, for options that cannot be served or are not safe."""
    if not 0 <= options.port <= MAX_PORT:
        raise InvalidRequest(f"a port goes from 0 to {MAX_PORT}, not {options.port}")
    for host in options.hosts:
        parse_host(host)
    _check_token(options.token)
    if options.behind_proxy:
        parse_peers(options.behind_proxy)
    if not (is_loopback(options.bind) or options.token or options.behind_proxy):
        raise InvalidRequest(
            f"other machines can reach {options.bind or 'all addresses'}: set NKWIRE_WEB_TOKEN to a"
            f" secret of at least {MIN_TOKEN_CHARS} characters, or name the proxy that decides who"
            " may look (--behind-proxy)"
        )


def _check_token(token: str) -> None:
    if token and len(token) < MIN_TOKEN_CHARS:
        raise InvalidRequest(
            f"NKWIRE_WEB_TOKEN has {format_count(len(token), 'character')}, and needs {MIN_TOKEN_CHARS}: make one"
            " with `openssl rand -hex 32`"
        )
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise InvalidRequest("NKWIRE_WEB_TOKEN has spaces or other characters than printable ASCII")


def parse_host(host: str) -> tuple[str, int | None]:
    """Returns a host name in small letters and its port, if it has one. Raises InvalidRequest."""
    found = _HOST.fullmatch(host.lower())
    port = int(found[2]) if found and found[2] else None
    if found is None or (port is not None and port > MAX_PORT):
        raise InvalidRequest(
            f"{host[:80]!r} is not a host name: write it as desk.example or desk.example:8443"
        )
    return found[1].rstrip("."), port


def parse_peers(behind_proxy: str) -> IPv4Network | IPv6Network:
    """Returns the addresses from which a proxy asks. Raises InvalidRequest."""
    try:
        return ip_network(behind_proxy, strict=False)
    except ValueError:
        raise InvalidRequest(
            f"{behind_proxy[:80]!r} is not the address of a proxy: write it as 127.0.0.1 or as the"
            " network 172.18.0.0/16"
        ) from None


def sign_in_url(options: WebOptions, address: str) -> str:
    """Returns the link by which one person may sign in to decide, once.

    `address`: of the server, with a slash at its end. The code stands behind a #: browsers do not
    send it, so it is in no log.
    """
    return f"{address}sign-in#{options.sign_in_code}"
