"""Finds the names that somebody may have meant who wrote another one. Pure functions."""

from collections.abc import Iterable
from difflib import SequenceMatcher

_MIN_SIMILARITY, _MAX_BEHIND_BEST, MAX_SUGGESTIONS = 0.6, 0.1, 3
_BEGINNING_SIMILARITY, _MIN_BEGINNING = 0.85, 3


def fold_name(name: str) -> str:
    """Returns a name without differences of case, blanks and hyphens."""
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())


def suggest(name: str, known: Iterable[str]) -> list[str]:
    """Returns the known names that are most similar to one, best first; [] if none is similar.

    Case, blanks and hyphens do not count.
    """
    wanted = fold_name(name)
    matcher = SequenceMatcher(b=wanted)
    ratios: dict[str, float] = {}
    for each in known:
        folded = fold_name(each)
        matcher.set_seq1(folded)
        ratios[each] = matcher.ratio() if matcher.quick_ratio() >= _MIN_SIMILARITY else 0.0
        shorter, longer = sorted((wanted, folded), key=len)
        if len(shorter) >= _MIN_BEGINNING and longer.startswith(shorter):
            ratios[each] = max(ratios[each], _BEGINNING_SIMILARITY)
    best = max(ratios.values(), default=0.0)
    lowest = max(_MIN_SIMILARITY, best - _MAX_BEHIND_BEST)
    similar = [each for each, ratio in ratios.items() if ratio >= lowest]
    return sorted(similar, key=lambda each: (-ratios[each], each))[:MAX_SUGGESTIONS]


def did_you_mean(names: Iterable[str]) -> str:
    """Returns the question after a message: `did you mean kcna or kcna_kr?`."""
    return f"did you mean {' or '.join(names)}?"


def hint_at_similar(name: str, known: Iterable[str], otherwise: str) -> str:
    """Returns the question for the known names that are similar to one; `otherwise` without any."""
    similar = suggest(name, known)
    return did_you_mean(similar) if similar else otherwise
