"""Reads the values of settings from text, and checks them. All raise ValueError for a wrong one."""

import re
import shlex
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from pydantic import SecretStr

from storage.archive.location import check_address, looks_like_address
from storage.guard.secrets import is_sure_address

_HOST_NAME = re.compile(r"(?:[\w.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
_TOKEN = re.compile(r"[!-~]{32,256}")
_CONTACT_ENDS = str.maketrans(dict.fromkeys("<>()[]{},;'\"", " "))  # what stands around an address
_SELECTOR_CHARS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.:-")
_CADENCE_TABLE = 'in the file it is a table: [cadence], and below it lines such as yonhap = "15m"'
Pairs = tuple[tuple[str, str], ...]


def without_nul(value: object) -> object:
    """Returns a value as it is. Refuses the character NUL, which no name of a file may have."""
    parts = value if isinstance(value, list | tuple) else (value,)
    if any(isinstance(part, str) and "\0" in part for part in parts):
        raise ValueError("NUL")
    return value


def split_list(value: object) -> object:
    """Returns the parts of a text with commas; anything else as it is. Refuses commas alone."""
    if not isinstance(value, str):
        return value
    parts = tuple(part.strip() for part in value.split(",") if part.strip())
    if value.strip() and not parts:
        raise ValueError("nothing between the commas")
    return parts


def split_command(value: object) -> object:
    """Returns the words of a command line, as a shell reads them; anything else as it is."""
    return tuple(shlex.split(value)) if isinstance(value, str) else value


def whole_number(value: object) -> object:
    """Returns the number that a text of digits means. Refuses truth values and fractions."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    if value is None or type(value) is int:
        return value
    raise ValueError("not a whole number")


def digits(value: object) -> object:
    """Returns a number as text; anything else as it is."""
    return str(value) if type(value) is int else value


def one_line(text: str) -> str:
    """Returns a text without control characters as it is."""
    if not text.isprintable():
        raise ValueError("control characters")
    return text


def folder_name(value: object) -> object:
    """Returns the name of a folder as it is. Refuses "", which would mean the current folder.

    Refuses an address too: a folder `s3:` would be made for it.
    """
    if not str(value).strip():
        raise ValueError("no name")
    if looks_like_address(str(value)):
        raise ValueError("an address")
    return value


def archive_address(value: str) -> str:
    """Returns the address of an archive without a slash at its end, or "" for none."""
    return check_address(value) if value else value


def networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """Returns networks such as `127.0.0.0/8` as they are."""
    for value in values:
        ip_network(value, strict=False)
    return values


def host_names(values: tuple[str, ...]) -> tuple[str, ...]:
    """Returns host names, with or without a port, as they are."""
    for value in values:
        if not _HOST_NAME.fullmatch(value):
            raise ValueError("no host name")
    return values


def host_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Returns `host=address:port` pairs as a mapping of host to `address:port`."""
    mapping: dict[str, str] = {}
    for pair in pairs:
        host, _, target = pair.partition("=")
        address, _, port = target.rpartition(":")
        is_port = port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536
        if not host or not is_port or not _is_address(address):
            raise ValueError(f"NKWIRE_RESOLVE: {pair!r} is not host=address:port")
        mapping[host.lower()] = target
    return mapping


def _is_address(text: str) -> bool:
    with suppress(ValueError):
        ip_address(text.removeprefix("[").removesuffix("]"))
        return True
    return False


def host_pairs(pairs: tuple[str, ...]) -> tuple[str, ...]:
    """Returns `host=address:port` pairs as they are."""
    host_mapping(pairs)
    return pairs


def mail_addresses(values: tuple[str, ...]) -> tuple[str, ...]:
    """Returns mail addresses as they are."""
    for value in values:
        if "@" not in value or "://" in value or set(value) & set("\r\n <>"):
            raise ValueError("no mail address")
    return values


def mail_address(value: str) -> str:
    """Returns a mail address as it is, or "" for none."""
    return mail_addresses((value,))[0] if value else value


def has_address(text: str) -> bool:
    """Whether a text is or contains a mail address or an http(s) address."""
    return any(map(_is_contact_address, text.translate(_CONTACT_ENDS).split()))


def _is_contact_address(word: str) -> bool:
    if "://" not in word:
        name, at, host = word.rpartition("@")
        return bool(name and at and host.strip("."))
    with suppress(ValueError):
        parts = urlsplit(word)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    return False


def web_url(url: SecretStr) -> SecretStr:
    """Returns an http or https URL as it is, or "" for none."""
    return _with_host(url, ("http", "https"))


def mail_server(url: SecretStr) -> SecretStr:
    """Returns an smtp or smtps URL as it is."""
    if not url.get_secret_value():
        raise ValueError("no server")
    return _with_host(url, ("smtp", "smtps"))


def _with_host(url: SecretStr, schemes: tuple[str, ...]) -> SecretStr:
    if text := url.get_secret_value():
        parts = urlsplit(text)
        # Libraries repeat what they cannot use, so it must not come so far.
        is_plain = text.isascii() and text.isprintable() and " " not in text
        is_sure = is_plain and is_sure_address(text)
        if parts.scheme not in schemes or not parts.hostname or parts.port == 0 or not is_sure:
            raise ValueError("no such URL")
    return url


def token(value: SecretStr) -> SecretStr:
    """Returns a token that nobody can guess as it is, or "" for none."""
    text = value.get_secret_value()
    if text and not _TOKEN.fullmatch(text):
        raise ValueError("no such token")
    return value


def database_url(url: SecretStr) -> SecretStr:
    """Returns the URL of a supported database as it is, or "" for none."""
    if not url.get_secret_value():
        return url
    from storage.engine import parse_url  # loads SQLAlchemy
    from storage.errors import BadUrl

    try:
        parse_url(url.get_secret_value())
    except BadUrl:
        raise ValueError("no such URL") from None
    return url


def selectors(values: tuple[str, ...]) -> tuple[str, ...]:
    """Returns names and groups of outlets as they are. Whether they exist, the registry knows."""
    for value in values:
        if not value or not set(value.lower()) <= _SELECTOR_CHARS:
            raise ValueError(f"{value[:100]!r} is no name of an outlet or group")
    return values


def cadence_pairs(value: object) -> Pairs:
    """Returns pairs of an outlet or group, and how often it is read: `15m` or a cron expression.

    From a text `yonhap=15m; all=2h`, or a table of the file.
    """
    from storage.runs.cadence_text import parse_cadence  # only if there is such a setting

    if isinstance(value, str):
        texts = [part for part in value.split(";") if part.strip()]
        if stray := next((text for text in texts if "=" not in text), ""):
            raise ValueError(f"{stray.strip()[:100]!r} is no pair; {_CADENCE_TABLE}")
        parts = [text.partition("=") for text in texts]
        pairs = [(name.strip(), when.strip()) for name, _, when in parts]
    elif isinstance(value, dict | tuple):  # a tuple is the default
        pairs = list(value.items() if isinstance(value, dict) else value)
    else:
        raise ValueError(_CADENCE_TABLE)  # noqa: TRY004  pydantic takes this one only
    for name, when in pairs:
        selectors((name,))
        if not isinstance(when, str):
            raise ValueError(f'{name} is no text: write it as {name} = "30m"')  # noqa: TRY004
        parse_cadence(when)
    return tuple(pairs)
