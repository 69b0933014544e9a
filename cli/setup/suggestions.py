"""Says which words can come next on a command line, for the completion of shells.

Opens no database and writes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cli.setup.reference import CommandPage, Parameter

Pages = Mapping[tuple[str, ...], CommandPage]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that can come next, with what it means."""

    word: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a command line has come to: the command, and an option that waits for its value."""

    page: CommandPage
    waiting: Parameter | None
    arguments: int


def suggest(pages: Pages, words: Sequence[str]) -> list[Suggestion]:
    """Returns what the last word, which may be "", can be completed to.

    `words`: the command line after `nkwire`. Where a file is expected the list is empty, so that
    the shell offers files.
    """
    *before, last = words or [""]
    place = _walk(pages, before)
    option, equals, value = last.partition("=")
    if equals and (found := _find_option(place.page, option)):
        return [Suggestion(f"{option}={each.word}", each.help) for each in _values(found, value)]
    if place.waiting:
        return _values(place.waiting, last)
    if last.startswith("-"):
        return _matching(
            (Suggestion(name, each.help) for each in place.page.options for name in each.opts), last
        )
    if place.page.subcommands and not place.arguments:
        below = (pages[(*place.page.path, name)] for name in place.page.subcommands)
        return _matching((Suggestion(page.path[-1], page.summary) for page in below), last)
    argument = _argument_at(place.page, place.arguments)
    return _values(argument, last) if argument else []


def _walk(pages: Pages, words: Iterable[str]) -> _Place:
    page, waiting, arguments = pages[()], None, 0
    for word in words:
        if waiting:
            waiting = None
        elif word.startswith("-") and len(word) > 1:
            found = _find_option(page, word)
            waiting = found if found and found.takes_value else None
        elif word in page.subcommands and not arguments:
            page = pages[(*page.path, word)]
        else:
            arguments += 1
    return _Place(page, waiting, arguments)


def _find_option(page: CommandPage, name: str) -> Parameter | None:
    return next((each for each in page.options if name in each.opts), None)


def _argument_at(page: CommandPage, number: int) -> Parameter | None:
    for position, each in enumerate(page.arguments):
        if each.is_many or position == number:
            return each
    return None


def _values(parameter: Parameter, start: str) -> list[Suggestion]:
    if parameter.choices:
        return _matching(map(Suggestion, parameter.choices), start)
    if parameter.name in _SELECTORS:
        before, comma, last = start.rpartition(",")
        found = _matching([*_outlet_names(), *_group_names(last)], last)
        return [Suggestion(f"{before}{comma}{each.word}", each.help) for each in found]
    name = "outlet" if "OUTLET" in parameter.usage else parameter.name
    return _matching(_KNOWN_VALUES.get(name, tuple)(), start)


def _matching(suggestions: Iterable[Suggestion], start: str) -> list[Suggestion]:
    return [each for each in suggestions if each.word.startswith(start)]


def _outlet_names() -> list[Suggestion]:
    from crawler.registry import outlets

    return [Suggestion(name, each.__doc__ or "") for name, each in outlets().items()]


def _group_names(start: str) -> list[Suggestion]:
    """Returns the groups; `language:ko` and the like only if something is typed, as they are many."""
    from crawler.chosen import COUNTRY, LANGUAGE
    from crawler.outlet import ALL_OUTLETS, GROUPS
    from crawler.registry import outlets

    groups = [Suggestion(name, "a group of outlets") for name in (ALL_OUTLETS, *GROUPS)]
    if not start:
        return groups
    countries = sorted({outlet.country for outlet in outlets().values() if outlet.country})
    return [
        *groups,
        *(Suggestion(f"{LANGUAGE}{each.word}") for each in _language_codes()),
        *(Suggestion(f"{COUNTRY}{each}") for each in countries),
    ]


def _language_codes() -> list[Suggestion]:
    from crawler.registry import outlets

    codes = {code for outlet in outlets().values() for code in outlet.languages}
    return [Suggestion(code) for code in sorted(codes)]


_SELECTORS = frozenset({"outlets", "only"})
"""Parameters that take names and groups of outlets, some of them a list with commas."""
_KNOWN_VALUES: Mapping[str, Callable[[], Iterable[Suggestion]]] = {
    "outlet": _outlet_names,
    "language": _language_codes,
}
"""By the name of a parameter, the values that it usually has. Words beyond them are allowed too."""
