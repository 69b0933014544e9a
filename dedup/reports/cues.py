"""Extracts the cues that show which report an article carries: words, names, numbers, quotations."""

import json
import re
import struct
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.attribution.citation import CarrierGrade, grade_carrier
from dedup.lexicon.concepts import LEXICON_VERSION, find_concepts
from dedup.records import Document
from dedup.reports import learned_weights
from dedup.reports.carriers import (
    MIN_CARRIER_LOG_ODDS,
    estimate_carrier_log_odds,
    may_carry_report,
)
from dedup.reports.frequencies import FREQUENCIES_VERSION, load_frequencies
from dedup.reports.terms import LEAD_CHARS, Writing, count_terms, find_writing

_LEARNED = (
    learned_weights.CARRIER_WEIGHTS,
    learned_weights.ONE_LANGUAGE_WEIGHTS,
    learned_weights.CROSS_LANGUAGE_WEIGHTS,
    learned_weights.MIN_PROBABILITY,
)
CUES_VERSION = (
    f"1.{FREQUENCIES_VERSION}.{LEXICON_VERSION}.{zlib.crc32(repr(_LEARNED).encode()):08x}"
)
"""Changes with all that changes cues or how they are compared: the table of frequencies, the
lexicon, the learned weights. Stored cues of another version are extracted anew, and their days are
worked out again.
"""

_HEADLINE_WEIGHT = 2
"""A headline counts as often as this, since it says what the news is."""

_UNTITLED_CHARS = 80
"""Without a headline, the first characters of the text take its place."""

_QUOTED_CHARS = 1500
_QUOTE_GRAM = 4
_MAX_QUOTE_GRAMS = 128
_QUOTE = re.compile(
    r"“([^”\n]{4,200})”|\"([^\"\n]{4,200})\"|‘([^’\n]{4,200})’|「([^」\n]{4,200})」|『([^』\n]{4,200})』"
    r"|«([^»\n]{4,200})»|《([^》\n]{4,200})》|'([^'\n]{6,100})'"
)


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """What is compared of two articles to decide whether they carry one report.

    `terms`: sorted uint32[n], `dedup.reports.terms.hash_term` of the terms of headline and lead.
    `weights`: float16[n], their TF-IDF as a vector of length 1. `headline`: float16[n], the same for
    the headline alone, 0 for other terms. `quotes`: sorted uint32[m], hashes of quoted characters.
    `log_odds`: natural logarithm of the odds that the article carries a report.
    """

    id: int
    uid: str
    outlet: str
    language: str
    rank: int
    published_at: datetime | None
    writing: Writing
    terms: NDArray[np.uint32]
    weights: NDArray[np.float16]
    headline: NDArray[np.float16]
    concepts: frozenset[str]
    quotes: NDArray[np.uint32]
    grade: CarrierGrade
    log_odds: float

    @property
    def carries(self) -> bool:
        """Returns whether the article makes a report by itself."""
        return self.grade is CarrierGrade.OWN or self.log_odds >= MIN_CARRIER_LOG_ODDS


def carries_report(document: Document) -> bool:
    """Returns whether an article is compared with others that may carry the same report."""
    return may_carry_report(grade_carrier(document))


def extract_cues(document: Document, grade: CarrierGrade | None = None) -> Cues:
    """Returns the cues of one article. Linear in the text; never raises.

    `grade`: that of `grade_carrier`, if it is known already.
    """
    if grade is None:
        grade = grade_carrier(document)
    title, text = document.title, document.text
    writing = find_writing(f"{title} {text}")
    lead = text[: LEAD_CHARS[writing]]
    headline_counts = count_terms(title or lead[:_UNTITLED_CHARS])
    counts = count_terms(lead)
    if title:
        for term, count in headline_counts.items():
            counts[term] += _HEADLINE_WEIGHT * count
    terms = np.array(sorted(counts), np.uint32)
    rareness = load_frequencies()[writing].inverse(terms)
    return Cues(
        id=document.id,
        uid=document.uid,
        outlet=document.outlet,
        language=document.language,
        rank=document.rank,
        published_at=document.published_at,
        writing=writing,
        terms=terms,
        weights=_to_unit_vector(counts, terms, rareness),
        headline=_to_unit_vector(headline_counts, terms, rareness),
        concepts=find_concepts(f"{title}\n{lead}"),
        quotes=_hash_quotes(f"{title} {text[:_QUOTED_CHARS]}"),
        grade=grade,
        log_odds=estimate_carrier_log_odds(document, grade),
    )


def _to_unit_vector(
    counts: Counter[int], terms: NDArray[np.uint32], rareness: NDArray[np.float32]
) -> NDArray[np.float16]:
    """Returns the TF-IDF of each term, with logarithmic term frequency; the length is 1 or 0."""
    frequencies = np.array([counts.get(term, 0) for term in terms.tolist()], np.float32)
    weights = np.where(frequencies > 0, (1 + np.log(np.maximum(frequencies, 1))) * rareness, 0)
    length = float(np.sqrt(np.sum(weights * weights)))
    return (weights / length if length else weights).astype(np.float16)


def _hash_quotes(text: str) -> NDArray[np.uint32]:
    hashes = {
        zlib.crc32(quoted[i : i + _QUOTE_GRAM].encode("utf-8", "surrogatepass"))
        for quoted in _iter_quoted_letters(text)
        for i in range(len(quoted) - _QUOTE_GRAM + 1)
    }
    return np.array(sorted(hashes)[:_MAX_QUOTE_GRAMS], np.uint32)


def _iter_quoted_letters(text: str) -> list[str]:
    quoted = (next(filter(None, groups)) for groups in _QUOTE.findall(text))
    return [re.sub(r"\W+", "", words).casefold() for words in quoted]


_ARRAYS = (("terms", "<u4"), ("weights", "<f2"), ("headline", "<f2"), ("quotes", "<u4"))
_PREFIX = struct.Struct("<II")
"""The length of the plain values, and the CRC-32 of all that follows."""


def encode_cues(cues: Cues) -> bytes:
    """Returns cues as bytes for `decode_cues`: plain values as JSON, then the arrays."""
    arrays = [getattr(cues, name).astype(kind).tobytes() for name, kind in _ARRAYS]
    plain = {
        "id": cues.id,
        "uid": cues.uid,
        "outlet": cues.outlet,
        "language": cues.language,
        "rank": cues.rank,
        "published_at": cues.published_at.astimezone(UTC).isoformat()
        if cues.published_at
        else None,
        "writing": cues.writing.value,
        "concepts": sorted(cues.concepts),
        "grade": cues.grade.value,
        "log_odds": cues.log_odds,
        "lengths": [len(array) for array in arrays],
    }
    header = json.dumps(plain, separators=(",", ":")).encode()
    body = b"".join([header, *arrays])
    return _PREFIX.pack(len(header), zlib.crc32(body)) + body


def decode_cues(data: bytes) -> Cues:
    """Returns the cues that `encode_cues` turned into bytes.

    Raises ValueError if the bytes are of something else, or damaged.
    """
    try:
        length, checksum = _PREFIX.unpack_from(data)
        if zlib.crc32(data[_PREFIX.size :]) != checksum:
            raise ValueError("their checksum is another one")
        plain: dict[str, Any] = json.loads(data[_PREFIX.size : _PREFIX.size + length])
        start = _PREFIX.size + length
        for (name, kind), size in zip(_ARRAYS, plain.pop("lengths"), strict=True):
            plain[name] = np.frombuffer(data[start : start + size], kind)
            start += size
        if start != len(data):
            raise ValueError(f"{len(data)} bytes instead of {start}")
        at = plain["published_at"]
        plain["published_at"] = datetime.fromisoformat(at) if at else None
        plain["writing"] = Writing(plain["writing"])
        plain["grade"] = CarrierGrade(plain["grade"])
        plain["concepts"] = frozenset(plain["concepts"])
        return Cues(**plain)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError, struct.error) as error:
        raise ValueError(f"these bytes are no cues: {error}") from error
