"""Describes all JSON twins and all answers that are no page, as OpenAPI 3.1. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from storage.version import package_version
from web.errors import Problem
from web.page import Page, twin_path
from web.parameters import MAX_TEXT, Parameter, ParameterKind, format_parameter
from web.raw import RawPage
from web.schemas import Schema, Schemas

OPENAPI_VERSION = "3.1.0"
JSON = "application/json"
_VARIABLE = re.compile(r"\{(\w+)(?::\w+)?\}")
_NOT_MODIFIED = {"description": "The visitor has this answer already."}
_ABOUT = (
    "Every page of nkwire has a twin with the same values as JSON: the address of the page, and"
    " `.json`. All times are UTC; durations are seconds. All requests are GET."
)


def make_document(pages: Iterable[Page], raw_pages: Iterable[RawPage]) -> dict[str, Any]:
    """Returns the description as what JSON knows. Raises TypeError for a model without a schema."""
    schemas = Schemas()
    problem = schemas.describe(Problem)
    paths = {
        plain_path(twin_path(page.path)): {"get": _describe_twin(page, schemas, problem)}
        for page in pages
    }
    paths |= {plain_path(page.path): {"get": _describe_raw(page, problem)} for page in raw_pages}
    return {
        "openapi": OPENAPI_VERSION,
        "info": {"title": "nkwire", "version": package_version(), "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.named.items()))},
    }


def plain_path(path: str) -> str:
    """Returns a path without the converters of its variables: /outlets/{name}."""
    return _VARIABLE.sub(r"{\1}", path)


def _describe_twin(page: Page, schemas: Schemas, problem: Schema) -> Schema:
    content = {JSON: {"schema": schemas.describe_model(page.model)}}
    return {
        "operationId": page.name,
        "summary": page.summary,
        "parameters": list(_parameters(page.path, page.parameters)),
        "responses": {
            "200": {"description": "The values that the page shows.", "content": content},
            "304": _NOT_MODIFIED,
            "default": _describe_problem(JSON, problem),
        },
    }


def _describe_raw(page: RawPage, problem: Schema) -> Schema:
    content: Schema = {media_type: {} for media_type in page.media_types}
    told_as = JSON if page.tells_problems_as_json else "text/html"
    responses = {
        "200": {"description": page.summary, "content": content},
        "default": _describe_problem(told_as, problem),
    }
    if page.has_tag:
        responses["304"] = _NOT_MODIFIED
    return {
        "operationId": page.name,
        "summary": page.summary,
        "parameters": list(_parameters(page.path, page.parameters)),
        "responses": responses,
    }


def _describe_problem(media_type: str, problem: Schema) -> Schema:
    schema = problem if media_type == JSON else {"type": "string"}
    return {
        "description": "What went wrong, in one sentence.",
        "content": {media_type: {"schema": schema}},
    }


def _parameters(path: str, declared: Iterable[Parameter]) -> Iterator[Schema]:
    for name in _VARIABLE.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for each in declared:
        yield {
            "name": each.name,
            "in": "query",
            "description": each.description,
            "schema": _describe_parameter(each),
        }


def _describe_parameter(parameter: Parameter) -> Schema:
    match parameter.kind:
        case ParameterKind.INTEGER:
            schema: Schema = {
                "type": "integer",
                "minimum": parameter.minimum,
                "maximum": parameter.maximum,
            }
        case ParameterKind.DAY:
            schema = {"type": "string", "format": "date"}
        case ParameterKind.CHOICE:
            schema = {"type": "string", "enum": list(parameter.choices)}
        case ParameterKind.FLAG:
            schema = {"type": "string", "enum": ["0", "1"]}
        case _:
            schema = {"type": "string", "maxLength": MAX_TEXT}
    if parameter.default is not None and parameter.kind is not ParameterKind.FLAG:
        default = parameter.default
        is_number = parameter.kind is ParameterKind.INTEGER
        schema["default"] = default if is_number else format_parameter(default)
    return schema
