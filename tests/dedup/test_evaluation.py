"""The measures of quality, against worked examples of the papers and the scorer of the labels."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.evaluation import (
    ACROSS_LANGUAGES,
    ALL,
    IGNORING,
    ConfusionKind,
    PairCounts,
    Score,
    compute_figures,
    count_pairs,
    count_pairs_across,
    find_confusions,
    label_groups,
    score_b_cubed,
)

SHARED = Path(__file__).parents[2] / "../shared"

Labels = dict[int, int]
labellings = st.integers(0, 12).flatmap(
    lambda count: st.tuples(*[st.lists(st.integers(0, 4), min_size=count, max_size=count)] * 2)
)


def labelled(*groups: int) -> Labels:
    """The labels of twelve articles from the sizes of their groups, in the order of articles."""
    labels = [number for number, size in enumerate(groups) for _ in range(size)]
    return dict(enumerate(labels, start=1))


def test_b_cubed_equals_the_example_of_bagga_and_baldwin() -> None:
    truth = labelled(5, 2, 5)
    small_merged = labelled(5, 7)
    large_merged = {each: 1 if each in (6, 7) else 0 for each in truth}
    first, second = score_b_cubed(truth, small_merged), score_b_cubed(truth, large_merged)
    assert (round(first.precision, 3), first.recall) == (0.762, 1)  # the paper prints 76 %
    assert (round(second.precision, 3), second.recall) == (0.583, 1)  # and 58 %


def test_pairs_equal_the_example_of_manning_raghavan_and_schutze() -> None:
    clusters = ("xxxxxo", "xoooo+", "xx+++")
    truth = dict(enumerate(map(ord, "".join(clusters))))
    found = labelled(*map(len, clusters))
    counts = count_pairs(truth, {each - 1: label for each, label in found.items()})
    assert counts == PairCounts(right=20, found=40, to_find=44)
    assert (counts.score.precision, round(counts.score.recall, 3)) == (0.5, 0.455)


def test_articles_that_nobody_groups_do_not_count_in_b_cubed() -> None:
    truth, found = labelled(2, 1, 1, 1), labelled(1, 1, 1, 1, 1)
    assert score_b_cubed(truth, found) == Score(1.0, 0.5)


def test_without_any_group_nothing_is_wrong() -> None:
    assert count_pairs({}, {}).score == score_b_cubed({}, {}) == Score(1.0, 1.0)
    alone = labelled(1, 1, 1)
    assert count_pairs(alone, alone).score.f1 == score_b_cubed(alone, alone).f1 == 1


def test_without_a_found_pair_precision_is_0_if_there_was_one_to_find() -> None:
    assert count_pairs(labelled(2, 1), labelled(1, 1, 1)).score == Score(0.0, 0.0)
    assert count_pairs(labelled(2, 1), labelled(1, 1, 1)).score.f1 == 0
    assert count_pairs(labelled(1, 1), labelled(2)).score == Score(0.0, 1.0)


def test_groups_that_share_an_article_are_one_and_strangers_are_left_out() -> None:
    labels = label_groups([["a", "b"], ["c", "d"], ["b", "stranger", "c"]], "abcde")
    assert labels["a"] == labels["b"] == labels["c"] == labels["d"] != labels["e"]
    assert [*labels] == [*"abcde"]


def test_pairs_across_languages_are_those_of_two_languages() -> None:
    languages = {1: "ko", 2: "en", 3: "en", 4: "ko"}
    truth, found = {1: 0, 2: 0, 3: 0, 4: 1}, {1: 0, 2: 0, 3: 1, 4: 0}
    # To find: 1-2 and 1-3. Found: 1-2 and 4-2.
    assert count_pairs_across(truth, found, languages) == PairCounts(1, 2, 2)


def test_figures_come_for_all_each_language_and_across() -> None:
    languages = {1: "ko", 2: "ko", 3: "ko", 4: "en", 5: "en"}
    figures = compute_figures([[1, 2], [3, 4]], [[1, 2, 4]], languages, ignored=[(2, 4)])
    by_part = {each.part: each for each in figures}
    assert [*by_part] == [ALL, IGNORING, "ko", ACROSS_LANGUAGES]
    assert by_part[ALL].pairs == PairCounts(right=1, found=3, to_find=2)
    assert by_part[IGNORING].pairs == PairCounts(right=1, found=2, to_find=2)
    assert by_part["ko"].pairs.score.f1 == 1
    assert (by_part["ko"].articles, by_part["ko"].groups, by_part["ko"].found_groups) == (3, 1, 1)
    assert by_part[ACROSS_LANGUAGES].pairs == PairCounts(right=0, found=2, to_find=1)
    assert by_part[ACROSS_LANGUAGES].b_cubed is None


def test_a_language_in_which_nothing_is_grouped_has_no_figures() -> None:
    figures = compute_figures([[1, 2]], [[1, 2]], {1: "ko", 2: "ko", 3: "en"})
    assert [each.part for each in figures] == [ALL, "ko"]


def test_one_language_has_one_line_of_figures() -> None:
    assert [each.part for each in compute_figures([[1, 2]], [], {1: "ko", 2: "ko"})] == [ALL]


def test_an_ignored_pair_that_is_right_still_counts() -> None:
    truth = labelled(2, 1)
    assert count_pairs(truth, truth, ignored=[(1, 2), (1, 99)]) == PairCounts(1, 1, 1)


def test_confusions_come_with_the_most_wrong_pairs_first() -> None:
    truth = {"a": 0, "b": 0, "c": 1, "d": 1, "e": 2, "f": 2}
    found = {"a": 0, "b": 0, "c": 0, "d": 0, "e": 1, "f": 2}
    worst, next_one = find_confusions(truth, found, limit=5)
    assert (worst.kind, worst.pairs) == (ConfusionKind.MERGED, 4)
    assert (worst.first, worst.second) == (("a", "b"), ("c", "d"))
    assert (next_one.kind, next_one.first, next_one.second) == ("missed", ("e",), ("f",))
    assert find_confusions(truth, found, limit=1) == [worst]


def test_the_largest_part_of_a_wrong_group_is_set_against_each_other_part() -> None:
    truth, found = labelled(1, 3, 2), labelled(6)
    confusions = find_confusions(truth, found, limit=10)
    assert [(each.first, each.second) for each in confusions] == [
        ((2, 3, 4), (5, 6)),
        ((2, 3, 4), (1,)),
    ]


@given(labellings)
def test_scores_are_shares_and_swapping_the_sides_swaps_precision_and_recall(
    labels: tuple[list[int], list[int]],
) -> None:
    truth, found = (dict(enumerate(each)) for each in labels)
    for score, swapped in (
        (score_b_cubed(truth, found), score_b_cubed(found, truth)),
        (count_pairs(truth, found).score, count_pairs(found, truth).score),
    ):
        assert 0 <= score.precision <= 1
        assert 0 <= score.recall <= 1
        if count_pairs(truth, found).found and count_pairs(truth, found).to_find:
            assert (score.precision, score.recall) == pytest.approx(
                (swapped.recall, swapped.precision)
            )


@given(labellings)
def test_only_equal_groups_score_1_and_have_no_confusion(
    labels: tuple[list[int], list[int]],
) -> None:
    truth, found = (dict(enumerate(each)) for each in labels)
    counts = count_pairs(truth, found)
    is_equal = counts.right == counts.found == counts.to_find
    assert (score_b_cubed(truth, found).f1 == 1) is is_equal
    assert (counts.score.f1 == 1) is is_equal
    assert (find_confusions(truth, found, limit=1000) == []) is is_equal


@given(labellings)
def test_names_of_groups_and_order_of_articles_change_nothing(
    labels: tuple[list[int], list[int]],
) -> None:
    truth, found = (dict(enumerate(each)) for each in labels)
    renamed = {each: 100 - label for each, label in reversed(truth.items())}
    assert count_pairs(renamed, found) == count_pairs(truth, found)
    assert score_b_cubed(renamed, found).f1 == pytest.approx(score_b_cubed(truth, found).f1)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["gold", "gold2"])
@pytest.mark.parametrize("language", ["", "ko", "en"])
def test_numbers_equal_those_of_the_scorer_beside_the_labels(
    name: str, language: str, tmp_path: Path
) -> None:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip("the labelled articles are not beside the checkout")
    groups = json.loads((folder / "groups.json").read_text(encoding="utf-8"))
    names = [row["id"] for row in read_rows(folder / "docs.jsonl") if language in ("", row["lang"])]
    chosen = random.Random(7)
    predicted = [
        [each for each in group if chosen.random() < 0.7] + [chosen.choice(names)]
        for group in (*groups["copy_groups"], *groups["reports"].values())
    ]
    theirs = score_elsewhere(folder, predicted, language, tmp_path / "predicted.json")
    for task, labels in (("copy", groups["copy_groups"]), ("report", groups["reports"].values())):
        truth, found = label_groups(labels, names), label_groups(predicted, names)
        pairs, b_cubed = count_pairs(truth, found).score, score_b_cubed(truth, found)
        assert pairs.precision == pytest.approx(theirs[task]["precision"])
        assert pairs.recall == pytest.approx(theirs[task]["recall"])
        assert pairs.f1 == pytest.approx(theirs[task]["f1"])
        assert b_cubed.f1 == pytest.approx(theirs[task]["b3_active_f1"])
    rows = read_rows(folder / "pairs.jsonl")
    partial = {(row["a"], row["b"]) for row in rows if row["label"] == "partial"}
    truth, found = label_groups(groups["copy_groups"], names), label_groups(predicted, names)
    assert count_pairs(truth, found, partial).score.f1 == pytest.approx(
        theirs["copy"]["f1_partial_ignored"]
    )


def read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def score_elsewhere(
    folder: Path, predicted: list[list[str]], language: str, file: Path
) -> dict[str, dict[str, float]]:
    """What the script beside the labels says of predicted groups, by task."""
    file.write_text(json.dumps(predicted))
    chosen = ["--lang", language] if language else []
    answer = subprocess.run(
        [sys.executable, str(folder / "eval.py"), str(folder), str(file), *chosen, "--json"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    found: dict[str, dict[str, float]] = json.loads(answer.stdout)
    return found
