"""Tells how much of a stored text a visitor may be shown. Pure.

On loopback everything is shown. Beyond it, and with `--public`, the rule is that of exports: the
rights that were stored with the text, and those that the outlet declares today; the stricter count.
Pages and their JSON twins go through these functions.
"""

from dataclasses import dataclass

from storage.rights import TextLevel, allowed_level, limit_to_rights, stricter_level
from web.page import Query

_REASONS: dict[TextLevel, str] = {
    "full": "",
    "lead": "The outlet allows only the opening of its texts to be passed on.",
    "none": "The outlet does not allow its texts to be passed on: only the headline is shown.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleText:
    """What a visitor may read of a text.

    `is_whole`: whether it is the whole text. `reason`: why it is not, one sentence; "" if it is.
    """

    text: str
    is_whole: bool
    reason: str


def visible_text(query: Query, outlet: str, rights: str, text: str, lead: str = "") -> VisibleText:
    """Returns what the visitor may read of a whole text.

    `rights`: as they are stored with the version. `lead`: the opening that the outlet wrote; where
    it is "" the first paragraph stands for it. A passage from the middle of a text, such as the
    snippet of a hit, is no opening: ask `may_show_text` before it is shown.
    """
    level = visible_level(query, outlet, rights)
    if level == "full":
        return VisibleText(text=text, is_whole=True, reason="")
    _, opening = limit_to_rights(text, lead, rights, level)
    return VisibleText(text=opening, is_whole=False, reason=_REASONS[level])


def may_show_text(query: Query, outlet: str, rights: str) -> bool:
    """Returns whether any passage of a text may be shown: snippets, differences, sentences.

    Where it is False, only the headline and lengths are.
    """
    return visible_level(query, outlet, rights) == "full"


def visible_level(query: Query, outlet: str, rights: str) -> TextLevel:
    """Returns how much of a text may be shown, by its stored and its declared rights."""
    if query.shows_texts:
        return "full"
    return stricter_level(allowed_level(rights), allowed_level(query.outlet(outlet).rights))


def explain_rights(query: Query, outlet: str, rights: str) -> str:
    """Returns why a text is not shown in full, one sentence; "" if it is."""
    return _REASONS[visible_level(query, outlet, rights)]
