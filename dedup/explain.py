"""Why two articles are together, or are not: every step that decided it, for a person to read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dedup.copies.compare import comparable, compare, measure, prepare
from dedup.copies.verdict import doubts
from dedup.records import Decision, Document, Features, Relation, Verb
from dedup.reports.cues import Cues, carries_report, cues
from dedup.reports.reports import likeness, why
from dedup.signature.features import features
from dedup.signature.scheme import Scheme
from dedup.text.shingles import MIN_SHINGLES

_SHOWN = 160
_MOST_PASSAGES = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at, what was found, and whether it speaks for one story."""

    looked_at: str
    found: str
    speaks_for: bool | None  # None: it only informs


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole reasoning about two articles.

    `together`: whether these two, by themselves, are one story. `same_report`: whether they carry
    one report, copies or not.
    """

    a: int
    b: int
    together: bool
    same_report: bool
    steps: tuple[Step, ...]
    relation: Relation | None

    def lines(self) -> list[str]:
        """One line per step, the verdict first."""
        marks = {True: "+", False: "-", None: " "}
        verdict = "one story" if self.together else "not one story"
        report = ", and carry one report" if self.same_report and not self.together else ""
        return [
            f"{self.a} and {self.b} are {verdict}{report}",
            *(f"{marks[step.speaks_for]} {step.looked_at}: {step.found}" for step in self.steps),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {
            "a": self.a,
            "b": self.b,
            "together": self.together,
            "same_report": self.same_report,
            "relation": asdict(self.relation) if self.relation else None,
            "steps": [asdict(step) for step in self.steps],
        }


def explain(
    a: Document, b: Document, scheme: Scheme, decisions: Sequence[Decision] = ()
) -> Explanation:
    """The reasoning about two articles by themselves, in the order of the steps that decide.

    In a corpus they can still be together through a third, or apart because each is nearer to
    another story's middle; the stories of the corpus say so.
    """
    relation = compare(a, b)
    decided = _decided(a, b, decisions)
    merges = bool(relation and relation.merges)
    together = merges if decided is None else decided is Verb.MUST_LINK
    strength = _report_likeness(a, b)
    steps = [
        *_why_notagain(features(a, scheme), features(b, scheme), scheme),
        *_compared(a, b, relation),
        *_passages(a, b, relation),
        *_reported(a, b),
        *_by_people(decided),
    ]
    return Explanation(a.id, b.id, together, together or strength >= 1, tuple(steps), relation)


def _why_notagain(one: Features, two: Features, scheme: Scheme) -> Iterator[Step]:
    for name, each in (("the first", one), ("the second", two)):
        if each.shingles < MIN_SHINGLES:
            found = f"{name} has {each.shingles} shingles, {MIN_SHINGLES} are needed to be compared"
            yield Step("length", found, False)
    if one.text_hash and one.text_hash == two.text_hash:
        yield Step("text hash", "equal: the same words once the outlets' own are left out", True)
        return
    bands = len(np.intersect1d(one.bands, two.bands))
    prints = len(np.intersect1d(one.fingerprints, two.fingerprints))
    enough = bands > 0 or prints >= scheme.min_fingerprints
    yield Step("MinHash bands", f"{bands} of {scheme.bands} shared", None)
    yield Step("winnowed fingerprints", f"{prints} shared", None)
    yield Step("candidates", "compared exactly" if enough else "never compared in a corpus", enough)


def _compared(a: Document, b: Document, relation: Relation | None) -> Iterator[Step]:
    one, two = prepare(a), prepare(b)
    if not comparable(one, two):
        alike = one.normal.script is two.normal.script
        why_not = "one is too short to be compared" if alike else "written in different scripts"
        yield Step("texts", why_not, False)
        return
    found = measure(a, b)
    yield Step(
        "texts",
        f"Jaccard {found.jaccard:.2f}; {found.ab:.0%} of the first is in the second,"
        f" {found.ba:.0%} of the second in the first",
        None,
    )
    apart = "unknown" if found.days is None else f"{found.days:.1f} days apart"
    yield Step("dates", apart, None)
    if a.title and b.title:
        yield Step("headlines", f"{found.headline:.0%} alike", None)
    if relation is None:
        yield Step("verdict", "they share nothing that counts", False)
        return
    yield Step("verdict", f"{relation.kind}: {relation.reason}", relation.merges)
    yield from (Step("why not one story", doubt, False) for doubt in doubts(found))


def _passages(a: Document, b: Document, relation: Relation | None) -> Iterator[Step]:
    if relation is None:
        return
    low = a if a.id == relation.a else b
    for span in relation.spans[:_MOST_PASSAGES]:
        words = " ".join(low.text[span.a_start : span.a_end].split())
        shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
        where = f"{span.a_start}-{span.a_end} and {span.b_start}-{span.b_end}"
        yield Step("shared passage", f"characters {where}: {shown}", None)


def _reported(a: Document, b: Document) -> Iterator[Step]:
    for name, document in (("the first", a), ("the second", b)):
        cited = cues(document).cited
        named = ", ".join(f"{each.agency} ({each.words})" for each in cited) or "nobody"
        yield Step("source", f"{name} cites early on: {' '.join(named.split())}", None)
    if not (carries_report(a) and carries_report(b)):
        yield Step("report", "not both say that they carry a report of North Korea's media", None)
        return
    one, two = _in_time(cues(a), cues(b))
    strength = likeness(one, two)
    said = "the same" if strength >= 1 else "not the same"
    yield Step("report", f"{said} ({strength:.2f} of what is needed): {why(one, two)}", None)


def _report_likeness(a: Document, b: Document) -> float:
    if not (carries_report(a) and carries_report(b)):
        return 0.0
    return likeness(*_in_time(cues(a), cues(b)))


def _in_time(a: Cues, b: Cues) -> tuple[Cues, Cues]:
    return (b, a) if a.at and b.at and b.at < a.at else (a, b)


def _decided(a: Document, b: Document, decisions: Iterable[Decision]) -> Verb | None:
    pair = {a.id, b.id}
    return next((each.verb for each in decisions if {each.a, each.b} == pair), None)


def _by_people(decided: Verb | None) -> Iterator[Step]:
    if decided is not None:
        found = "they belong together" if decided is Verb.MUST_LINK else "they are to stay apart"
        yield Step("decision", f"a person decided that {found}", decided is Verb.MUST_LINK)
