"""How an outlet's pages are read, as declarations.

A selector is CSS, with `@name` at its end for an attribute: `"meta[name=author]@content"`. Several
selectors are tried in order; the first that yields text wins.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

Selectors = str | tuple[str, ...]

EXTRACTION_VERSION = "3"
"""Raise it when the same page is read otherwise than before by other means than an outlet's rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One layout of an outlet's article page. Empty fields fall to JSON-LD, meta tags and fallbacks.

    `until`: the last day on which pages had this layout; None is today's. `when`: a selector that
    must match for the layout to be tried. `body`: selects the paragraphs (or one container).
    `drop`: removed from the page before anything is read. `cut`: regular expressions; a paragraph
    that matches is left out, `end`: the first paragraph that matches ends the text, `erase`: what
    matches is taken out of a line.
    `date_format`: strptime format where the text of `date` is not recognised by itself.
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
        """By what a page was read, so that a change of ours is not taken for one of the outlet's."""
        layout = self.until.isoformat() if self.until else "today"
        return f"{layout}~{sha256(repr(self).encode()).hexdigest()[:8]}~{EXTRACTION_VERSION}"
