"""Classifies a measured pair of texts. All thresholds are here, each with its reason."""

from dataclasses import dataclass

from dedup.records import RelationKind

MIN_COPY_JACCARD = 0.7
"""Two texts with at least this Jaccard are one text, apart from edits."""

MIN_EDITED_CONTAINMENT = 0.75
"""Share of the shorter text that a cut, extended or restyled copy keeps."""

MIN_EDITED_JACCARD = 0.15
"""Below this, the longer text is mostly something else: a digest of reports is no copy."""

MAX_SHORT_WORDS, MIN_LONG_WORDS = 60, 150
"""Words. Short formulaic reports (arrivals, greetings) are alike although their events differ."""

MAX_NEAR_DAYS = 2.0
"""Copies follow within days. Later, only texts that are alike as a whole are the same text."""


@dataclass(frozen=True, slots=True)
class PairMeasurements:
    """All measurements of two texts.

    `containment_ab`: share of the shingles of `a` that `b` has. `coverage_*`: share of the words
    that lie in shared shingles, measured only within one outlet. `words_*`: lengths in words (a
    syllable counts as a third of a word). Shares and similarities are 0 to 1.
    """

    jaccard: float
    containment_ab: float
    containment_ba: float
    coverage_a: float
    coverage_b: float
    words_a: float
    words_b: float
    publication_gap_days: float | None
    same_outlet: bool
    headline_similarity: float

    @property
    def shorter_containment(self) -> float:
        """Share of the shorter text's shingles that the longer text has."""
        return self.containment_ab if self.words_a <= self.words_b else self.containment_ba

    @property
    def shorter_words(self) -> float:
        """Length of the shorter text in words."""
        return min(self.words_a, self.words_b)

    @property
    def length_ratio(self) -> float:
        """Length of the shorter text divided by that of the longer one."""
        return self.shorter_words / max(self.words_a, self.words_b)

    @property
    def days_apart_or_zero(self) -> float:
        """Days between the publications; 0 if unknown, which is no evidence against a copy."""
        return 0.0 if self.publication_gap_days is None else self.publication_gap_days


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of relation of two texts in one story, and the reason."""

    kind: RelationKind
    reason: str


def classify_pair(found: PairMeasurements) -> Verdict | None:
    """Returns a verdict if the two texts are one text republished, else None."""
    if found.days_apart_or_zero > MAX_NEAR_DAYS:
        return _classify_distant(found)
    if found.shorter_words < MAX_SHORT_WORDS:
        return _classify_short(found)
    if found.jaccard >= MIN_COPY_JACCARD:
        return Verdict(RelationKind.COPY, f"{found.jaccard:.0%} of all shingles are in both")
    if found.shorter_containment >= MIN_EDITED_CONTAINMENT and found.jaccard >= MIN_EDITED_JACCARD:
        return Verdict(
            RelationKind.EDITED,
            f"{found.shorter_containment:.0%} of the shorter text is in the longer",
        )
    return _classify_revision(found)


def _classify_distant(found: PairMeasurements) -> Verdict | None:
    """Classifies texts that were published days or years apart.

    The threshold is higher because yearly greetings and serial reports repeat each other's words.
    """
    least = MIN_COPY_JACCARD if found.shorter_words >= MIN_LONG_WORDS else 0.95
    if found.jaccard < least:
        return None
    reason = f"{found.jaccard:.0%} of all shingles are in both, {found.days_apart_or_zero:.0f} days apart"
    return Verdict(RelationKind.COPY, reason)


def _classify_short(found: PairMeasurements) -> Verdict | None:
    alike = (
        found.jaccard >= MIN_COPY_JACCARD
        if found.publication_gap_days is None
        else found.shorter_containment >= MIN_EDITED_CONTAINMENT
    )
    if not alike or found.jaccard < MIN_EDITED_JACCARD or found.days_apart_or_zero > 1:
        return None
    kind = RelationKind.COPY if found.jaccard >= MIN_COPY_JACCARD else RelationKind.EDITED
    return Verdict(
        kind,
        f"short texts of one day, {found.shorter_containment:.0%} of the shorter in the longer",
    )


def _classify_revision(found: PairMeasurements) -> Verdict | None:
    """Detects an outlet's own second version of its report: an update or a new translation."""
    if not found.same_outlet or found.shorter_words < MIN_LONG_WORDS:
        return None
    if (
        found.headline_similarity >= 0.9
        and found.shorter_containment >= 0.5
        and found.jaccard >= 0.2
    ):
        return Verdict(
            RelationKind.EDITED,
            f"the outlet's update under the same headline, {found.shorter_containment:.0%} of the shorter kept",
        )
    evenly = min(found.coverage_a, found.coverage_b) >= 0.65 and found.length_ratio >= 0.85
    if evenly and found.headline_similarity >= 0.55 and found.days_apart_or_zero <= 1:
        return Verdict(
            RelationKind.EDITED,
            f"the outlet's own second wording: {found.coverage_a:.0%} and {found.coverage_b:.0%}"
            " of the words lie in shared runs, the headlines are alike",
        )
    return None


def reasons_not_merged(found: PairMeasurements) -> list[str]:
    """Returns why two texts are not one story, by the closest rule; empty if they are one."""
    if classify_pair(found):
        return []
    if found.days_apart_or_zero > MAX_NEAR_DAYS:
        least = MIN_COPY_JACCARD if found.shorter_words >= MIN_LONG_WORDS else 0.95
        rule = f"{found.days_apart_or_zero:.1f} days apart, so {least:.0%} of all shingles must be in both"
        return [f"{rule}, not {found.jaccard:.0%}"]
    if found.shorter_words < MAX_SHORT_WORDS and (
        found.publication_gap_days is None or found.publication_gap_days > 1
    ):
        return ["short texts, which are alike too easily, and not known to be of one day"]
    said = []
    if found.shorter_containment < MIN_EDITED_CONTAINMENT:
        said.append(
            f"{found.shorter_containment:.0%} of the shorter is in the longer, not {MIN_EDITED_CONTAINMENT:.0%}"
        )
    if found.jaccard < MIN_EDITED_JACCARD:
        said.append(
            f"{found.jaccard:.0%} of all shingles are in both, not {MIN_EDITED_JACCARD:.0%}:"
            " the longer text is mostly something else"
        )
    return said
