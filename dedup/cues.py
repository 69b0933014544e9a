"""What an article says that tells which report it carries: whom it cites, when, of whom and what."""

import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from dedup.agencies import STATE_MEDIA
from dedup.attribution import attributions
from dedup.features import unit_hashes
from dedup.names import concepts
from dedup.normalise import Normal, Script, normalise
from dedup.records import Attribution, Document

_LEAD = {Script.WORDS: 115, Script.SYLLABLES: 260}
"""Units of the text that with the headline make the lead: what comes later is background."""

_LEAD_CHARS = 350
_LEAD_SHARE = 0.4
"""A source named later than this is that of something else."""

_QUOTE = re.compile(
    r"“([^”\n]{4,400})”|\"([^\"\n]{4,400})\"|‘([^’\n]{8,400})’|「([^」\n]{4,400})」|『([^』\n]{4,400})』"
    r"|«([^»\n]{4,400})»"
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_SMALL = 13
"""Numbers below this are days, months and counts that every report has."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What is compared of two articles to see whether they carry one report.

    `terms`: sorted uint64 hashes of the lead's words, or of pairs of syllables within words.
    """

    id: int
    uid: str
    outlet: str
    language: str
    rank: int
    at: datetime | None
    script: Script
    terms: NDArray[np.uint64]
    concepts: frozenset[str]
    numbers: frozenset[str]
    quotes: frozenset[str]
    cited: tuple[Attribution, ...]

    @property
    def reports(self) -> bool:
        """Whether it carries a report of North Korea's media: it is theirs, or says so early."""
        return self.rank == 0 or bool(self.cited)


def cues(document: Document) -> Cues:
    """The cues of one article."""
    body = normalise(document.text, document.title)
    if not body.units:
        body = normalise(document.text, whole=True)  # a photo's caption carries a report too
    head = normalise(document.title, whole=True)
    lead, end = _lead(document.text, body)
    spoken = document.title + "\n" + document.text
    return Cues(
        id=document.id,
        uid=document.uid,
        outlet=document.outlet,
        language=document.language,
        rank=document.rank,
        at=document.published_at or document.first_seen_at,
        script=body.script,
        terms=np.union1d(_terms(head, body.script), _terms(lead, body.script)),
        concepts=concepts(document.title + "\n" + document.text[:end]),
        numbers=frozenset(_numbers(spoken)),
        quotes=frozenset(_quotes(spoken)),
        cited=cited_early(document),
    )


def cited_early(document: Document) -> tuple[Attribution, ...]:
    """The North Korean media that the headline or the beginning names as the source."""
    reach = max(_LEAD_CHARS, _LEAD_SHARE * len(document.text))
    return tuple(
        each
        for each in attributions(document.title, document.text, document.language)
        if each.agency in STATE_MEDIA and (each.field == "title" or each.start < reach)
    )


def _lead(text: str, body: Normal) -> tuple[Normal, int]:
    """The beginning of a text, and where it ends in the text as printed."""
    units = _LEAD[body.script]
    if body.units <= units:
        return body, len(text)
    end = int(body.spans[units, 0])
    letters = int(np.searchsorted(body.places, end))
    starts = body.starts[body.starts < letters]
    return Normal(body.script, body.letters[:letters], body.places[:letters], starts), end


def _terms(normal: Normal, script: Script) -> NDArray[np.uint64]:
    if script is Script.WORDS:
        return unit_hashes(Normal(script, normal.letters, normal.places, normal.starts), key=0)
    letters = normal.letters.astype(np.uint64)
    within = np.ones(len(letters), np.bool_)
    within[normal.starts] = False
    second = np.flatnonzero(within)
    return (letters[second - 1] << np.uint64(32)) | letters[second]


def _numbers(text: str) -> set[str]:
    plain = (found.group().replace(",", "") for found in _NUMBER.finditer(text))
    return {number for number in plain if not (number.isdecimal() and int(number) < _SMALL)}


def _quotes(text: str) -> set[str]:
    quoted = (next(filter(None, groups)) for groups in _QUOTE.findall(text))
    return {re.sub(r"\W+", "", words).casefold() for words in quoted} - {""}
