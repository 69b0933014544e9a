"""Explains why two articles are or are not one story: lists every step of the decision."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from dedup.attribution.citation import CarrierGrade, find_state_media_attributions
from dedup.copies.chain import ChainLink, StoryContext
from dedup.copies.compare import are_comparable, compare_documents, measure_pair, prepare
from dedup.copies.pair_classifier import reasons_not_merged
from dedup.records import Decision, DecisionVerb, Document, Features, Relation
from dedup.reports.cues import Cues, extract_cues
from dedup.reports.days import chronological_key
from dedup.reports.pair_reasons import (
    compare_pair,
    format_comparison,
    list_concepts,
    list_shared_terms,
)
from dedup.signature.features import compute_features
from dedup.signature.scheme import Scheme
from dedup.text.shingles import MIN_SHINGLES

_MAX_PASSAGE_CHARS = 160
_MAX_PASSAGES = 5
_WHY_NOT = "why not one story"
_APART_REASON = (
    "each is nearer to the most central member of its own story, or one of them contains texts that"
    " are unrelated, or a person split the story"
)
_GRADE_WORDS = {
    CarrierGrade.OWN: "the agency's own text",
    CarrierGrade.EARLY: "names the media early",
    CarrierGrade.LATER: "names the media later",
    CarrierGrade.STATE: "the state speaks",
    CarrierGrade.CREDIT: "only credits a picture",
    CarrierGrade.ABOUT: "names North Korea, but no source",
    CarrierGrade.NONE: "carries no report",
}
_NEVER_COMPARED_REASON = "they were not compared when they were placed: others were more alike"


@dataclass(frozen=True, slots=True)
class Step:
    """One check: what it examined, what it found, and whether the result supports one story."""

    looked_at: str
    found: str
    speaks_for: bool | None  # None: neutral, for information only


@dataclass(frozen=True, slots=True)
class Explanation:
    """All steps that compare two articles.

    `together`: whether these two articles are one story: in the corpus, if that is known, else when
    no others are considered. `chain`: the links that joined them in the corpus. `same_report`: whether
    they carry one report, as copies or not: in the corpus, if that is known, else by these two alone.
    `same_report_alone`: whether they carry one report by these two alone.
    """

    a: int
    b: int
    together: bool
    same_report: bool
    same_report_alone: bool
    steps: tuple[Step, ...]
    relation: Relation | None
    chain: tuple[ChainLink, ...] = ()

    def format_lines(self) -> list[str]:
        """Returns the verdict as the first line, then one line per step."""
        marks = {True: "+", False: "-", None: " "}
        verdict = "one story" if self.together else "not one story"
        report = ", and carry one report" if self.same_report and not self.together else ""
        return [
            f"{self.a} and {self.b} are {verdict}{report}",
            *(f"{marks[step.speaks_for]} {step.looked_at}: {step.found}" for step in self.steps),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Returns the explanation as plain values, for JSON."""
        return {
            "a": self.a,
            "b": self.b,
            "together": self.together,
            "same_report": self.same_report,
            "same_report_alone": self.same_report_alone,
            "relation": asdict(self.relation) if self.relation else None,
            "chain": [asdict(link) for link in self.chain],
            "steps": [asdict(step) for step in self.steps],
        }


def explain_pair(
    a: Document,
    b: Document,
    scheme: Scheme,
    decisions: Sequence[Decision] = (),
    context: StoryContext | None = None,
    *,
    is_one_report: bool | None = None,
) -> Explanation:
    """Explains how two articles relate to each other, in the order of the deciding steps.

    Only these two articles are compared. In a corpus, a third article can still connect them, or
    they can be apart because each is closer to the medoid of another story. `context` says what is
    so in the corpus, and `is_one_report` whether both are in one kept report (None: not known); the
    verdict then follows them.
    """
    relation = compare_documents(a, b)
    verb = _find_decision(a, b, decisions)
    merges = bool(relation and relation.merges)
    is_joined_alone = merges if verb is None else verb is DecisionVerb.MUST_LINK
    together = context.is_one_story if context else is_joined_alone
    one, two = extract_cues(a), extract_cues(b)
    same_report_alone = _carry_one_report(one, two)
    same_report = together or same_report_alone if is_one_report is None else is_one_report
    steps = [
        *_candidate_steps(compute_features(a, scheme), compute_features(b, scheme), scheme),
        *_compared(a, b, relation),
        *_passages(a, b, relation),
        *_report_steps((a, one), (b, two), is_same_report=same_report_alone),
        *_decision_steps(verb),
    ]
    if context and context.is_one_story:
        steps = list(_without_objections(steps))
    steps += _corpus_steps(context, is_joined_alone=is_joined_alone)
    return Explanation(
        a.id,
        b.id,
        together,
        same_report,
        same_report_alone,
        tuple(steps),
        relation,
        context.chain if context else (),
    )


def _candidate_steps(first: Features, second: Features, scheme: Scheme) -> Iterator[Step]:
    for name, features in (("the first", first), ("the second", second)):
        if features.shingles < MIN_SHINGLES:
            message = (
                f"{name} has {features.shingles} shingles, {MIN_SHINGLES} are needed to be compared"
            )
            yield Step("length", message, False)
    if first.text_hash and first.text_hash == second.text_hash:
        yield Step("text hash", "equal: the same words once the outlets' own are left out", True)
        return
    shared_bands = len(np.intersect1d(first.bands, second.bands))
    shared_fingerprints = len(np.intersect1d(first.fingerprints, second.fingerprints))
    is_candidate = shared_bands > 0 or shared_fingerprints >= scheme.min_fingerprints
    yield Step("MinHash bands", f"{shared_bands} of {scheme.bands} shared", None)
    yield Step("winnowed fingerprints", f"{shared_fingerprints} shared", None)
    yield Step(
        "candidates",
        "compared exactly" if is_candidate else "never compared in a corpus",
        is_candidate,
    )


def _compared(a: Document, b: Document, relation: Relation | None) -> Iterator[Step]:
    prepared_a, prepared_b = prepare(a), prepare(b)
    if not are_comparable(prepared_a, prepared_b):
        same_script = prepared_a.normal.script is prepared_b.normal.script
        explanation = (
            "one is too short to be compared" if same_script else "written in different scripts"
        )
        yield Step("texts", explanation, False)
        return
    measured = measure_pair(a, b)
    yield Step(
        "texts",
        f"Jaccard {measured.jaccard:.2f}; {measured.containment_ab:.0%} of the first is in the second,"
        f" {measured.containment_ba:.0%} of the second in the first",
        None,
    )
    distance = (
        "unknown"
        if measured.publication_gap_days is None
        else f"{measured.publication_gap_days:.1f} days apart"
    )
    yield Step("dates", distance, None)
    if a.title and b.title:
        yield Step("headlines", f"{measured.headline_similarity:.0%} alike", None)
    if relation is None:
        yield Step("verdict", "the texts share nothing that counts", False)
        return
    yield Step("verdict", f"{relation.kind}: {relation.reason}", relation.merges)
    yield from (Step(_WHY_NOT, reason, False) for reason in reasons_not_merged(measured))


def _corpus_steps(context: StoryContext | None, *, is_joined_alone: bool) -> Iterator[Step]:
    """Yields what joined or parted two articles in the corpus."""
    if context is None:
        return
    for link in context.chain:
        yield Step("link", link.format(), True if link.merges else None)
    if context.is_one_story:
        if not context.chain:
            yield Step("link", "no stored relation shows what joined them: recluster", None)
        return
    stored = context.stored
    if stored is not None and not stored.merges and is_joined_alone:
        yield Step("in the corpus", stored.reason, False)
    elif is_joined_alone:
        yield Step("in the corpus", _APART_REASON if stored else _NEVER_COMPARED_REASON, False)


def _without_objections(steps: Iterable[Step]) -> Iterator[Step]:
    """Yields the steps for two members of one story: what parts the two alone decides nothing."""
    for step in steps:
        looked_at = "why not by these two alone" if step.looked_at == _WHY_NOT else step.looked_at
        yield replace(step, looked_at=looked_at, speaks_for=step.speaks_for or None)


def _passages(a: Document, b: Document, relation: Relation | None) -> Iterator[Step]:
    if relation is None:
        return
    first = a if a.id == relation.a else b
    for span in relation.spans[:_MAX_PASSAGES]:
        passage = " ".join(first.text[span.a_start : span.a_end].split())
        shown = (
            passage if len(passage) <= _MAX_PASSAGE_CHARS else f"{passage[:_MAX_PASSAGE_CHARS]}…"
        )
        offsets = f"{span.a_start}-{span.a_end} and {span.b_start}-{span.b_end}"
        yield Step("shared passage", f"characters {offsets}: {shown}", None)


def _report_steps(
    first: tuple[Document, Cues], second: tuple[Document, Cues], *, is_same_report: bool
) -> Iterator[Step]:
    for name, each in (("the first", first), ("the second", second)):
        yield Step("source", f"{name} {_format_source(*each)}", None)
    one, two = first[1], second[1]
    if CarrierGrade.NONE in (one.grade, two.grade):
        yield Step("report", "by these two alone: not the same, for one carries none", None)
        return
    verdict = "the same" if is_same_report else "not the same"
    earlier, later = sorted((one, two), key=chronological_key)
    yield Step("report", f"by these two alone: {verdict}", None)
    for line in (*format_comparison(earlier, later), *list_concepts(one, two)):
        yield Step("report", line, None)
    if one.writing is two.writing and (terms := list_shared_terms(first[0], one, two)):
        yield Step("report", f"the words that join most: {', '.join(terms)}", None)


def _format_source(document: Document, cues: Cues) -> str:
    attributions = find_state_media_attributions(document)
    names = ", ".join(f"{each.agency} ({' '.join(each.words.split())})" for each in attributions)
    return (
        f"cites {names or 'nobody'}; grade {cues.grade.name.lower()} ({_GRADE_WORDS[cues.grade]}),"
        f" log odds {cues.log_odds:+.1f}"
    )


def _carry_one_report(a: Cues, b: Cues) -> bool:
    """Returns whether two articles carry one report when no others are considered."""
    if CarrierGrade.NONE in (a.grade, b.grade) or not (a.carries or b.carries):
        return False
    return compare_pair(*sorted((a, b), key=chronological_key)).is_same_report


def _find_decision(a: Document, b: Document, decisions: Iterable[Decision]) -> DecisionVerb | None:
    pair = {a.id, b.id}
    return next((each.verb for each in decisions if {each.a, each.b} == pair), None)


def _decision_steps(verb: DecisionVerb | None) -> Iterator[Step]:
    if verb is not None:
        outcome = (
            "they belong together" if verb is DecisionVerb.MUST_LINK else "they are to stay apart"
        )
        yield Step("decision", f"a person decided that {outcome}", verb is DecisionVerb.MUST_LINK)
