"""Says what a selection holds and how to take it away, and streams the files."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any, cast

from storage.dialects import statement_timeout
from storage.errors import InvalidRequest, TooSlow
from storage.export.export import ExportFormat, ExportOptions
from storage.export.formats.selection import ExportFilters, open_selection
from storage.export.streaming import stream_export
from storage.rights import TEXT_LEVELS, TextLevel, allowed_level
from web.page import Page, Query, link
from web.pages import filters
from web.parameters import Parameter, ParameterKind, parse_number
from web.raw import RawAnswer, RawPage

EXPORT_SECONDS = 600.0
COUNT_SECONDS = 2.0
MAX_COUNT = 10_000

PARAMETERS = (
    Parameter(name="q", description="Only articles with these words, as in the search."),
    filters.OUTLET,
    filters.LANGUAGE,
    filters.SINCE,
    filters.UNTIL,
    filters.LEVEL,
    Parameter(name="report", description="Only articles of this report: r7 or 7."),
    Parameter(name="story", kind=ParameterKind.INTEGER, description="Only articles of this story."),
    Parameter(
        name="collapse",
        kind=ParameterKind.FLAG,
        description="1: a row for each story, not for each article.",
    ),
    Parameter(
        name="text",
        kind=ParameterKind.CHOICE,
        choices=("full", "lead", "none"),
        default="full",
        description="How much of the texts; never more than rights allow.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A format of a download. `why_not`: why it cannot be had, one sentence; "" if it can."""

    name: str
    title: str
    use: str
    url: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedOutlet:
    """An outlet whose texts are not handed on in full. `level`: "lead" or "none"."""

    name: str
    level: TextLevel
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChoice:
    """What the filters select. `articles`: None if they could not be counted in time.

    `is_capped`: there are more than `articles`. `command`, `snapshot_command`: what does the same
    in a terminal.
    """

    articles: int | None
    is_capped: bool
    formats: tuple[FileFormat, ...]
    limited: tuple[LimitedOutlet, ...]
    outlets: tuple[str, ...]
    command: str
    snapshot_command: str


@dataclass(frozen=True, slots=True)
class _Format:
    """How a format is offered. `needs`: a module that must be installed."""

    title: str
    use: str
    media_type: str
    needs: str = ""


_FORMATS: Mapping[ExportFormat, _Format] = {
    "jsonl": _Format("JSON lines", "programs; nkwire imports it again", "application/x-ndjson"),
    "csv": _Format("CSV", "spreadsheets and statistics", "text/csv; charset=utf-8"),
    "xlsx": _Format(
        "Excel (XLSX)",
        "Excel and LibreOffice; at most 1,048,575 rows",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "parquet": _Format(
        "Parquet", "pandas, polars, DuckDB", "application/vnd.apache.parquet", "pyarrow"
    ),
}
_OPTION_NAMES = {"q": "--words", "level": "--statement-level"}


def load(query: Query) -> ExportChoice:
    """Reads how many articles the filters select.

    Raises InvalidRequest, BadQuery, and NotFound for a report or a story that does not exist.
    """
    articles = _count(query, read_filters(query))
    given = {name: value for name, value in query.values.items() if value}
    today = query.now.date()
    return ExportChoice(
        articles=None if articles is None else min(articles, MAX_COUNT),
        is_capped=articles is not None and articles > MAX_COUNT,
        formats=tuple(
            FileFormat(
                name=name,
                title=each.title,
                use=each.use,
                url=link(f"/export/{name}", **{**given, "text": _text_or_none(query)}),
                why_not=_why_not(each),
            )
            for name, each in _FORMATS.items()
        ),
        limited=_limited_outlets(query),
        outlets=tuple(sorted(query.options.outlets)),
        command=_command(["nkwire", "export", f"nkwire-{today}.jsonl"], query.values),
        snapshot_command=_command(
            ["nkwire", "snapshot", "create", f"nkwire-{today}"],
            {**query.values, "collapse": False, "story": None},
        ),
    )


def read_filters(query: Query) -> ExportFilters:
    """Returns the filters of an address. Raises InvalidRequest."""
    first, last = query["since"], query["until"]
    if first and last and last < first:
        raise InvalidRequest(f"the last day, {last}, is before the first, {first}")
    since, until = filters.read_days(query)
    selected: dict[str, Any] = {
        "words": query["q"],
        "outlet": query["outlet"],
        "language": query["language"],
        "since": since,
        "until": until,
        "statement_level": filters.read_levels(query),
        "report": parse_number(query["report"], "r") if query["report"] else None,
        "story": query["story"],
    }
    given = {name: value for name, value in selected.items() if value is not None}
    return cast("ExportFilters", given)


def answer(format: ExportFormat, query: Query) -> RawAnswer:
    """Streams all that the filters select as a file. Raises the errors of an export."""
    if why_not := _why_not(_FORMATS[format]):
        raise InvalidRequest(why_not)
    noun = "stories" if query["collapse"] else "articles"
    content: Iterator[bytes] = stream_export(
        query.database,
        format=format,
        collapse=query["collapse"] or False,
        text=query["text"],
        seconds=EXPORT_SECONDS,
        options=ExportOptions(
            with_companions=False,
            bom=format == "csv",
            declared_rights={} if query.shows_texts else _declared_rights(query),
        ),
        **read_filters(query),
    )
    return RawAnswer(
        content=content,
        media_type=_FORMATS[format].media_type,
        filename=f"nkwire-{noun}-{query.now:%Y-%m-%d}.{format}",
    )


def _count(query: Query, selected: ExportFilters) -> int | None:
    try:
        with (
            open_selection(query.database, reports=False, **selected) as selection,
            statement_timeout(selection.connection, COUNT_SECONDS),
        ):
            return selection.count_up_to(MAX_COUNT)
    except (TimeoutError, TooSlow):
        return None


def _declared_rights(query: Query) -> dict[str, str]:
    return {name: each.rights for name, each in query.options.outlets.items()}


def _limited_outlets(query: Query) -> tuple[LimitedOutlet, ...]:
    """Returns the declared outlets of the selection that limit their texts, by name."""
    declared = query.options.outlets
    names = [query["outlet"]] if query["outlet"] in declared else sorted(declared)
    levels = {name: allowed_level(declared[name].rights) for name in names}
    return tuple(
        LimitedOutlet(name=name, level=level, note=declared[name].rights_note)
        for name, level in levels.items()
        if level != TEXT_LEVELS[-1]
    )


def _why_not(format: _Format) -> str:
    if format.needs and find_spec(format.needs) is None:
        return f"This needs {format.needs} on the server: pip install 'nkwire[parquet]'."
    return ""


def _text_or_none(query: Query) -> str | None:
    return None if query["text"] == "full" else query["text"]


def _command(words: list[str], values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        if not value or (name, value) == ("text", "full"):
            continue
        option = _OPTION_NAMES.get(name, f"--{name}")
        words = [*words, option] if value is True else [*words, option, str(value)]
    return shlex.join(words)


PAGE = Page(
    name="export",
    path="/export",
    summary="How many articles a selection has, and the files in which it can be had.",
    template="export.html",
    model=ExportChoice,
    load=load,
    parameters=PARAMETERS,
    section="/export",
)
FILES = tuple(
    RawPage(
        name=f"export-{name}",
        path=f"/export/{name}",
        summary=f"All that a selection has, as {each.title}. One export runs at a time.",
        media_types=(each.media_type.partition(";")[0],),
        answer=partial(answer, name),
        parameters=PARAMETERS,
        has_tag=False,
    )
    for name, each in _FORMATS.items()
)
