"""One verdict on two versions of an article: what changed, of which nature, and whether it matters."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from rapidfuzz import process
from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

from dedup.changes.diff import changed_letters, diff
from dedup.changes.facts import names, numbers
from dedup.changes.noise import boring as boring_reason
from dedup.changes.records import Change, Kind, Nature, Wording
from dedup.changes.tokens import letters, paragraphs, sentences
from dedup.changes.wire import announces_update

RULES = "2"
"""The version of these rules; verdicts of older ones are drawn anew."""

# Half of the sentences reworded, and still the same report of about the same length: measured on
# the 20 re-translated reports in a CC0 file of 1,862 by KCNA (62 to 100 %, lengths 0.94 to 1.07, words
# alike 0.76 to 0.97). Of 1,031 pairs of different reports of like length there, 95 % have below 0.42.
_REWORDED = 0.5
_LENGTHS = (0.75, 1.34)
_ALIKE = 0.5
_LEAST_SENTENCES = 3
_SAME_SENTENCE = 50.0
_MOST_SENTENCES = 400
_LONGEST_SENTENCE = 2000
_OTHER_RULES = "read by other rules: `nkwire reextract` tells whether the page changed"
_TELLS = re.compile(
    r"\(ATTN:|\b(?:correct(?:s|ed|ion)|clarification|editor'?s note|this (?:story|article) (?:has been|was)"
    r" (?:updated|corrected))\b|바로잡습니다|정정\s?보도|기사\s?수정|訂正|更正|исправлено|уточнение",
    re.IGNORECASE,
)


def change(old: Wording, new: Wording) -> Change | None:
    """What became of `old` when it was `new`; None if nothing that is kept of them differs."""
    kinds = _kinds(old, new)
    if not kinds:
        return None
    added, removed = _size(old, new)
    whole = letters(old.title) + letters(old.text) + letters(new.title) + letters(new.text)
    nature = _nature(old, new, kinds)
    return Change(
        kinds=kinds,
        nature=nature,
        added=added,
        removed=removed,
        share=round((added + removed) / whole, 4) if whole else 0.0,
        silent=nature is not Nature.UPDATE and not _tells(old, new),
        boring=_OTHER_RULES if nature is Nature.REREAD else _boring(old, new, kinds),
    )


def is_rewording(old: str, new: str) -> bool:
    """Whether a text was worded anew from end to end: most sentences differ, the report is the same."""
    before, after = sentences(old), sentences(new)
    if min(len(before), len(after)) < _LEAST_SENTENCES:
        return False
    kept = (Counter(before) & Counter(after)).total()
    if 1 - kept / max(len(before), len(after)) < _REWORDED:
        return False
    return _LENGTHS[0] <= len(new) / len(old) <= _LENGTHS[1] and _likeness(old, new) >= _ALIKE


def _likeness(old: str, new: str) -> float:
    """Share of the words that both have in the same order, 0 to 1."""
    before, after = old.split(), new.split()
    if len(before) * len(after) > 400_000_000:
        return 0.0
    if min(len(before), len(after)) < 0.1 * min(len(old), len(new)):  # no spaces between words
        return float(Indel.normalized_similarity(old[:20_000], new[:20_000]))
    return float(Indel.normalized_similarity(before, after))


def _kinds(old: Wording, new: Wording) -> tuple[Kind, ...]:
    found = {
        Kind.HEADLINE: old.title != new.title,
        Kind.LEAD: _lead_changed(old, new),
        Kind.BODY: _rest(old) != _rest(new),
        Kind.DATE: _date_changed(old, new),
        Kind.BYLINE: _field_changed("authors", old, new),
        Kind.CAPTION: _field_changed("captions", old, new),
    }
    found |= _facts(old, new)
    return tuple(kind for kind in Kind if found.get(kind))


def _lead_changed(old: Wording, new: Wording) -> bool:
    if old.text != new.text and paragraphs(old.text)[:1] != paragraphs(new.text)[:1]:
        return True
    return bool(old.lead and new.lead) and old.lead != new.lead


def _rest(version: Wording) -> list[str]:
    """The text behind its first paragraph; all of it where there is but one."""
    parts = paragraphs(version.text)
    return parts[1:] if len(parts) > 1 else parts


def _field_changed(name: str, old: Wording, new: Wording) -> bool:
    """Whether a field was worded anew, put in or taken out; one not found is more often our loss."""
    before: tuple[str, ...] = getattr(old, name)
    after: tuple[str, ...] = getattr(new, name)
    if before and after:
        return Counter(before) != Counter(after)
    return name in new.lacks if before else bool(after) and name in old.lacks


def _date_changed(old: Wording, new: Wording) -> bool:
    a, b = old.published_at, new.published_at
    if a is None or b is None:
        return False
    if old.published_by_day or new.published_by_day:
        return abs(a - b) >= timedelta(days=1) if _same_clock(a, b) else a.date() != b.date()
    return abs(a - b) >= timedelta(minutes=1)


def _same_clock(a: datetime, b: datetime) -> bool:
    return a.time() == b.time()


def _facts(old: Wording, new: Wording) -> dict[Kind, bool]:
    before, after = sentences(old.text), sentences(new.text)
    gone = list((Counter(before) - Counter(after)).elements())
    come = list((Counter(after) - Counter(before)).elements())
    if old.title != new.title:
        gone, come = [old.title, *gone], [new.title, *come]
    kept_gone, kept_come = _matched(gone, come)
    language = new.language or old.language
    told = (
        names("\n".join(kept_gone), language).keys() ^ names("\n".join(kept_come), language).keys()
    )
    vanished = (
        names("\n".join(gone), language).keys() - names(f"{new.title}\n{new.text}", language).keys()
    )
    return {
        Kind.NAMES: bool(_new_or_lost(told, old, new) or vanished),
        Kind.NUMBERS: numbers("\n".join(kept_gone)) != numbers("\n".join(kept_come)),
    }


def _new_or_lost(told: set[str], old: Wording, new: Wording) -> set[str]:
    """The names of changed sentences that one of the two versions does not have at all."""
    before, after = f"{old.title}\n{old.text}", f"{new.title}\n{new.text}"
    return {name for name in told if (name in before) != (name in after)}


def _matched(gone: Sequence[str], come: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sentences of both sides that are wordings of one another, not mere additions or losses."""
    gone = [each[:_LONGEST_SENTENCE] for each in gone[:_MOST_SENTENCES]]
    come = [each[:_LONGEST_SENTENCE] for each in come[:_MOST_SENTENCES]]
    if not gone or not come:
        return [], []
    scores = process.cdist(gone, come, scorer=ratio, score_cutoff=_SAME_SENTENCE)
    near_gone = scores.max(axis=1) > 0
    near_come = scores.max(axis=0) > 0
    return (
        [each for each, near in zip(gone, near_gone, strict=True) if near],
        [each for each, near in zip(come, near_come, strict=True) if near],
    )


def _nature(old: Wording, new: Wording, kinds: Sequence[Kind]) -> Nature:
    if old.rules != new.rules:
        return Nature.REREAD
    if announces_update(old.title, new.title):
        return Nature.UPDATE
    if {Kind.LEAD, Kind.BODY} & set(kinds) and is_rewording(old.text, new.text):
        return Nature.RETRANSLATION if new.translated else Nature.REWRITE
    return Nature.EDIT


def _tells(old: Wording, new: Wording) -> bool:
    """Whether the page itself says that it was changed: a newer stamp, a note on a correction."""
    if new.modified_at and (old.modified_at is None or new.modified_at > old.modified_at):
        return True
    return len(_TELLS.findall(new.text)) > len(_TELLS.findall(old.text))


def _boring(old: Wording, new: Wording, kinds: Sequence[Kind]) -> str:
    """The weightiest of the reasons, "" if one field has none."""
    if {Kind.DATE, Kind.BYLINE} & set(kinds):
        return ""
    pairs = (
        (old.title, new.title),
        (old.text, new.text),
        (old.lead, new.lead) if old.lead and new.lead else ("", ""),
        ("\n".join(sorted(old.captions)), "\n".join(sorted(new.captions))),
    )
    if Kind.CAPTION in kinds and not (old.captions and new.captions):
        return ""
    reasons = [boring_reason(a, b) for a, b in pairs if a != b]
    return max(reasons, key=len) if reasons and all(reasons) else ""


def _size(old: Wording, new: Wording) -> tuple[int, int]:
    title, text = diff(old.title, new.title), diff(old.text, new.text)
    return changed_letters([*title, *text])
