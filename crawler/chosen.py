"""Chooses outlets: by name, by group, by language or by country."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from crawler.errors import CrawlerError
from crawler.outlet import ALL_OUTLETS, GROUPS, Outlet
from crawler.registry import outlets
from storage.wording.similar_names import fold_name, hint_at_similar

if TYPE_CHECKING:
    from crawler.config.config import Config

LANGUAGE, COUNTRY = "language:", "country:"


class UnknownOutletError(CrawlerError, LookupError):
    """No outlet or group has this name. The message suggests similar names."""


def select_outlets(
    words: Iterable[str], declared: Mapping[str, type[Outlet]] | None = None, *, where: str = ""
) -> list[str]:
    """Returns the names of the outlets that the words choose, each once, in the order of the words.

    A word is the name of an outlet, a group (GROUPS, `all`), `language:ko` or `country:JP`. In names
    of outlets, case, blanks and hyphens do not count.
    `where`: what the message begins with. Raises UnknownOutletError for a word that is none.
    """
    known = outlets() if declared is None else declared
    return list(dict.fromkeys(name for word in words for name in _choose(word, known, where)))


def chosen_outlets(config: "Config", only: Sequence[str] = ()) -> Mapping[str, type[Outlet]]:
    """Returns the outlets that the service reads, by name: `only`, else those that the settings
    choose, else all.

    Raises UnknownOutletError, also if nothing is left.
    """
    declared = outlets()
    if only:
        names = select_outlets(only, declared, where="--only: ")
        return {name: declared[name] for name in names}
    origins = config.origins()
    chosen = select_outlets(
        config.outlets or (ALL_OUTLETS,), declared, where=f"{origins['outlets']}: outlets: "
    )
    where = f"{origins['outlets_except']}: outlets_except: "
    left_out = set(select_outlets(config.outlets_except, declared, where=where))
    names = [name for name in chosen if name not in left_out]
    if not names:
        raise UnknownOutletError(f"{where}leaves no outlet to read")
    return {name: declared[name] for name in sorted(names)}


def groups_of(outlet: type[Outlet]) -> list[str]:
    """Returns the names of the groups that an outlet belongs to."""
    return [name for name, contains in GROUPS.items() if contains(outlet)]


def _choose(word: str, known: Mapping[str, type[Outlet]], where: str) -> list[str]:
    if word in known:
        return [word]
    lower = word.lower()
    alike = [name for name in known if fold_name(name) == fold_name(word)]
    if len(alike) == 1:
        return alike
    if lower == ALL_OUTLETS:
        return list(known)
    if test := GROUPS.get(lower) or _by_declaration(lower):
        if found := [name for name, outlet in known.items() if test(outlet)]:
            return found
        raise UnknownOutletError(f"{where}no outlet has {lower!r}: see `nkwire outlets`")
    hint = hint_at_similar(word, [*known, *GROUPS, ALL_OUTLETS], "see `nkwire outlets`")
    raise UnknownOutletError(f"{where}no outlet {word!r}: {hint}")


def _by_declaration(word: str) -> Callable[[type[Outlet]], bool] | None:
    if word.startswith(LANGUAGE):
        return lambda outlet: word.removeprefix(LANGUAGE) in outlet.languages
    if word.startswith(COUNTRY):
        return lambda outlet: word.removeprefix(COUNTRY).upper() == outlet.country
    return None
