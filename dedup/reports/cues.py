"""Extracts the cues that show which report an article carries: citations, dates, names, words."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.records import Attribution, Document
from dedup.reports.agencies import AGENCY_NAMES, STATE_MEDIA
from dedup.reports.attribution import find_attributions
from dedup.reports.concepts import find_concepts
from dedup.text.normalise import NormalisedText, Script, normalise
from dedup.text.shingles import unit_hashes

CUES_VERSION = "1"
"""Changes when `extract_cues` answers differently."""

_LEAD_UNITS = {Script.WORDS: 115, Script.SYLLABLES: 260}
"""The lead is the headline and this many units of the text (words or syllables)."""

_STOP_WORDS = (
    # English, Spanish, French, Russian: words that every lead has
    "a about after also an and are as at be been but by for from had has have he her his in into is"
    " it its more no not of on or over s said says she than that the their they this to under up was"
    " were which who will with would"
    " al con de del el en es la las lo los más no para por que se su sus un una y"
    " au aux ce dans des du est et il le les leur par pas pour qu qui sa son sur une"
    " без в во для до и из к как на не о об от по при с со у что это"
)

_KEY = 0x9E3779B97F4A7C15
"""Key of the word hash. With key 0, the hash of a word would be the sum of its letters."""

_MIN_EARLY_CHARS = 350
_EARLY_SHARE = 0.4
"""A source that is named after this share of the text is the source of something else."""

_QUOTE = re.compile(
    r"“([^”\n]{4,400})”|\"([^\"\n]{4,400})\"|‘([^’\n]{8,400})’|「([^」\n]{4,400})」|『([^』\n]{4,400})』"
    r"|«([^»\n]{4,400})»"
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_MIN_NUMBER = 13
"""Numbers below this are days, months and counts that every report has."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What is compared of two articles to decide whether they carry one report.

    `terms`: sorted uint64 hashes of the words of headline and lead, or of pairs of syllables within
    words.
    """

    id: int
    uid: str
    outlet: str
    language: str
    rank: int
    published_at: datetime | None
    script: Script
    terms: NDArray[np.uint64]
    concepts: frozenset[str]
    numbers: frozenset[str]
    quotes: frozenset[str]
    early_attributions: tuple[Attribution, ...]
    carries: bool = True


def carries_report(document: Document) -> bool:
    """Returns whether an article is by North Korea's media or cites them early in the text."""
    return document.rank == 0 or bool(find_early_attributions(document))


def extract_cues(document: Document) -> Cues:
    """Returns the cues of one article."""
    body = normalise(document.text, document.title, captions=True)
    headline = normalise(document.title)
    lead, end = _extract_lead(document.text, body)
    title_and_text = document.title + "\n" + document.text
    return Cues(
        id=document.id,
        uid=document.uid,
        outlet=document.outlet,
        language=document.language,
        rank=document.rank,
        published_at=document.published_at,
        script=body.script,
        terms=np.union1d(_terms(headline, body.script), _terms(lead, body.script)),
        concepts=find_concepts(document.title + "\n" + document.text[:end]),
        numbers=frozenset(_numbers(title_and_text)),
        quotes=frozenset(_quotes(title_and_text)),
        early_attributions=find_early_attributions(document),
    )


def find_early_attributions(document: Document) -> tuple[Attribution, ...]:
    """Returns attributions to North Korean media in the headline or the beginning of the text."""
    reach = int(max(_MIN_EARLY_CHARS, _EARLY_SHARE * len(document.text)))
    title_and_start = (document.title, document.text[: reach + _MIN_EARLY_CHARS])
    if not any(_state_media_pattern().search(each) for each in title_and_start):
        return ()
    return tuple(
        each
        for each in find_attributions(*title_and_start, document.language)
        if each.agency in STATE_MEDIA and (each.field == "title" or each.start < reach)
    )


@cache
def _state_media_pattern() -> re.Pattern[str]:
    names = (name for agency in sorted(STATE_MEDIA) for name in AGENCY_NAMES[agency])
    return re.compile("|".join(map(re.escape, names)))


def _extract_lead(text: str, body: NormalisedText) -> tuple[NormalisedText, int]:
    """Returns the beginning of a text, and its end as a character offset in the original text."""
    units = _LEAD_UNITS[body.script]
    if body.unit_count <= units:
        return body, len(text)
    end = int(body.spans[units, 0])
    letter_count = int(np.searchsorted(body.offsets, end))
    starts = body.word_starts[body.word_starts < letter_count]
    return NormalisedText(
        body.script, body.letters[:letter_count], body.offsets[:letter_count], starts
    ), end


def _terms(normal: NormalisedText, script: Script) -> NDArray[np.uint64]:
    if script is Script.WORDS:
        words = NormalisedText(script, normal.letters, normal.offsets, normal.word_starts)
        return np.setdiff1d(unit_hashes(words, _KEY), _stop_word_hashes())
    letters = normal.letters.astype(np.uint64)
    continues_word = np.ones(len(letters), np.bool_)
    continues_word[normal.word_starts] = False
    second_positions = np.flatnonzero(continues_word)
    return (letters[second_positions - 1] << np.uint64(32)) | letters[second_positions]


@cache
def _stop_word_hashes() -> NDArray[np.uint64]:
    return np.unique(unit_hashes(normalise(_STOP_WORDS), _KEY))


def _numbers(text: str) -> set[str]:
    numbers = (found.group().replace(",", "") for found in _NUMBER.finditer(text))
    return {number for number in numbers if not (number.isdecimal() and int(number) < _MIN_NUMBER)}


def _quotes(text: str) -> set[str]:
    quoted = (next(filter(None, groups)) for groups in _QUOTE.findall(text))
    return {re.sub(r"\W+", "", words).casefold() for words in quoted} - {""}


def encode_cues(cues: Cues) -> bytes:
    """Returns the cues as bytes: a line of JSON, then the terms."""
    head = {
        **{name: getattr(cues, name) for name in ("id", "uid", "outlet", "language", "rank")},
        **{name: sorted(getattr(cues, name)) for name in ("concepts", "numbers", "quotes")},
        "published_at": cues.published_at and cues.published_at.isoformat(),
        "script": cues.script.name,
        "early_attributions": [asdict(each) for each in cues.early_attributions],
        "carries": cues.carries,
    }
    return json.dumps(head).encode() + b"\n" + cues.terms.astype("<u8").tobytes()


def decode_cues(data: bytes) -> Cues:
    """Returns the cues that `encode_cues` encoded."""
    line, _, terms = data.partition(b"\n")
    head = json.loads(line)
    at, sets = head.pop("published_at"), ("concepts", "numbers", "quotes")
    attributions = tuple(Attribution(**each) for each in head.pop("early_attributions"))
    values: dict[str, Any] = {
        name: frozenset(value) if name in sets else value for name, value in head.items()
    }
    return Cues(
        **values | {"script": Script[head["script"]]},
        published_at=at and datetime.fromisoformat(at),
        terms=np.frombuffer(terms, "<u8").astype(np.uint64),
        early_attributions=attributions,
    )
