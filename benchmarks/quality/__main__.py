"""Measures stories and reports on labelled sets, and writes the figures into the documentation.

    python -m benchmarks.quality FOLDER ... [--repeats 5]

Each folder has `input.jsonl`, `docs.jsonl` (with `event`) and `groups.json`. Writes
benchmarks/results/quality.md, and the table between the two marks in docs/quality.md. Reports are
measured twice: with the weights of `dedup/reports/learned_weights.py`, which were fitted on such
sets, and cross-validated by event (`benchmarks.quality.report_weights`), which shows what new events get.
"""

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from benchmarks.quality.intervals import SHARE, Intervals, estimate_intervals
from benchmarks.quality.report_weights import LabelledSet, cross_validate, measure, read_set
from cli.engines.signing import read_documents
from cli.labels import ARTICLES_FILE
from dedup.bulk.cluster import cluster_documents
from dedup.evaluation import ACROSS_LANGUAGES, ALL, Figures, Score, compute_figures, label_groups
from dedup.reports.learned_weights import MIN_PROBABILITY
from dedup.signature.scheme import Scheme

ROOT = Path(__file__).parents[2]
RESULT, MANUAL = ROOT / "benchmarks/results/quality.md", ROOT / "docs/quality.md"
BEGIN, END = "<!-- figures: python -m benchmarks.quality -->", "<!-- end of figures -->"
SCHEME = Scheme(seed=20310506)
NAMES = {"ko": "Korean", "en": "English", "zh": "Chinese", "ru": "Russian", "ja": "Japanese"} | {
    "es": "Spanish",
    "fr": "French",
}


@dataclass(frozen=True)
class Measured:
    """The figures of one labelled set.

    `intervals`: by "stories" or "reports", and part. `validated`: the scores of each repetition.
    """

    name: str
    stories: list[Figures]
    reports: list[Figures]
    intervals: Mapping[tuple[str, str], Intervals]
    validated: Sequence[Mapping[str, Score]]


def measure_set(
    folder: Path, labelled: LabelledSet, validated: Sequence[Sequence[Sequence[str]]]
) -> Measured:
    """Returns the figures of a set; `validated`: its reports in each repetition.

    The articles are read as `nkwire evaluate` reads them, so its figures are the same. Raises
    ValueError if a line is no article.
    """
    copy_groups = json.loads((folder / "groups.json").read_text(encoding="utf-8"))["copy_groups"]
    ids: dict[int, str] = {}
    documents = list(read_documents([str(folder / ARTICLES_FILE)], ids, _refuse))
    found = cluster_documents(documents, SCHEME, relations=False)
    languages = {ids[each.id]: each.language for each in documents}
    events = {labelled.names[number]: event for number, event in labelled.events.items()}
    groups = {
        "stories": (copy_groups, [[ids[i] for i in each.members] for each in found.stories]),
        "reports": (labelled.groups, [[ids[i] for i in each] for each in found.report_members]),
    }
    figures = {kind: compute_figures(*both, languages) for kind, both in groups.items()}
    intervals = {}
    for kind, (expected, predicted) in groups.items():
        for part in (each.part for each in figures[kind] if each.b_cubed):
            own = [name for name in languages if part in (ALL, languages[name])]
            intervals[kind, part] = estimate_intervals(
                label_groups(expected, own), label_groups(predicted, own), events
            )
    return Measured(
        folder.name,
        figures["stories"],
        figures["reports"],
        intervals,
        [measure(labelled, reports) for reports in validated],
    )


def _refuse(_cause: str, line: str) -> None:
    raise ValueError(line)


def format_result(sets: Sequence[Measured], repeats: int) -> str:
    """Returns the text of benchmarks/results/quality.md."""
    folders = " ".join(each.name.upper() for each in sets)
    return f"""# How well stories and reports are found

`python -m benchmarks.quality {folders} --repeats {repeats}`. [docs/quality.md](../../docs/quality.md) says what the figures mean.
In brackets: the range of {SHARE:.0%} of the figures if the labelled events are drawn again 1,000 times.

## With the shipped weights

Rules and weights were made while these sets were looked at, so these figures flatter.

| set | of | part | articles | labelled | found | pairs | P | R | F1 | B³ P | B³ R | B³ F1 |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{_lines(_iter_shipped_rows(sets))}

## Reports, cross-validated by event

No pair is judged by weights that were fitted on the events of its two articles; the mean of {repeats} divisions of the events into five
parts, with the standard deviation of F1. The words, phrases and rules were still made with these sets.

| set | part | P | R | F1 | B³ P | B³ R | B³ F1 |
|---|---|--:|--:|--:|--:|--:|--:|
{_lines(_iter_validated_rows(sets))}
"""


def _iter_shipped_rows(sets: Sequence[Measured]) -> Iterator[Sequence[object]]:
    for each in sets:
        for kind, figures in (("stories", each.stories), ("reports", each.reports)):
            for row in figures:
                found = each.intervals.get((kind, row.part))
                yield (
                    *(each.name, kind, row.part, row.articles, row.groups, row.found_groups),
                    row.pairs.to_find,
                    *_cells(row.pairs.score, found.pairs if found else None),
                    *_cells(row.b_cubed, found.b_cubed if found else None),
                )


def _cells(score: Score | None, interval: tuple[float, float] | None) -> tuple[str, str, str]:
    if score is None:
        return "", "", ""
    wide = f" [{_format(interval[0])}, {_format(interval[1])}]" if interval else ""
    return _format(score.precision), _format(score.recall), _format(score.f1) + wide


def _iter_validated_rows(sets: Sequence[Measured]) -> Iterator[Sequence[object]]:
    for each in sets:
        for part in (row.part for row in each.reports):
            yield each.name, part, *_validated(each, part, "pairs"), *_validated(each, part, "b3")


def _validated(measured: Measured, part: str, kind: str) -> tuple[str, str, str]:
    name = {ALL: kind, ACROSS_LANGUAGES: "across"}.get(part, f"{part} {kind}")
    scores = [run[name] for run in measured.validated if name in run]
    if not scores or (part == ACROSS_LANGUAGES and kind == "b3"):
        return "", "", ""
    f1 = [score.f1 for score in scores]
    spread = f" ± {_format(stdev(f1))}" if len(f1) > 1 else ""
    return (
        _format(mean(score.precision for score in scores)),
        _format(mean(score.recall for score in scores)),
        _format(mean(f1)) + spread,
    )


def format_manual(sets: Sequence[Measured]) -> str:
    """Returns the table of docs/quality.md."""
    head = (
        "| set | articles | pairs of copies | copies F1 | copies B³ | pairs of one report"
        " | reports F1 | reports B³ | reports F1, cross-validated | reports B³, cross-validated |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    )
    return head + _lines(row for each in sets for row in _iter_manual_rows(each))


def _iter_manual_rows(measured: Measured) -> Iterator[Sequence[object]]:
    stories = {row.part: row for row in measured.stories}
    reports = {row.part: row for row in measured.reports}
    for part in {**stories, **reports}:
        story, report = stories.get(part), reports.get(part)
        label = NAMES.get(part, part)
        articles = (story or report or measured.stories[0]).articles
        yield (
            f"**{measured.name}**" if part == ALL else label,
            "" if part == ACROSS_LANGUAGES else articles,
            *_manual_cells(story),
            *_manual_cells(report),
            *(_validated(measured, part, kind)[2] if report else "" for kind in ("pairs", "b3")),
        )


def _manual_cells(figures: Figures | None) -> tuple[object, ...]:
    if figures is None or not figures.pairs.to_find:
        return "", "", ""
    score = figures.b_cubed
    return (
        figures.pairs.to_find,
        _format(figures.pairs.score.f1),
        _format(score.f1) if score else "",
    )


def _format(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _lines(rows: Iterator[Sequence[object]]) -> str:
    return "\n".join(f"| {' | '.join(map(str, row))} |".replace("  ", " ") for row in rows)


def main() -> None:
    """Measures, and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    sets = [read_set(folder, 1 + 100_000 * n) for n, folder in enumerate(arguments.folders)]
    runs = [cross_validate(sets, seed, MIN_PROBABILITY) for seed in range(arguments.repeats)]
    measured = [
        measure_set(folder, labelled, [run[labelled.name] for run in runs])
        for folder, labelled in zip(arguments.folders, sets, strict=True)
    ]
    result = format_result(measured, arguments.repeats)
    RESULT.write_text(result, encoding="utf-8")
    marked = f"{BEGIN}\n\n{format_manual(measured)}\n\n{END}"
    manual = MANUAL.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
    MANUAL.write_text(pattern.sub(lambda _: marked, manual), encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
