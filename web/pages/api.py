"""Describes all addresses: for machines as OpenAPI, and for people."""

from dataclasses import dataclass

import orjson

from web.openapi import make_document, plain_path
from web.page import Page, Query, twin_path
from web.raw import RawAnswer, RawPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """A parameter. `choices`: its values, if only some are possible. `default`: "" for none."""

    name: str
    kind: str
    description: str
    choices: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    """An address that answers. `page`: the page with the same values, "" if there is none."""

    path: str
    page: str
    summary: str
    media_types: tuple[str, ...]
    parameters: tuple[ParameterRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """All addresses for programs. `base`: where this process listens."""

    base: str
    twins: tuple[AddressRow, ...]
    others: tuple[AddressRow, ...]


def make_pages(pages: tuple[Page, ...], raw_pages: tuple[RawPage, ...]) -> tuple[Page, RawPage]:
    """Returns the page for people and the description for programs, of these and of themselves."""

    def load(query: Query) -> Api:
        return _list_addresses(query, (*pages, page), (*raw_pages, raw_page))

    def answer(_: Query) -> RawAnswer:
        document = make_document((*pages, page), (*raw_pages, raw_page))
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        return RawAnswer(content=content, media_type="application/json")

    page = Page(
        name="api",
        path="/api",
        summary="How programs ask for what the pages show.",
        template="api.html",
        model=Api,
        load=load,
    )
    raw_page = RawPage(
        name="openapi",
        path="/openapi.json",
        summary="This description of all addresses, as OpenAPI 3.1.",
        media_types=("application/json",),
        answer=answer,
        has_tag=False,
        tells_problems_as_json=True,
    )
    return page, raw_page


def _list_addresses(query: Query, pages: tuple[Page, ...], raw_pages: tuple[RawPage, ...]) -> Api:
    host = query.options.bind
    return Api(
        base=f"http://{f'[{host}]' if ':' in host else host}:{query.options.port}",
        twins=tuple(
            _make_row(page, twin_path(page.path), page.path, ("application/json",))
            for page in pages
        ),
        others=tuple(_make_row(page, page.path, "", page.media_types) for page in raw_pages),
    )


def _make_row(
    declared: Page | RawPage, path: str, page: str, media_types: tuple[str, ...]
) -> AddressRow:
    return AddressRow(
        path=plain_path(path),
        page=plain_path(page),
        summary=declared.summary,
        media_types=media_types,
        parameters=tuple(
            ParameterRow(
                name=each.name,
                kind=each.kind.value,
                description=each.description,
                choices=each.choices,
                default="" if each.default in (None, False) else str(each.default),
            )
            for each in declared.parameters
        ),
    )
