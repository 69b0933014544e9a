"""Classifies the change between two versions: kinds, nature, size, and whether it matters."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from rapidfuzz import process
from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

from dedup.changes.diff import count_changed_letters, diff
from dedup.changes.names_and_numbers import count_names, count_numbers
from dedup.changes.noise import boring_reason
from dedup.changes.records import Change, ChangeKind, ChangeNature, ComparedVersion
from dedup.changes.tokens import count_letters, paragraphs, sentences
from dedup.changes.wire_stages import announces_update

RULES_VERSION = "2"
"""The version of these rules. Changes that an older version classified are classified again."""

# Thresholds for a rewording: half of the sentences differ, but length and words stay similar.
# Measured on the 20 re-translated reports in a CC0 file of 1,862 KCNA reports: 62 to 100 % of the
# sentences reworded, length ratio 0.94 to 1.07, word similarity 0.76 to 0.97. Of 1,031 pairs of
# different reports of similar length in that file, 95 % have a word similarity below 0.42.
_MIN_REWORDED_SHARE = 0.5
_LENGTH_RATIO_RANGE = (0.75, 1.34)
_MIN_WORD_SIMILARITY = 0.5
_MIN_SENTENCES = 3
_MIN_SENTENCE_RATIO = 50.0
_MAX_SENTENCES = 400
_MAX_SENTENCE_CHARS = 2000
_REREAD_REASON = "read by other rules: `nkwire reextract` tells whether the page changed"
_CORRECTION_NOTE = re.compile(
    r"\(ATTN:|\b(?:correct(?:s|ed|ion)|clarification|editor'?s note|this (?:story|article) (?:has been|was)"
    r" (?:updated|corrected))\b|바로잡습니다|정정\s?보도|기사\s?수정|訂正|更正|исправлено|уточнение",
    re.IGNORECASE,
)


def classify_change(old: ComparedVersion, new: ComparedVersion) -> Change | None:
    """Returns the change from `old` to `new`; None if no stored field differs."""
    kinds = _kinds(old, new)
    if not kinds:
        return None
    added, removed = _added_and_removed_letters(old, new)
    total_letters = (
        count_letters(old.title)
        + count_letters(old.text)
        + count_letters(new.title)
        + count_letters(new.text)
    )
    nature = _nature(old, new, kinds)
    return Change(
        kinds=kinds,
        nature=nature,
        added=added,
        removed=removed,
        share=round((added + removed) / total_letters, 4) if total_letters else 0.0,
        silent=nature is not ChangeNature.UPDATE and not _announces_change(old, new),
        boring=_REREAD_REASON
        if nature is ChangeNature.REREAD
        else _combined_boring_reason(old, new, kinds),
    )


def is_rewording(old: str, new: str) -> bool:
    """Returns whether most sentences differ although both texts are the same report."""
    before, after = sentences(old), sentences(new)
    if min(len(before), len(after)) < _MIN_SENTENCES:
        return False
    common = (Counter(before) & Counter(after)).total()
    if 1 - common / max(len(before), len(after)) < _MIN_REWORDED_SHARE:
        return False
    return (
        _LENGTH_RATIO_RANGE[0] <= len(new) / len(old) <= _LENGTH_RATIO_RANGE[1]
        and _word_similarity(old, new) >= _MIN_WORD_SIMILARITY
    )


def _word_similarity(old: str, new: str) -> float:
    """Returns the share of words that both have in the same order, 0 to 1; 0 for huge texts."""
    before, after = old.split(), new.split()
    if len(before) * len(after) > 400_000_000:
        return 0.0
    if min(len(before), len(after)) < 0.1 * min(len(old), len(new)):  # no spaces between words
        return float(Indel.normalized_similarity(old[:20_000], new[:20_000]))
    return float(Indel.normalized_similarity(before, after))


def _kinds(old: ComparedVersion, new: ComparedVersion) -> tuple[ChangeKind, ...]:
    changed = {
        ChangeKind.HEADLINE: old.title != new.title,
        ChangeKind.LEAD: _lead_changed(old, new),
        ChangeKind.BODY: _body_paragraphs(old) != _body_paragraphs(new),
        ChangeKind.DATE: _date_changed(old, new),
        ChangeKind.BYLINE: _field_changed("authors", old, new),
        ChangeKind.CAPTION: _field_changed("captions", old, new),
    }
    changed |= _changed_names_and_numbers(old, new)
    return tuple(kind for kind in ChangeKind if changed.get(kind))


def _lead_changed(old: ComparedVersion, new: ComparedVersion) -> bool:
    if old.text != new.text and paragraphs(old.text)[:1] != paragraphs(new.text)[:1]:
        return True
    return bool(old.lead and new.lead) and old.lead != new.lead


def _body_paragraphs(version: ComparedVersion) -> list[str]:
    """Returns the paragraphs after the first one; a single paragraph counts as the body."""
    parts = paragraphs(version.text)
    return parts[1:] if len(parts) > 1 else parts


def _field_changed(name: str, old: ComparedVersion, new: ComparedVersion) -> bool:
    """Returns whether a field was reworded, added or removed.

    A field that is empty in one version counts only if the page of that version lacks it. Otherwise
    our extraction probably missed it.
    """
    before: tuple[str, ...] = getattr(old, name)
    after: tuple[str, ...] = getattr(new, name)
    if before and after:
        return Counter(before) != Counter(after)
    return name in new.absent_fields if before else bool(after) and name in old.absent_fields


def _date_changed(old: ComparedVersion, new: ComparedVersion) -> bool:
    a, b = old.published_at, new.published_at
    if a is None or b is None:
        return False
    if old.is_date_only or new.is_date_only:
        return abs(a - b) >= timedelta(days=1) if _same_clock(a, b) else a.date() != b.date()
    return abs(a - b) >= timedelta(minutes=1)


def _same_clock(a: datetime, b: datetime) -> bool:
    return a.time() == b.time()


def _changed_names_and_numbers(
    old: ComparedVersion, new: ComparedVersion
) -> dict[ChangeKind, bool]:
    before, after = sentences(old.text), sentences(new.text)
    removed = list((Counter(before) - Counter(after)).elements())
    added = list((Counter(after) - Counter(before)).elements())
    if old.title != new.title:
        removed, added = [old.title, *removed], [new.title, *added]
    matched_removed, matched_added = _match_sentences(removed, added)
    language = new.language or old.language
    differing_names = (
        count_names("\n".join(matched_removed), language).keys()
        ^ count_names("\n".join(matched_added), language).keys()
    )
    vanished_names = (
        count_names("\n".join(removed), language).keys()
        - count_names(f"{new.title}\n{new.text}", language).keys()
    )
    return {
        ChangeKind.NAMES: bool(_names_gained_or_lost(differing_names, old, new) or vanished_names),
        ChangeKind.NUMBERS: count_numbers("\n".join(matched_removed))
        != count_numbers("\n".join(matched_added)),
    }


def _names_gained_or_lost(names: set[str], old: ComparedVersion, new: ComparedVersion) -> set[str]:
    """Returns the names that occur in only one of the two versions."""
    before, after = f"{old.title}\n{old.text}", f"{new.title}\n{new.text}"
    return {name for name in names if (name in before) != (name in after)}


def _match_sentences(removed: Sequence[str], added: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the removed and the added sentences that are rewordings of each other."""
    removed = [each[:_MAX_SENTENCE_CHARS] for each in removed[:_MAX_SENTENCES]]
    added = [each[:_MAX_SENTENCE_CHARS] for each in added[:_MAX_SENTENCES]]
    if not removed or not added:
        return [], []
    scores = process.cdist(removed, added, scorer=ratio, score_cutoff=_MIN_SENTENCE_RATIO)
    removed_has_match = scores.max(axis=1) > 0
    added_has_match = scores.max(axis=0) > 0
    return (
        [each for each, has_match in zip(removed, removed_has_match, strict=True) if has_match],
        [each for each, has_match in zip(added, added_has_match, strict=True) if has_match],
    )


def _nature(
    old: ComparedVersion, new: ComparedVersion, kinds: Sequence[ChangeKind]
) -> ChangeNature:
    if old.rules != new.rules:
        return ChangeNature.REREAD
    if announces_update(old.title, new.title):
        return ChangeNature.UPDATE
    if {ChangeKind.LEAD, ChangeKind.BODY} & set(kinds) and is_rewording(old.text, new.text):
        return ChangeNature.RETRANSLATION if new.translated else ChangeNature.REWRITE
    return ChangeNature.EDIT


def _announces_change(old: ComparedVersion, new: ComparedVersion) -> bool:
    """Returns whether the page says that it was changed: a newer stamp or a correction note."""
    if new.modified_at and (old.modified_at is None or new.modified_at > old.modified_at):
        return True
    return len(_CORRECTION_NOTE.findall(new.text)) > len(_CORRECTION_NOTE.findall(old.text))


def _combined_boring_reason(
    old: ComparedVersion, new: ComparedVersion, kinds: Sequence[ChangeKind]
) -> str:
    """Returns the longest of the reasons; "" if any changed field has none."""
    if {ChangeKind.DATE, ChangeKind.BYLINE} & set(kinds):
        return ""
    pairs = (
        (old.title, new.title),
        (old.text, new.text),
        (old.lead, new.lead) if old.lead and new.lead else ("", ""),
        ("\n".join(sorted(old.captions)), "\n".join(sorted(new.captions))),
    )
    if ChangeKind.CAPTION in kinds and not (old.captions and new.captions):
        return ""
    reasons = [boring_reason(a, b) for a, b in pairs if a != b]
    return max(reasons, key=len) if reasons and all(reasons) else ""


def _added_and_removed_letters(old: ComparedVersion, new: ComparedVersion) -> tuple[int, int]:
    title, text = diff(old.title, new.title), diff(old.text, new.text)
    return count_changed_letters([*title, *text])
