"""Writes the manual for man(1), in the macros of man(7)."""

from collections.abc import Iterator

from cli.setup.manual_parts import Manual
from cli.setup.reference import CommandPage, Parameter

_ESCAPES = str.maketrans(
    {
        "\\": r"\e",
        "-": r"\-",
        "'": r"\(aq",
        "`": r"\(ga",
        "^": r"\(ha",
        "~": r"\(ti",
        '"': r"\(dq",
        "\n": " ",
    }
)


def write(manual: Manual) -> str:
    """Returns the page. It has no date, so the same version gives the same bytes."""
    return "\n".join(_lines(manual)) + "\n"


def escape(text: str) -> str:
    """Returns the text so that roff prints it as it is, also at the start of a line."""
    escaped = text.translate(_ESCAPES)
    return rf"\&{escaped}" if escaped.startswith(".") else escaped


def escape_markdown(text: str) -> str:
    """Returns a line of Markdown as roff: `code` is bold, and a link is its words."""
    parts = _drop_links(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    pieces = (
        rf"\fB{part.translate(_ESCAPES)}\fR" if number % 2 else part.translate(_ESCAPES)
        for number, part in enumerate(parts)
    )
    joined = "".join(pieces)
    return rf"\&{joined}" if joined.startswith(".") else joined


def _drop_links(text: str) -> str:
    kept, rest = "", text
    while "](" in rest:
        words, _, rest = rest.partition("](")
        before, _, inside = words.rpartition("[")
        kept += before + inside
        rest = rest.partition(")")[2]
    return kept + rest


def _lines(manual: Manual) -> Iterator[str]:
    yield f'.TH NKWIRE 1 "" "nkwire {escape(manual.version)}" "User Commands"'
    yield ".SH NAME"
    yield rf"nkwire \- {escape(manual.root.summary)}"
    yield ".SH SYNOPSIS"
    yield r"\fBnkwire\fR \fICOMMAND\fR [\fIOPTIONS\fR]"
    yield ".SH DESCRIPTION"
    yield from _paragraphs(manual.root)
    yield ".SH OPTIONS"
    yield from _parameters(manual.root.options)
    for panel, pages in manual.panels():
        yield f'.SH "{escape(panel.upper())}"'
        for page in pages:
            yield from _command(page)
    yield ".SH ENVIRONMENT"
    yield r"Each setting can also stand in \fBnkwire.toml\fR, in lower case and without \fBNKWIRE_\fR."
    for setting in manual.settings:
        yield from _tagged(
            rf"\fB{escape(setting.variable)}\fR",
            f"{escape_markdown(setting.description)} (default: {escape_markdown(setting.default)})",
        )
    yield ".SH FILES"
    for name, meaning in manual.files.items():
        yield from _tagged(rf"\fI{escape(name)}\fR", escape_markdown(meaning))
    yield ".SH EXIT STATUS"
    for code, meaning in manual.exit_status.items():
        yield from _tagged(rf"\fB{escape(code)}\fR", escape_markdown(meaning))


def _command(page: CommandPage) -> Iterator[str]:
    yield f'.SS "{escape(page.name)}"'
    yield rf"\fB{escape(page.usage)}\fR"
    yield from _paragraphs(page)
    yield from _parameters(page.arguments)
    yield from _parameters(page.options)
    if page.examples:
        yield ".PP"
        yield "Examples:"
        yield ".PP"
        yield ".nf"
        yield ".RS 4"
        yield from map(escape, page.examples)
        yield ".RE"
        yield ".fi"


def _paragraphs(page: CommandPage) -> Iterator[str]:
    for paragraph in page.paragraphs:
        yield ".PP"
        yield escape_markdown(paragraph)


def _parameters(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    for each in parameters:
        yield from _tagged(rf"\fB{escape(each.usage)}\fR", escape_markdown(each.help))


def _tagged(tag: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield tag
    yield text or r"\&"
