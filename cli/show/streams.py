"""Guards standard output and standard error: no text can steer the terminal or show a secret.

Every cell and line is made safe where it is written (`cli.show.printing`). This is the second ring:
whatever a forgotten `print`, a library or a traceback writes passes through it.
"""

import sys
from collections.abc import Callable, Iterable
from io import RawIOBase, TextIOWrapper
from typing import IO, Any, NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from storage.clean import printable
from storage.guard.secrets import conceal


class GuardedStream:
    """A text stream that makes all text safe before it passes it on.

    `rich_proxied_file`: the stream itself. rich draws there, and sees to its own control codes.
    """

    def __init__(self, stream: TextIOWrapper, clean: Callable[[str], str]) -> None:
        self.rich_proxied_file = stream
        self._clean = clean

    def write(self, text: str) -> int:
        """Writes a text. Returns its length, as it was given."""
        self.rich_proxied_file.write(self._clean(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Writes texts one after another."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


class SafeConsole(Console):
    """A console whose texts cannot control the terminal."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yields the pieces of what is printed, each made safe unless it is rich's own code."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)

    def on_broken_pipe(self) -> NoReturn:
        """Raises the BrokenPipeError again. rich would end the process with 1 (`cli.app.run`)."""
        raise  # noqa: PLE0704 - rich calls it in its `except`


class PrintableBytes(RawIOBase):
    """A binary stream for a terminal: it shows data as text that cannot control it.

    An export to a file or into a pipe keeps its bytes; here a person looks.
    """

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self._stream = stream

    def writable(self) -> bool:
        """Returns True."""
        return True

    def write(self, data: Any) -> int:
        """Writes lines of data. Returns the number of bytes."""
        self._stream.write(printable(bytes(data).decode("utf-8", "backslashreplace")))
        return len(bytes(data))

    def flush(self) -> None:
        """Writes out what is buffered."""
        self._stream.flush()


def guard_streams() -> None:
    """Guards the standard streams of this process. Doing it twice is doing it once.

    Output is UTF-8 in every locale. Secrets are masked on standard error only, since standard
    output is for data, which nothing may change.
    """
    for name, clean in (("stdout", printable), ("stderr", _clean_error)):
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
            setattr(sys, name, GuardedStream(stream, clean))


def unguarded(stream: object) -> Any:
    """Returns the stream behind a guard, or the stream itself."""
    return stream.rich_proxied_file if isinstance(stream, GuardedStream) else stream


def _clean_error(text: str) -> str:
    return printable(conceal(text))
