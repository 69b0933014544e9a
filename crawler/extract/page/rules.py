"""The rules by which an outlet declares how its article pages are read.

A selector is CSS, with `@name` at its end for an attribute: `"meta[name=author]@content"`. Several
selectors are tried in order; the first one that finds text wins.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

Selectors = str | tuple[str, ...]

EXTRACTION_VERSION = "4"
"""Increase it when a code change, not a change of rules, reads the same page differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules for one layout of an outlet's article page.

    A field without a rule is read from JSON-LD, meta tags and the page itself. Most rules are
    selectors. `until`: the last day on which pages had this layout; None for the present one.
    `when`: a selector that must match, else the layout is not tried. `body`: selects the paragraphs
    or their container. `date_format`: a strptime format, if the text of `date` is not recognised
    without it. `drop`: selects what is removed before anything except `captions` is read.

    `cut`, `end` and `erase` are regular expressions, searched in each line of the text: `cut`
    removes the line, `end` ends the text before it, `erase` deletes the matching part.
    """

    until: date | None = None
    when: str = ""
    title: Selectors = ()
    body: Selectors = ()
    lead: Selectors = ()
    date: Selectors = ()
    date_format: str = ""
    modified: Selectors = ()
    authors: Selectors = ()
    section: Selectors = ()
    tags: Selectors = ()
    captions: Selectors = ()
    drop: Selectors = ()
    cut: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    erase: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Identifies the rules and `EXTRACTION_VERSION` by which a page was read.

        With it, a difference that we caused is not mistaken for a change by the outlet.
        """
        layout = self.until.isoformat() if self.until else "today"
        return f"{layout}~{sha256(repr(self).encode()).hexdigest()[:8]}~{EXTRACTION_VERSION}"


FIELD_SELECTORS = ("title", "lead", "date", "modified", "authors", "section", "tags", "captions",
                   "body")  # fmt: skip
RULE_SELECTORS = ("when", *FIELD_SELECTORS, "drop")
RULE_PATTERNS = ("cut", "end", "erase")
"""The attributes of `Rules` that are selectors (of a field, or any), and regular expressions."""
