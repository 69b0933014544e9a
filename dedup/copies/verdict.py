"""What a comparison means: the thresholds, in one place, each with its reason."""

from dataclasses import dataclass

from dedup.records import RelationKind

COPY = 0.7
"""Jaccard from which two texts are one, edits aside."""

CONTAINED = 0.75
"""Share of the shorter text that a cut, extended or restyled copy keeps."""

LEAST_JACCARD = 0.15
"""Below it the longer text is mostly something else: a digest holds a report, it is no copy."""

SHORT, LONG = 60, 150
"""Words. Short formulaic reports (arrivals, greetings) are alike though their events are not."""

NEAR_DAYS = 2.0
"""Copies follow within days; later, only a text that is alike all over is the same one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is measured on two texts. `ab`: share of a's shingles that b has; `covered_*`: share
    of the words that lie in shared runs; `words_*`: lengths in words (a syllable is a third of one).
    """

    jaccard: float
    ab: float
    ba: float
    covered_a: float
    covered_b: float
    words_a: float
    words_b: float
    days: float | None
    same_outlet: bool
    headline: float

    @property
    def contained(self) -> float:
        """Share of the shorter text that the longer has."""
        return self.ab if self.words_a <= self.words_b else self.ba

    @property
    def shortest(self) -> float:
        return min(self.words_a, self.words_b)

    @property
    def balance(self) -> float:
        """Length of the shorter by that of the longer."""
        return self.shortest / max(self.words_a, self.words_b)

    @property
    def days_apart(self) -> float:
        """Unknown dates count as near, for there is nothing to hold against the texts."""
        return 0.0 if self.days is None else self.days


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two texts are to each other if they are one story, and why."""

    kind: RelationKind
    reason: str


def judge(found: Evidence) -> Verdict | None:
    """Whether two texts are one text republished; None if they are not."""
    if found.days_apart > NEAR_DAYS:
        return _far(found)
    if found.shortest < SHORT:
        return _short(found)
    if found.jaccard >= COPY:
        return Verdict(RelationKind.COPY, f"{found.jaccard:.0%} of all shingles are in both")
    if found.contained >= CONTAINED and found.jaccard >= LEAST_JACCARD:
        return Verdict(
            RelationKind.EDITED, f"{found.contained:.0%} of the shorter text is in the longer"
        )
    return _revision(found)


def _far(found: Evidence) -> Verdict | None:
    """Yearly greetings and serial reports repeat each other's words, days or years apart."""
    least = COPY if found.shortest >= LONG else 0.95
    if found.jaccard < least:
        return None
    reason = f"{found.jaccard:.0%} of all shingles are in both, {found.days_apart:.0f} days apart"
    return Verdict(RelationKind.COPY, reason)


def _short(found: Evidence) -> Verdict | None:
    alike = found.jaccard >= COPY if found.days is None else found.contained >= CONTAINED
    if not alike or found.jaccard < LEAST_JACCARD or found.days_apart > 1:
        return None
    kind = RelationKind.COPY if found.jaccard >= COPY else RelationKind.EDITED
    return Verdict(
        kind, f"short texts of one day, {found.contained:.0%} of the shorter in the longer"
    )


def _revision(found: Evidence) -> Verdict | None:
    """An outlet's second version of its report: a write-through, or translated anew."""
    if not found.same_outlet or found.shortest < LONG:
        return None
    if found.headline >= 0.9 and found.contained >= 0.5 and found.jaccard >= 0.2:
        return Verdict(
            RelationKind.EDITED,
            f"the outlet's update under the same headline, {found.contained:.0%} of the shorter kept",
        )
    evenly = min(found.covered_a, found.covered_b) >= 0.65 and found.balance >= 0.85
    if evenly and found.headline >= 0.55 and found.days_apart <= 1:
        return Verdict(
            RelationKind.EDITED,
            f"the outlet's own second wording: {found.covered_a:.0%} and {found.covered_b:.0%}"
            " of the words lie in shared runs, the headlines are alike",
        )
    return None


def doubts(found: Evidence) -> list[str]:
    """What keeps two texts from being one story, by the rule that is nearest to them."""
    if judge(found):
        return []
    if found.days_apart > NEAR_DAYS:
        least = COPY if found.shortest >= LONG else 0.95
        rule = f"{found.days_apart:.1f} days apart, so {least:.0%} of all shingles must be in both"
        return [f"{rule}, not {found.jaccard:.0%}"]
    if found.shortest < SHORT and (found.days is None or found.days > 1):
        return ["short texts, which are alike too easily, and not known to be of one day"]
    said = []
    if found.contained < CONTAINED:
        said.append(f"{found.contained:.0%} of the shorter is in the longer, not {CONTAINED:.0%}")
    if found.jaccard < LEAST_JACCARD:
        said.append(
            f"{found.jaccard:.0%} of all shingles are in both, not {LEAST_JACCARD:.0%}:"
            " the longer text is mostly something else"
        )
    return said
