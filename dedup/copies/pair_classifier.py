"""Classifies a measured pair of texts. All thresholds are here, each with its reason."""

from dataclasses import dataclass
from math import exp

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

MIN_SHORT_PROBABILITY = 0.5
_SHORT_INTERCEPT, _SHORT_CONTAINMENT, _SHORT_HEADLINE, _SHORT_DAYS = -8.6, 8.0, 4.8, -1.8
"""Weights of a logistic regression on 157 labelled pairs of short texts (`benchmarks/quality/copies.py`)."""

UNKNOWN_HEADLINE_SIMILARITY = 0.6
"""What counts as the similarity of headlines if one of the texts has none."""

_MIN_SHORT_CONTAINMENT = 0.65
_MIN_SHORT_HEADLINE_SIMILARITY, _MIN_SURE_HEADLINE_SIMILARITY = 0.4, 0.6
"""Equal short texts under unrelated headlines are a frame: a notice, a call to subscribe. Within
one outlet more must be alike, because its headlines have a form of their own.
"""

_MIN_OPENING_CONTAINMENT = 0.5
"""Short texts of one outlet, or whose headlines do not agree, must begin alike: a call to subscribe
stands at the end, and what a series of photos has in common too.
"""

_MIN_MINUTE_CONTAINMENT = 0.6
"""An outlet that publishes two like flashes within a minute publishes one flash twice."""

_MIN_CAPTION_JACCARD = 0.95

MIN_COLUMN_DAYS = 0.6
"""Days. Texts that are further apart are of different days, as the issues of a daily column are."""

MIN_COLUMN_NUMBERS = 4
MAX_COLUMN_KEPT_NUMBERS, MIN_COLUMN_DIFFERENCE = 0.7, 0.1
"""If the numbers of a text are others on another day, more so than its words, it is the next issue
of a column (weather, prices, results), not a copy. Of labelled copies 88 % of them are kept.
"""


@dataclass(frozen=True, slots=True)
class PairMeasurements:
    """All measurements of two texts.

    `containment_ab`: share of the shingles of `a` that `b` has. `coverage_*`: share of the words
    that lie in shared shingles, measured only within one outlet. `words_*`: lengths in words (a
    syllable counts as a third of a word). Shares and similarities are 0 to 1.
    `opening_containment`: share of the first quarter of the shorter text that the longer has,
    measured only for short texts.
    `are_distinctive`: whether both texts are long enough to be known by their words alone.
    `have_headlines`: whether both have one. `is_one_package`: whether only one of them is a
    reporter's package. `kept_numbers`: share of the shingles with a number that the other text
    has too, of the text with fewer of them; None if they are too few or the texts are of one day. `captions`: how many of the two
    are photo captions. `is_same_minute`: whether one outlet published both within a minute.
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
    opening_containment: float = 1.0
    are_distinctive: bool = True
    have_headlines: bool = True
    is_one_package: bool = False
    kept_numbers: float | None = None
    captions: int = 0
    is_same_minute: bool = False

    @property
    def shorter_containment(self) -> float:
        """Share of the shorter text's shingles that the longer text has."""
        if self.words_a == self.words_b:
            return max(self.containment_ab, self.containment_ba)
        return self.containment_ab if self.words_a < self.words_b else self.containment_ba

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


def classify_pair(pair: PairMeasurements) -> Verdict | None:
    """Returns a verdict if the two texts are one text republished, else None."""
    if _is_column(pair):
        return None
    if pair.captions:
        return _classify_captions(pair)
    if pair.days_apart_or_zero > MAX_NEAR_DAYS:
        return _classify_distant(pair)
    if pair.shorter_words < MAX_SHORT_WORDS:
        return _classify_short(pair)
    if pair.jaccard >= MIN_COPY_JACCARD:
        return Verdict(RelationKind.COPY, f"{pair.jaccard:.0%} of all shingles are in both")
    if pair.shorter_containment >= MIN_EDITED_CONTAINMENT and pair.jaccard >= MIN_EDITED_JACCARD:
        return Verdict(
            RelationKind.EDITED,
            f"{pair.shorter_containment:.0%} of the shorter text is in the longer",
        )
    return _classify_revision(pair)


def _classify_distant(pair: PairMeasurements) -> Verdict | None:
    """Classifies texts that were published days or years apart.

    The threshold is higher because yearly greetings and serial reports repeat each other's words.
    """
    if not pair.are_distinctive or pair.jaccard < _min_distant_jaccard(pair):
        return None
    reason = (
        f"{pair.jaccard:.0%} of all shingles are in both, {pair.days_apart_or_zero:.0f} days apart"
    )
    return Verdict(RelationKind.COPY, reason)


def _classify_captions(pair: PairMeasurements) -> Verdict | None:
    """Classifies photo captions: those of one event are alike, so nearly all must be equal."""
    min_jaccard = MIN_COPY_JACCARD if pair.is_same_minute else _MIN_CAPTION_JACCARD
    if pair.captions < 2 or pair.jaccard < min_jaccard or pair.days_apart_or_zero > 1:
        return None
    when = "minute" if pair.is_same_minute else "day"
    return Verdict(
        RelationKind.COPY,
        f"photo captions of one {when}, {pair.jaccard:.0%} of all shingles in both",
    )


def _min_distant_jaccard(pair: PairMeasurements) -> float:
    return MIN_COPY_JACCARD if pair.shorter_words >= MIN_LONG_WORDS else 0.95


def _is_column(pair: PairMeasurements) -> bool:
    """Returns whether the texts are two issues of a column: one frame, other numbers."""
    return pair.kept_numbers is not None and pair.kept_numbers <= min(
        MAX_COLUMN_KEPT_NUMBERS, pair.shorter_containment - MIN_COLUMN_DIFFERENCE
    )


def short_probability(pair: PairMeasurements) -> float:
    """Returns how likely two short texts are one text, 0 to 1, by a logistic regression.

    It weighs the share of the shorter text that is in the longer, how alike the headlines are, and
    the days between the two.
    """
    headline = pair.headline_similarity if pair.have_headlines else UNKNOWN_HEADLINE_SIMILARITY
    score = (
        _SHORT_INTERCEPT
        + _SHORT_CONTAINMENT * pair.shorter_containment
        + _SHORT_HEADLINE * headline
        + _SHORT_DAYS * pair.days_apart_or_zero
    )
    return 1 / (1 + exp(-score))


def _is_frame(pair: PairMeasurements) -> bool:
    """Returns whether what two short texts share may be a notice that other texts have too."""
    if not pair.have_headlines:
        is_unknown = pair.shorter_containment < MIN_EDITED_CONTAINMENT
    elif pair.same_outlet:
        is_unknown = pair.headline_similarity < _MIN_SURE_HEADLINE_SIMILARITY
    elif pair.headline_similarity < _MIN_SURE_HEADLINE_SIMILARITY:
        is_unknown = pair.headline_similarity < _MIN_SHORT_HEADLINE_SIMILARITY
    else:
        return False
    return is_unknown or pair.opening_containment < _MIN_OPENING_CONTAINMENT


def _classify_short(pair: PairMeasurements) -> Verdict | None:
    if pair.jaccard < MIN_EDITED_JACCARD or pair.days_apart_or_zero > 1:
        return None
    if pair.publication_gap_days is None and pair.jaccard < MIN_COPY_JACCARD:
        return None
    is_one_flash = pair.is_same_minute and pair.shorter_containment >= _MIN_MINUTE_CONTAINMENT
    is_likely = (
        pair.shorter_containment >= _MIN_SHORT_CONTAINMENT
        and short_probability(pair) >= MIN_SHORT_PROBABILITY
        and not _is_frame(pair)
    )
    if not is_one_flash and not is_likely:
        return None
    kind = RelationKind.COPY if pair.jaccard >= MIN_COPY_JACCARD else RelationKind.EDITED
    when = "minute" if is_one_flash else "day"
    return Verdict(kind, f"short texts of one {when}, {_format_short(pair)}")


def _format_short(pair: PairMeasurements) -> str:
    headlines = (
        f"headlines {pair.headline_similarity:.0%} alike"
        if pair.have_headlines
        else "not both with a headline"
    )
    return f"{pair.shorter_containment:.0%} of the shorter in the longer, {headlines}"


def _classify_revision(pair: PairMeasurements) -> Verdict | None:
    """Detects an outlet's own second version of its report: an update or a new translation."""
    if not pair.same_outlet or pair.shorter_words < MIN_LONG_WORDS or pair.is_one_package:
        return None
    if pair.headline_similarity >= 0.9 and pair.shorter_containment >= 0.5 and pair.jaccard >= 0.2:
        return Verdict(
            RelationKind.EDITED,
            f"the outlet's update under the same headline, {pair.shorter_containment:.0%} of the shorter kept",
        )
    is_even = min(pair.coverage_a, pair.coverage_b) >= 0.65 and pair.length_ratio >= 0.85
    if is_even and pair.headline_similarity >= 0.55 and pair.days_apart_or_zero <= 1:
        return Verdict(
            RelationKind.EDITED,
            f"the outlet's own second wording: {pair.coverage_a:.0%} and {pair.coverage_b:.0%}"
            " of the words lie in shared runs, the headlines are alike",
        )
    return None


def reasons_not_merged(pair: PairMeasurements) -> list[str]:
    """Returns why two texts are not one story, by the closest rule; empty if they are one."""
    if classify_pair(pair):
        return []
    if pair.kept_numbers is not None and _is_column(pair):
        kept = f"{pair.kept_numbers:.0%} of what is said with a number is in both"
        return [f"of different days, and {kept}: two issues of a column"]
    if pair.captions:
        return [_reason_against_captions(pair)]
    if pair.days_apart_or_zero > MAX_NEAR_DAYS:
        if not pair.are_distinctive:
            return [
                f"short texts, which are alike too easily, {pair.days_apart_or_zero:.1f} days apart"
            ]
        min_jaccard = _min_distant_jaccard(pair)
        rule = f"{pair.days_apart_or_zero:.1f} days apart, so {min_jaccard:.0%} of all shingles must be in both"
        return [f"{rule}; it is {pair.jaccard:.0%}"]
    if pair.shorter_words < MAX_SHORT_WORDS:
        return _reasons_against_short(pair)
    reasons = []
    if pair.shorter_containment < MIN_EDITED_CONTAINMENT:
        reasons.append(
            f"{pair.shorter_containment:.0%} of the shorter is in the longer, {MIN_EDITED_CONTAINMENT:.0%} is needed"
        )
    if pair.jaccard < MIN_EDITED_JACCARD:
        reasons.append(_reason_against_digest(pair))
    return reasons


def _reason_against_digest(pair: PairMeasurements) -> str:
    return (
        f"{pair.jaccard:.0%} of all shingles are in both, {MIN_EDITED_JACCARD:.0%} is needed:"
        " the longer text is mostly something else"
    )


def _reason_against_captions(pair: PairMeasurements) -> str:
    if pair.captions < 2:
        return "one is a photo caption, the other is not"
    return (
        "photo captions, which are alike although the photos differ:"
        f" {pair.jaccard:.0%} of all shingles are in both"
    )


def _reasons_against_short(pair: PairMeasurements) -> list[str]:
    if pair.days_apart_or_zero > 1:
        return ["short texts, which are alike too easily, and not of one day"]
    if pair.jaccard < MIN_EDITED_JACCARD:
        return [_reason_against_digest(pair)]
    if pair.publication_gap_days is None and pair.jaccard < MIN_COPY_JACCARD:
        return ["short texts, which are alike too easily, and not known to be of one day"]
    probability = short_probability(pair)
    if probability >= MIN_SHORT_PROBABILITY:
        return [f"short texts that may share only a notice: {_format_short(pair)}"]
    likely = f"{probability:.0%} likely to be one text, {MIN_SHORT_PROBABILITY:.0%} is needed"
    return [f"short texts, {_format_short(pair)}: {likely}"]
