"""Describes value objects as JSON Schema, as `web.twins` writes them. Pure.

Made for the types that pages use: dataclasses, tuples, mappings, options, enums, times, durations.
The dialect is that of OpenAPI 3.1: JSON Schema 2020-12.
"""

import inspect
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from storage.browsing.position import Position
from storage.stated_time import StatedTime

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/"
_PLAIN: Mapping[type, Schema] = {
    NoneType: {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    timedelta: {"type": "number", "description": "Seconds."},
    StatedTime: {
        "type": "string",
        "description": "ISO 8601, as precisely as the time is known: a year, a month, a day, or a"
        " time of day.",
    },
    Position: {"type": "string", "description": "A place in a list, for `before` and `after`."},
}
_ADDRESS: Schema = {
    "type": ["string", "null"],
    "format": "uri",
    "description": "The address of another page of the list.",
}
_OTHER_PAGES = ("next", "previous")


class Schemas:
    """Collects the schemas of classes under names; each class is described once."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}
        self._types: dict[str, Any] = {}

    def describe_model(self, model: type) -> Schema:
        """Returns the schema of the value object of a page.

        Places in lists are whole addresses there. Raises TypeError for a type that no twin has.
        """
        reference = self.describe(model)
        if model is NoneType:  # a page that only leads to another
            return reference
        properties = self.named[reference["$ref"].removeprefix(REFERENCE)]["properties"]
        hints = get_type_hints(get_origin(model) or model)
        for name in _OTHER_PAGES:
            if Position in get_args(hints.get(name)):
                properties[name] = _ADDRESS
        return reference

    def describe(self, kind: Any) -> Schema:
        """Returns the schema of a type; of a dataclass a reference to it. Raises TypeError."""
        if kind is Any:
            return {}
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return _any_of([self.describe(each) for each in arguments])
        if origin is Literal:
            return {"enum": list(arguments)}
        target = origin or kind
        if is_dataclass(target):
            return self._refer_to(kind, target, arguments)
        if isinstance(target, type):
            if issubclass(target, Enum):
                return {"type": "string", "enum": [each.value for each in target]}
            if issubclass(target, Mapping):
                values = self.describe(arguments[1]) if arguments else {}
                return {"type": "object", "additionalProperties": values}
            if issubclass(target, tuple) and arguments and arguments[-1] is not Ellipsis:
                items = [self.describe(each) for each in arguments]
                return {
                    "type": "array",
                    "prefixItems": items,
                    "minItems": len(items),
                    "maxItems": len(items),
                }
            if issubclass(target, (Collection, Iterable)):
                return {"type": "array", "items": self.describe(arguments[0] if arguments else Any)}
        raise TypeError(f"no schema is known for {kind!r}")

    def _refer_to(self, kind: Any, target: Any, arguments: tuple[Any, ...]) -> Schema:
        name = self._name(kind, target, arguments)
        if name not in self.named:
            self._types[name] = kind
            # Named before its fields are described: a class may contain itself.
            self.named[name] = {}
            self.named[name] = self._describe_dataclass(target, arguments)
        return {"$ref": REFERENCE + name}

    def _name(self, kind: Any, target: Any, arguments: tuple[Any, ...]) -> str:
        """Returns the name of the class; with that of its module where another has it."""
        name = "Of".join([target.__name__, *(getattr(each, "__name__", "") for each in arguments)])
        if self._types.get(name, kind) != kind:
            return f"{target.__module__.rpartition('.')[2]}.{name}"
        return name

    def _describe_dataclass(self, target: Any, arguments: tuple[Any, ...]) -> Schema:
        hints = get_type_hints(target)
        variables = dict(zip(getattr(target, "__parameters__", ()), arguments, strict=False))
        properties = {
            each.name: self.describe(_substitute(hints[each.name], variables))
            for each in fields(target)
        }
        schema: Schema = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
        return {"description": text, **schema} if (text := _description(target)) else schema


def _substitute(kind: Any, variables: Mapping[TypeVar, Any]) -> Any:
    """Returns the type with its type variables replaced."""
    if isinstance(kind, TypeVar):
        return variables.get(kind, Any)
    inner = getattr(kind, "__parameters__", ())
    return kind[tuple(variables.get(each, Any) for each in inner)] if inner else kind


def _any_of(schemas: list[Schema]) -> Schema:
    kinds = [each.get("type") for each in schemas]
    # {"type": ["string", "null"]} is shorter, and says the same.
    if len(schemas) == 2 and {"type": "null"} in schemas and all(isinstance(k, str) for k in kinds):
        other = next((each for each in schemas if each != {"type": "null"}), None)
        if other is not None and "enum" not in other:
            return {**other, "type": [other["type"], "null"]}
    return {"anyOf": schemas}


def _description(target: Any) -> str:
    text = inspect.cleandoc(target.__doc__ or "")
    # Without a docstring of its own a dataclass has its signature.
    return "" if text.startswith(f"{target.__name__}(") else " ".join(text.split())
