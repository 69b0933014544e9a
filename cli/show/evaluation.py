"""Shows how well stories and reports were found: the figures, and the worst errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.show.printing import EMPTY_CELL, print_table
from dedup.evaluation import Confusion, Figures

_MAX_NAMED = 3
_NO_CELLS = (" ",) * 4


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well the stories or the reports (`groups`) of a labelled set were found.

    `titles`: the headline of each article, or the beginning of its text.
    """

    set_name: str
    groups: str
    figures: Sequence[Figures]
    confusions: Sequence[Confusion[str]]
    titles: Mapping[str, str]


def figures_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Returns one row of plain values for each part of an evaluation."""
    return [
        {
            "set": evaluation.set_name,
            "groups": evaluation.groups,
            "part": each.part,
            "articles": each.articles,
            "labelled": each.groups,
            "found": each.found_groups,
            "pairs_labelled": each.pairs.to_find,
            "pairs_found": each.pairs.found,
            "pairs_right": each.pairs.right,
            "precision": each.pairs.score.precision,
            "recall": each.pairs.score.recall,
            "f1": each.pairs.score.f1,
            "b3_precision": each.b_cubed.precision if each.b_cubed else None,
            "b3_recall": each.b_cubed.recall if each.b_cubed else None,
            "b3_f1": each.b_cubed.f1 if each.b_cubed else None,
        }
        for each in evaluation.figures
    ]


def error_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Returns one row of plain values for each error, the one with the most wrong pairs first."""
    return [
        {
            "set": evaluation.set_name,
            "groups": evaluation.groups,
            "error": each.kind.value,
            "pairs": each.pairs,
            "a": list(each.first),
            "b": list(each.second),
            "a_title": evaluation.titles[each.first[0]],
            "b_title": evaluation.titles[each.second[0]],
        }
        for each in evaluation.confusions
    ]


def print_figures(evaluations: Sequence[Evaluation]) -> None:
    """Prints a table with one line for each part of each evaluation."""
    columns = ("set", "of", "part", ">articles", ">labelled", ">found", ">pairs")
    scores = (">P", ">R", ">F1", ">B³ P", ">B³ R", ">B³ F1")
    rows = [[*row.values()] for each in evaluations for row in figures_rows(each)]
    print_table(
        (*columns, *scores),
        (
            (*row[:7], *(EMPTY_CELL if each is None else f"{each:.3f}" for each in row[9:]))
            for row in rows
        ),
        drops=("pairs", "labelled", "found", "articles", "B³ P", "B³ R", "P", "R"),
    )


def print_errors(evaluations: Sequence[Evaluation]) -> None:
    """Prints a table with two lines for each error, one for each of the two sets of articles."""
    rows: list[tuple[object, ...]] = []
    for row in (row for each in evaluations for row in error_rows(each)):
        start = (row["set"], row["groups"], row["error"], row["pairs"])
        rows.append((*start, _format_ids(row["a"]), row["a_title"]))
        rows.append((*_NO_CELLS, _format_ids(row["b"]), row["b_title"]))
    if not rows:
        print("no errors")
        return
    columns = ("set", "of", "error", ">pairs", "~articles", "~headline")
    print_table(columns, rows, drops=("pairs", "of"))


def _format_ids(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MAX_NAMED} more" if len(ids) > _MAX_NAMED else ""
    return " ".join(ids[:_MAX_NAMED]) + more
