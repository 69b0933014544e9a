"""Scores predicted groups of articles against labelled ones: pairwise and B-cubed."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

ALL = "all"
ACROSS_LANGUAGES = "across languages"
IGNORING = "partial pairs ignored"


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and their harmonic mean; each 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Returns the harmonic mean of precision and recall; 0 if both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Numbers of pairs of articles in one group: by label, by prediction, and by both (`right`)."""

    right: int
    found: int
    to_find: int

    @property
    def score(self) -> Score:
        """Returns the pairwise score: a pair is positive if both articles are in one group.

        Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), 16.3.
        Without a found pair the precision is 1 if there is none to find, else 0; without a pair to
        find the recall is 1.
        """
        return Score(
            self.right / self.found if self.found else float(not self.to_find),
            self.right / self.to_find if self.to_find else 1.0,
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the groups of some articles were found.

    `part`: which articles or pairs: `ALL`, a language, `ACROSS_LANGUAGES` or `IGNORING`. `groups`
    and `found_groups`: groups of two or more articles. `b_cubed`: None where only pairs are chosen.
    """

    part: str
    articles: int
    groups: int
    found_groups: int
    pairs: PairCounts
    b_cubed: Score | None


class ConfusionKind(StrEnum):
    """In which way a prediction is wrong."""

    MERGED = "merged"
    """One predicted group has articles of two labelled groups."""
    MISSED = "missed"
    """Articles of one labelled group are in two predicted groups."""


@dataclass(frozen=True, slots=True)
class Confusion(Generic[Key]):
    """Two sets of articles that were wrongly put into one group, or wrongly kept apart."""

    kind: ConfusionKind
    first: tuple[Key, ...]
    second: tuple[Key, ...]

    @property
    def pairs(self) -> int:
        """Returns the number of wrong pairs: each article of one set with each of the other."""
        return len(self.first) * len(self.second)


def label_groups(groups: Iterable[Iterable[Key]], articles: Iterable[Key]) -> dict[Key, int]:
    """Returns the number of the group of each article; an article in no group has its own.

    Articles that are not in `articles` are left out. Groups that share an article are one group.
    """
    labels: dict[Key, int] = {each: number for number, each in enumerate(articles)}
    members: dict[int, list[Key]] = {number: [each] for each, number in labels.items()}
    for group in groups:
        for each in (found := [each for each in group if each in labels])[1:]:
            kept, lost = labels[found[0]], labels[each]
            if kept != lost:
                members[kept] += members[lost]
                labels.update(dict.fromkeys(members.pop(lost), kept))
    return labels


def count_pairs(
    expected: Mapping[Key, int],
    predicted: Mapping[Key, int],
    ignored: Iterable[tuple[Key, Key]] = (),
) -> PairCounts:
    """Returns the numbers of pairs that are in one group. Linear in the articles.

    Both mappings must have the same articles. `ignored`: pairs that are not wrong if they are found.
    """
    together = Counter((expected[each], predicted[each]) for each in expected)
    forgiven = sum(
        predicted[a] == predicted[b] and expected[a] != expected[b]
        for a, b in ignored
        if a in expected and b in expected
    )
    return PairCounts(
        right=_count_inner_pairs(together),
        found=_count_inner_pairs(Counter(predicted.values())) - forgiven,
        to_find=_count_inner_pairs(Counter(expected.values())),
    )


def count_pairs_across(
    expected: Mapping[Key, int], predicted: Mapping[Key, int], languages: Mapping[Key, str]
) -> PairCounts:
    """Returns the numbers of pairs whose two articles are in two languages."""
    every = count_pairs(expected, predicted)
    inner = [
        count_pairs({each: expected[each] for each in own}, {each: predicted[each] for each in own})
        for own in _articles_by_language(expected, languages).values()
    ]
    return PairCounts(
        every.right - sum(each.right for each in inner),
        every.found - sum(each.found for each in inner),
        every.to_find - sum(each.to_find for each in inner),
    )


def score_b_cubed(expected: Mapping[Key, int], predicted: Mapping[Key, int]) -> Score:
    """Returns the B-cubed score over the articles that are grouped, by label or by prediction.

    Source: Bagga and Baldwin, Entity-Based Cross-Document Coreferencing (1998). Both mappings must
    have the same articles. Without a grouped article both parts are 1.
    """
    expected_sizes, predicted_sizes = Counter(expected.values()), Counter(predicted.values())
    together = Counter((expected[each], predicted[each]) for each in expected)
    grouped = [
        each
        for each in expected
        if expected_sizes[expected[each]] > 1 or predicted_sizes[predicted[each]] > 1
    ]
    if not grouped:
        return Score(1.0, 1.0)
    shared = {each: together[expected[each], predicted[each]] for each in grouped}
    return Score(
        sum(shared[each] / predicted_sizes[predicted[each]] for each in grouped) / len(grouped),
        sum(shared[each] / expected_sizes[expected[each]] for each in grouped) / len(grouped),
    )


def compute_figures(
    groups: Iterable[Sequence[Key]],
    found_groups: Iterable[Sequence[Key]],
    languages: Mapping[Key, str],
    ignored: Sequence[tuple[Key, Key]] = (),
) -> list[Figures]:
    """Returns the figures of all articles, of each language, and of the pairs across languages.

    `languages` has every article. The languages come by their number of articles; those without a
    labelled or found group are left out, and all if there is one language only. `ignored` adds a
    part, see `count_pairs`.
    """
    labelled, grouped = list(groups), list(found_groups)
    expected, predicted = label_groups(labelled, languages), label_groups(grouped, languages)
    figures = [_compute_part(ALL, expected, predicted)]
    if ignored:
        pairs = count_pairs(expected, predicted, ignored)
        figures.append(_without_b_cubed(IGNORING, figures[0], pairs))
    by_language = _articles_by_language(languages, languages)
    if len(by_language) < 2:
        return figures
    for language, own in sorted(by_language.items(), key=lambda item: (-len(item[1]), item[0])):
        part = _compute_part(language, label_groups(labelled, own), label_groups(grouped, own))
        if part.groups or part.found_groups:
            figures.append(part)
    across = count_pairs_across(expected, predicted, languages)
    if across.to_find or across.found:
        figures.append(_without_b_cubed(ACROSS_LANGUAGES, figures[0], across))
    return figures


def find_confusions(
    expected: Mapping[Key, int], predicted: Mapping[Key, int], limit: int
) -> list[Confusion[Key]]:
    """Returns at most `limit` confusions, those with the most wrong pairs first.

    The largest part of a wrong group is set against each other part of it. Both mappings must have
    the same articles. Ties fall by the articles' keys as text.
    """
    confusions = [
        *_iter_confusions(ConfusionKind.MERGED, predicted, expected),
        *_iter_confusions(ConfusionKind.MISSED, expected, predicted),
    ]
    return nsmallest(
        limit, confusions, key=lambda each: (-each.pairs, each.kind, str(each.first[0]))
    )


def _compute_part(part: str, expected: Mapping[Key, int], predicted: Mapping[Key, int]) -> Figures:
    return Figures(
        part=part,
        articles=len(expected),
        groups=_count_groups(expected),
        found_groups=_count_groups(predicted),
        pairs=count_pairs(expected, predicted),
        b_cubed=score_b_cubed(expected, predicted),
    )


def _without_b_cubed(part: str, every: Figures, pairs: PairCounts) -> Figures:
    return Figures(part, every.articles, every.groups, every.found_groups, pairs, None)


def _articles_by_language(
    articles: Iterable[Key], languages: Mapping[Key, str]
) -> dict[str, list[Key]]:
    found: defaultdict[str, list[Key]] = defaultdict(list)
    for each in articles:
        found[languages[each]].append(each)
    return found


def _iter_confusions(
    kind: ConfusionKind, together: Mapping[Key, int], apart: Mapping[Key, int]
) -> Iterator[Confusion[Key]]:
    """Yields the largest part of each group of `together` with each other part of it.

    A part of a group has the articles that are together in `apart` as well.
    """
    parts: defaultdict[int, defaultdict[int, list[Key]]] = defaultdict(lambda: defaultdict(list))
    for each in sorted(together, key=str):
        parts[together[each]][apart[each]].append(each)
    for group in parts.values():
        largest, *others = sorted(group.values(), key=len, reverse=True)
        for other in others:
            yield Confusion(kind, tuple(largest), tuple(other))


def _count_inner_pairs(sizes: Mapping[Any, int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _count_groups(labels: Mapping[Key, int]) -> int:
    return sum(size > 1 for size in Counter(labels.values()).values())
