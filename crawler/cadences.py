"""How often each outlet is read: as it declares, or as the settings say."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crawler.chosen import select_outlets
from crawler.outlet import ALL_OUTLETS, GROUPS, Outlet
from storage.runs.cadence_text import parse_cadence
from storage.runs.slots import Cadence

if TYPE_CHECKING:
    from crawler.config.config import Config

Pairs = Sequence[tuple[str, str]]


def declared_cadences(outlets: Mapping[str, type[Outlet]]) -> list[Cadence]:
    """Returns the cadence of each outlet as it is declared."""
    return [
        Cadence(
            outlet=name,
            every=outlet.every,
            browser=outlet.browser,
            between=outlet.poll_interval_range(),
        )
        for name, outlet in outlets.items()
    ]


def configured_cadences(outlets: Mapping[str, type[Outlet]], config: "Config") -> list[Cadence]:
    """Returns the cadence of each outlet: as the settings say, else as it is declared.

    An interval of the settings does not adapt. What `nkwire schedule` has stored goes on top, in
    the scheduler. Raises UnknownOutletError for a name in the settings that is none.
    """
    texts = cadence_texts(config) if config.cadence else {}
    return [
        cadence.with_override(parse_cadence(texts[cadence.outlet]))
        if cadence.outlet in texts
        else cadence
        for cadence in declared_cadences(outlets)
    ]


def cadence_texts(config: "Config") -> dict[str, str]:
    """Returns what the setting `cadence` says, by the name of each outlet that it concerns.

    A name goes before a group, and a group before `all`; of two groups, the later one counts.
    Raises UnknownOutletError.
    """
    origin = config.origins()["cadence"]
    texts: dict[str, str] = {}
    for word, text in sorted(config.cadence, key=lambda pair: _precedence(pair[0])):
        names = select_outlets([word], where=f"{origin}: cadence: ")
        texts |= dict.fromkeys(names, text)
    return texts


def _precedence(word: str) -> int:
    lower = word.lower()
    if lower == ALL_OUTLETS:
        return 0
    return 1 if lower in GROUPS or ":" in lower else 2
