"""Writes the manual as one page of Markdown, for a site of documents."""

from collections.abc import Iterator, Sequence

from cli.setup.manual_parts import Manual
from cli.setup.reference import CommandPage, Parameter


def write(manual: Manual) -> str:
    """Returns the page: a heading for each group of commands, and one for each command."""
    return "\n".join(_lines(manual)).rstrip("\n") + "\n"


def escape(text: str) -> str:
    """Returns the text so that Markdown shows it as it is. What stands in backticks is kept."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _escape_plain(text).replace("`", r"\`")
    return "`".join(
        part if number % 2 else _escape_plain(part) for number, part in enumerate(parts)
    )


def _escape_plain(text: str) -> str:
    for character in r"\*_[]<>#":
        text = text.replace(character, f"\\{character}")
    return text


def _lines(manual: Manual) -> Iterator[str]:
    yield "# All commands"
    yield ""
    yield f"This page is made by `nkwire manual --format markdown` of nkwire {manual.version}."
    yield ""
    yield from _paragraphs(manual.root)
    for panel, pages in manual.panels():
        yield f"## {panel}"
        yield ""
        for page in pages:
            yield from _command(page)
    yield "## Settings"
    yield ""
    rows = [
        (f"`{each.variable}`", each.default, each.description.replace("](#", "](settings.md#"))
        for each in manual.settings
    ]
    yield from _table(("variable", "default", "means"), rows)
    yield "## Files"
    yield ""
    yield from _table(
        ("file", "holds"), [(f"`{name}`", text) for name, text in manual.files.items()]
    )
    yield "## Exit codes"
    yield ""
    yield from _table(("code", "means"), list(manual.exit_status.items()))


def _command(page: CommandPage) -> Iterator[str]:
    yield f"### {page.name}"
    yield ""
    yield "```text"
    yield page.usage
    yield "```"
    yield ""
    yield from _paragraphs(page)
    parameters = [*page.arguments, *page.options]
    if parameters:
        yield from _table(("argument or option", "means"), list(map(_row, parameters)))
    if page.examples:
        yield "```console"
        yield from page.examples
        yield "```"
        yield ""


def _row(parameter: Parameter) -> tuple[str, str]:
    return f"`{parameter.usage}`", escape(parameter.help)


def _paragraphs(page: CommandPage) -> Iterator[str]:
    for paragraph in page.paragraphs:
        yield escape(paragraph)
        yield ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        cells = [cell.replace("|", r"\|") for cell in row]
        yield f"| {' | '.join(cells)} |"
    yield ""
