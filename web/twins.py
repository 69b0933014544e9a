"""Writes value objects as JSON. Pure.

Times are ISO 8601 in UTC, as precisely as they are known; durations are seconds.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

import orjson

from storage.browsing.position import Position
from storage.clean import format_utc
from storage.stated_time import StatedTime
from web.parameters import format_parameter


def to_json(model: object) -> bytes:
    """Returns a value object as JSON, as UTF-8."""
    return orjson.dumps(to_plain(model), option=orjson.OPT_INDENT_2)


def to_plain(value: Any) -> Any:
    """Returns a value as what JSON knows: dicts, lists, texts, numbers, true, false and null."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return to_plain(value.value)
        case str():
            # A lone surrogate cannot be written as UTF-8.
            return value.encode("utf-8", "replace").decode()
        case StatedTime():
            return str(value)
        case Position():
            return format_parameter(value)
        case datetime():
            return format_utc(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    if is_dataclass(value):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(each) for key, each in value.items()}
    return [to_plain(each) for each in value]
