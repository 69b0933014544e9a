"""What a manual consists of, whatever it is written in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from cli.setup.reference import CommandPage


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment. `description` and `default` are Markdown."""

    variable: str
    description: str
    default: str


@dataclass(frozen=True, slots=True)
class Manual:
    """All that a manual says. `pages`: nkwire itself first. `files`, `exit_status`: with meaning."""

    version: str
    pages: tuple[CommandPage, ...]
    settings: tuple[Setting, ...]
    files: Mapping[str, str]
    exit_status: Mapping[str, str]

    @property
    def root(self) -> CommandPage:
        """The page of nkwire itself."""
        return self.pages[0]

    def panels(self) -> Iterator[tuple[str, list[CommandPage]]]:
        """Yields the heading of each group of commands with its commands, in the help's order."""
        names = dict.fromkeys(page.panel for page in self.pages[1:])
        ordered = sorted(self.pages[1:], key=lambda page: list(names).index(page.panel))
        for name, pages in groupby(ordered, lambda page: page.panel):
            yield name, list(pages)
