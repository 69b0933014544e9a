"""Reads the stage marks in headlines of wire reports. An announced later stage is no silent edit.

Marks are as printed by Yonhap ("(LEAD)", "(2nd LD)", "[속보]", "(종합2보)"), Xinhua ("1st Ld-Writethru",
"Urgent:"), Kyodo ("UPDATE1:") and Reuters ("UPDATE 2-", "WRAPUP 3-", "CORRECTED-").
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_FLASH, _FIRST, _ROUND_UP = 0, 1, 100


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage of a wire report that a headline announces.

    `rank`: flash 0, first report 1, later reports more, round-up from 100. `mark`: as printed, ""
    if the headline has none. `title`: the headline without the mark. `correction`: the mark says
    that a mistake was corrected.
    """

    rank: int
    mark: str
    title: str
    correction: bool = False


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1


_MARKS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], int]], ...] = (
    (re.compile(r"[(\[](?:(\d{1,2})(?:st|nd|rd|th) )?(?:LD|LEAD)[)\]]", re.IGNORECASE), lambda m: 1 + _number(m[1])),
    (re.compile(r"\(?\b(\d{1,2})(?:st|nd|rd|th) ld(?:-writethru)?\)?[ :]*", re.IGNORECASE), lambda m: 1 + _number(m[1])),
    (re.compile(r"^(?:UPDATE|WRAPUP|REFILE) ?(\d{1,2})?\s?[-:]\s?"), lambda m: 1 + _number(m[1])),
    (re.compile(r"^(?:URGENT|FLASH|BREAKING|Urgent|Breaking|Flash)\s?[-:]\s?|[(\[](?:URGENT|BREAKING)[)\]]"), lambda m: _FLASH),
    (re.compile(r"[(\[]\s?종합(\d{1,2})?보?\s?[)\]]"), lambda m: _ROUND_UP + _number(m[1])),
    (re.compile(r"[(\[]\s?(\d{1,2})보\s?[)\]]"), lambda m: _number(m[1])),
    (re.compile(r"[(\[]\s?(?:속보|긴급)\s?[)\]]"), lambda m: _FLASH),
)  # fmt: skip
_CORRECTION = re.compile(
    r"^(?:CORRECTED|CORRECTION|RECAST)\s?\d?\s?[-:(]|[(\[](?:CORRECTED|CORRECTION|수정|정정|고침)[)\]]"
)


def parse_stage(title: str) -> Stage:
    """Returns the stage that a headline announces; without a mark it is a first report."""
    correction = _CORRECTION.search(title)
    for pattern, rank_of in _MARKS:
        if found := pattern.search(title):
            title_without_mark = " ".join(
                (title[: found.start()] + " " + title[found.end() :]).split()
            )
            return Stage(
                rank_of(found), found[0].strip(" :-"), title_without_mark, correction is not None
            )
    if correction is not None:
        title_without_mark = (title[: correction.start()] + title[correction.end() :]).strip()
        return Stage(_FIRST, correction[0].strip(" :-("), title_without_mark, correction=True)
    return Stage(_FIRST, "", title.strip())


def announces_update(old: str, new: str) -> bool:
    """Returns whether the newer headline says that it is a later stage or a correction."""
    before, after = parse_stage(old), parse_stage(new)
    if after.correction and not before.correction:
        return True
    return bool(before.mark or after.mark) and after.rank > before.rank


def is_chain(stages: Iterable[Stage]) -> bool:
    """Returns whether several headlines of one outlet may be stages of one report.

    At least one of them must have a mark.
    """
    stage_list = list(stages)
    return len(stage_list) > 1 and any(each.mark for each in stage_list)


def has_same_headline(one: Stage, other: Stage) -> bool:
    """Returns whether two headlines of one outlet differ only in their marks."""
    return bool(one.mark or other.mark) and one.title.casefold() == other.title.casefold() != ""
