"""Scores predicted groups of articles against labelled ones: pairwise and B-cubed."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


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


def score_pairs(expected: Mapping[Key, int], predicted: Mapping[Key, int]) -> Score:
    """Returns the pairwise score: a pair is positive if both articles are in one group.

    Both mappings must have the same articles. Without a predicted pair the precision is 1 if there
    is none to find, else 0; without a pair to find the recall is 1.
    """
    together = Counter((expected[each], predicted[each]) for each in expected)
    right = sum(map(_count_pairs, together.values()))
    to_find = sum(map(_count_pairs, Counter(expected.values()).values()))
    found = sum(map(_count_pairs, Counter(predicted.values()).values()))
    return Score(
        right / found if found else float(not to_find), right / to_find if to_find else 1.0
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


def score_pairs_across(
    expected: Mapping[Key, int],
    predicted: Mapping[Key, int],
    languages: Mapping[Key, str],
) -> Score:
    """Returns the pairwise score of the pairs whose articles are in two languages."""
    right = to_find = found = 0
    articles = sorted(expected, key=str)
    for place, one in enumerate(articles):
        for two in articles[:place]:
            if languages[one] == languages[two]:
                continue
            is_expected = expected[one] == expected[two]
            is_predicted = predicted[one] == predicted[two]
            right += is_expected and is_predicted
            to_find += is_expected
            found += is_predicted
    return Score(
        right / found if found else float(not to_find), right / to_find if to_find else 1.0
    )


def keep_articles(labels: Mapping[Key, int], articles: Collection[Key]) -> dict[Key, int]:
    """Returns the labels of these articles only."""
    return {each: label for each, label in labels.items() if each in articles}


def _count_pairs(size: int) -> int:
    return size * (size - 1) // 2
