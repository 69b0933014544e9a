"""How much of a text the rights of its outlet allow to be passed on. Pure.

Exports and web pages follow the same rule.
"""

import re
from typing import Literal, cast

TextLevel = Literal["full", "lead", "none"]

TEXT_LEVELS: tuple[TextLevel, ...] = ("none", "lead", "full")
"""All levels, the strictest first."""
MAX_LEAD_CHARS = 500
_RIGHTS_LEVEL = re.compile(r"(?:none|lead|full)\b")


def allowed_level(rights: str) -> TextLevel:
    """Returns the level that rights allow: they begin with it; anything else counts as "full"."""
    match = _RIGHTS_LEVEL.match(rights)
    return cast("TextLevel", match[0]) if match else "full"


def stricter_level(first: TextLevel, second: TextLevel) -> TextLevel:
    """Returns the level of the two that allows less."""
    return min(first, second, key=TEXT_LEVELS.index)


def rights_under_ban(rights: str, ban: str) -> str:
    """Returns the rights to a page that forbids archiving: "lead" at most, and why.

    `ban`: the page's own rule, such as `X-Robots-Tag: noarchive`.
    """
    return f"{stricter_level('lead', allowed_level(rights))}: {ban}"


def limit_to_rights(
    text: str, lead: str, rights: str, requested_level: TextLevel
) -> tuple[str, str]:
    """Returns text and lead, limited to `requested_level` and to the rights of the outlet.

    `rights`: begins with "none", "lead" or "full"; anything else counts as "full". At level "lead"
    the text is "", and a missing lead is the first paragraph, at most 500 characters.
    """
    level = stricter_level(requested_level, allowed_level(rights))
    if level == "full":
        return text, lead
    if level == "none":
        return "", ""
    return "", lead or text.split("\n", 1)[0][:MAX_LEAD_CHARS]
