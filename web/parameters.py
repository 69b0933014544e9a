"""Reads the parameters of an address and writes them back. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from storage.browsing.position import Position
from storage.clean import format_utc
from storage.errors import InvalidRequest

MAX_TEXT = 1_000
"""The most characters of one parameter."""
MAX_NUMBER = 2**63 - 1
NUL = "\0"
_MAX_DIGITS = len(str(MAX_NUMBER))
MIN_YEAR, MAX_YEAR = 1_000, 9_998
_POSITION = re.compile(r"([^~]+)~(\d{1,18})(?:~(\d{1,9}))?", re.ASCII)


class ParameterKind(StrEnum):
    """What a parameter holds."""

    TEXT = "text"
    INTEGER = "integer"
    DAY = "day"  # YYYY-MM-DD
    CHOICE = "choice"
    FLAG = "flag"  # 1 or absent
    POSITION = "position"  # a place in a list, as the links to other pages of it give


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A declared parameter of a page. `default`: its value when the address does not have it."""

    name: str
    kind: ParameterKind = ParameterKind.TEXT
    description: str
    choices: tuple[str, ...] = ()
    default: Any = None
    minimum: int = 0
    maximum: int = MAX_NUMBER


def parse_parameters(
    declared: Iterable[Parameter], given: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """Returns a value for each declared parameter. An empty text counts as absent.

    Raises InvalidRequest for an unknown, repeated or malformed parameter.
    """
    by_name = {each.name: each for each in declared}
    values = {name: each.default for name, each in by_name.items()}
    seen: set[str] = set()
    for name, text in given:
        if name not in by_name:
            known = ", ".join(by_name) or "none"
            raise InvalidRequest(f"unknown parameter {name[:40]!r}: this page knows {known}")
        if name in seen:
            raise InvalidRequest(f"the parameter {name!r} stands twice")
        seen.add(name)
        if text:
            values[name] = _parse(by_name[name], text)
    return values


def format_parameter(value: object) -> str:
    """Returns a value as it stands in an address; "" for one that is absent."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, Position):
        outlets = "" if value.outlets is None else f"~{value.outlets}"
        return f"{format_utc(value.at)}~{value.id}{outlets}"
    return str(value)


def parse_number(text: str, prefix: str = "") -> int:
    """Returns the number of a row in a path: 7, or r7 with the prefix "r". Raises InvalidRequest."""
    number = text.removeprefix(prefix)
    # int() refuses thousands of digits with another error.
    is_short = len(number) <= _MAX_DIGITS
    if not (is_short and number.isascii() and number.isdecimal()) or int(number) > MAX_NUMBER:
        raise InvalidRequest(f"{text[:40]!r} is not a number")
    return int(number)


def parse_day(text: str) -> date:
    """Returns a day written YYYY-MM-DD, of the years 1000 to 9998. Raises InvalidRequest."""
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-01-05") else None
    except ValueError:
        day = None
    # Pages name the days before and after: the first and the last that there are have none.
    if day is None or not MIN_YEAR <= day.year <= MAX_YEAR:
        raise InvalidRequest(f"{text[:40]!r} is not a day: write it as 2026-01-05")
    return day


def _parse(declared: Parameter, text: str) -> Any:
    if len(text) > MAX_TEXT:
        raise InvalidRequest(f"{declared.name} has more than {MAX_TEXT:,} characters")
    if NUL in text:
        # No article has one, and PostgreSQL takes none.
        raise InvalidRequest(f"{declared.name} has a NUL character")
    match declared.kind:
        case ParameterKind.INTEGER:
            return _parse_integer(declared, text)
        case ParameterKind.DAY:
            return parse_day(text)
        case ParameterKind.CHOICE:
            if text not in declared.choices:
                choices = ", ".join(declared.choices)
                raise InvalidRequest(f"{declared.name} is one of {choices}, not {text[:40]!r}")
            return text
        case ParameterKind.FLAG:
            if text not in ("0", "1"):
                raise InvalidRequest(f"{declared.name} is 1 or absent, not {text[:40]!r}")
            return text == "1"
        case ParameterKind.POSITION:
            return _parse_position(declared, text)
        case ParameterKind.TEXT:
            return text


def _parse_integer(declared: Parameter, text: str) -> int:
    number = parse_number(text)
    if not declared.minimum <= number <= declared.maximum:
        limits = f"{declared.minimum} to {declared.maximum}"
        raise InvalidRequest(f"{declared.name} goes from {limits}, not {text[:40]!r}")
    return number


def _parse_position(declared: Parameter, text: str) -> Position:
    found = _POSITION.fullmatch(text)
    try:
        at = datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        at = None
    if found is None or at is None or at.tzinfo is None or not MIN_YEAR <= at.year <= MAX_YEAR:
        raise InvalidRequest(f"{declared.name} is no place in this list: {text[:40]!r}")
    outlets = None if found[3] is None else int(found[3])
    return Position(at.astimezone(UTC), int(found[2]), outlets)


def drop_absent(values: Mapping[str, object]) -> dict[str, str]:
    """Returns the parameters that an address must have, as texts."""
    texts = {name: format_parameter(value) for name, value in values.items()}
    return {name: text for name, text in texts.items() if text}
