"""The description is right if each twin of a full corpus is what it says, and nothing else is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Generic, TypeVar

import html5lib
import pytest

from storage.browsing.position import Position
from storage.stated_time import StatedTime
from tests.web import corpus
from tests.web.conftest import Site
from web.openapi import plain_path
from web.page import twin_path
from web.pages.registry import PAGES, RAW_PAGES
from web.schemas import REFERENCE, Schemas

T = TypeVar("T")
_TYPES: Mapping[str, Any] = {
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "string": str,
    "array": list,
    "object": dict,
}


def faults(
    value: Any, schema: Mapping[str, Any], named: Mapping[str, Any], at: str
) -> Iterator[str]:
    """Yields where a value is not as the schema says. Knows the words that `web.schemas` writes."""
    if "$ref" in schema:
        yield from faults(value, named[schema["$ref"].removeprefix(REFERENCE)], named, at)
    if "anyOf" in schema:
        found = [list(faults(value, each, named, at)) for each in schema["anyOf"]]
        if all(found):
            yield from min(found, key=len)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    is_right = any(
        isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        for kind in kinds
    )
    if kinds and not is_right:
        yield f"{at}: {value!r} is not of type {kinds}"
    if isinstance(value, str):
        yield from _format_faults(value, schema.get("format"), at)
    if isinstance(value, list) and "prefixItems" in schema:
        if len(value) != len(schema["prefixItems"]):
            yield f"{at}: has {len(value)} items"
        for number, (item, each) in enumerate(zip(value, schema["prefixItems"], strict=False)):
            yield from faults(item, each, named, f"{at}[{number}]")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), named, f"{at}[{number}]")
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        yield from (
            f"{at}: lacks {name}" for name in schema.get("required", ()) if name not in value
        )
        for name, item in value.items():
            if name in properties:
                yield from faults(item, properties[name], named, f"{at}.{name}")
            elif others is False:
                yield f"{at}: has {name}, which is not described"
            elif isinstance(others, Mapping):
                yield from faults(item, others, named, f"{at}.{name}")


def _format_faults(value: str, form: str | None, at: str) -> Iterator[str]:
    try:
        if form == "date":
            date.fromisoformat(value)
        elif form == "date-time":
            assert datetime.fromisoformat(value).tzinfo
        elif form == "uri":
            assert re.match(r"http://127\.0\.0\.1:\d+/", value)
    except (ValueError, AssertionError):
        yield f"{at}: {value!r} is no {form}"


@pytest.fixture(scope="module")
def document(site: Site) -> Any:
    answer = site.get("/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return answer.json


def test_the_description_is_openapi_and_complete(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "nkwire"
    expected = {plain_path(twin_path(page.path)) for page in PAGES}
    assert document["paths"].keys() == expected | {plain_path(page.path) for page in RAW_PAGES}
    operations = [path["get"] for path in document["paths"].values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    for path, item in document["paths"].items():
        in_path = {each["name"] for each in item["get"]["parameters"] if each["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", path))
        assert item["get"]["responses"]["200"]["description"]
        names = [(each["in"], each["name"]) for each in item["get"]["parameters"]]
        assert len(names) == len(set(names))


def test_every_reference_leads_to_a_schema(document: Any) -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from [value["$ref"]] if "$ref" in value else []
            for each in value.values():
                yield from references(each)
        elif isinstance(value, list):
            for each in value:
                yield from references(each)

    found = {each.removeprefix(REFERENCE) for each in references(document)}
    assert found == document["components"]["schemas"].keys()
    assert all(re.fullmatch(r"[\w.-]+", name) for name in found)


VALUES = {
    "name": ("kcna", "quiet"),
    "day": ("2026-03-03",),
}
"""What stands for a variable of a path. Pages with other variables are tried with their first ids."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_twin_is_as_described(site: Site, document: Any, page: Any) -> None:
    path = plain_path(twin_path(page.path))
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    variables = re.findall(r"\{(\w+)\}", path)
    tried = 0
    for number in range(1, 15):
        address = path
        for name in variables:
            values = VALUES.get(name, (str(number),))
            address = address.replace(f"{{{name}}}", values[number % len(values)])
        answer = site.get(address)
        if answer.status == 302 and page.model is type(None):
            tried += 1  # a page that only leads to another
        if answer.status == 200:
            tried += 1
            named = document["components"]["schemas"]
            assert not list(faults(answer.json, schema["schema"], named, page.name))
    needs_words = answer.status == 400
    assert tried or needs_words, f"{address}: {answer.status} {answer.text[:300]}"


def test_problems_are_as_described(site: Site, document: Any) -> None:
    problem = document["components"]["schemas"]["Problem"]
    answer = site.get("/outlets.json?colour=red")
    assert answer.status == 400
    assert not list(faults(answer.json, problem, {}, "problem"))


def test_the_page_for_people_names_every_address_and_parameter(site: Site) -> None:
    page = site.get("/api")
    html5lib.HTMLParser(strict=True).parse(page.body)
    paths = [*(twin_path(each.path) for each in PAGES), *(each.path for each in RAW_PAGES)]
    assert all(f"<code>{plain_path(each)}</code>" in page.text for each in paths)
    declared = [*(each.parameters for each in PAGES), *(each.parameters for each in RAW_PAGES)]
    names = {each.name for parameters in declared for each in parameters}
    assert all(f"<code>{name}</code>" in page.text for name in names)


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Box(Generic[T]):
    rows: tuple[T, ...]
    next: Position | None


@dataclass(frozen=True)
class Node:
    """A node."""

    children: "tuple[Node, ...]"
    pair: tuple[int, str]
    counts: Mapping[Colour, float]
    colour: Colour | None
    at: StatedTime
    length: timedelta | None
    day: date | None
    any: Any


def test_types_become_schemas() -> None:
    schemas = Schemas()
    assert schemas.describe(Node) == {"$ref": f"{REFERENCE}Node"}
    node = schemas.named["Node"]
    assert node["description"] == "A node."
    assert node["required"] == list(node["properties"])
    properties = node["properties"]
    assert properties["children"] == {"type": "array", "items": {"$ref": f"{REFERENCE}Node"}}
    assert [each["type"] for each in properties["pair"]["prefixItems"]] == ["integer", "string"]
    assert properties["counts"]["additionalProperties"] == {"type": "number"}
    colours = {"type": "string", "enum": ["red"]}
    assert properties["colour"] == {"anyOf": [colours, {"type": "null"}]}
    assert properties["length"]["type"] == ["number", "null"]
    assert properties["day"] == {"type": ["string", "null"], "format": "date"}
    assert properties["any"] == {}
    with pytest.raises(TypeError, match="complex"):
        schemas.describe(complex)


def test_a_list_of_one_class_is_not_that_of_another_and_a_page_links_its_neighbours() -> None:
    schemas = Schemas()
    schemas.describe(Box[int])
    schemas.describe_model(Box[str])
    assert schemas.named["BoxOfint"]["properties"]["rows"]["items"] == {"type": "integer"}
    strings = schemas.named["BoxOfstr"]["properties"]
    assert strings["rows"]["items"] == {"type": "string"}
    assert strings["next"]["format"] == "uri"


def test_classes_of_the_same_name_are_kept_apart() -> None:
    @dataclass(frozen=True)
    class Node:
        size: int

    schemas = Schemas()
    other = Node
    schemas.describe(globals()["Node"])
    assert schemas.describe(other)["$ref"] == f"{REFERENCE}test_openapi.Node"


def test_the_corpus_has_values_in_most_fields(site: Site) -> None:
    # Otherwise the test of the twins would say little.
    assert site.get("/outlets.json").json["outlets"]
    assert len(corpus.article_keys()) > 10
