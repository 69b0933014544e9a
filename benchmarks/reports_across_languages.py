"""Measures how well the keys of the lexicon tell pairs of one report in two languages.

Usage: python -m benchmarks.reports_across_languages LABELS...

LABELS are directories with `input.jsonl` and `groups.json` of labelled articles. Pairs of articles in
two languages that carry one report are set against pairs within three days that do not, and are not
on one event: first those of two reports, then all. A pair's likeness is the sum of the weights of the
shared keys, or their weighted cosine, or the product of both. The table gives the recall at a
precision of .85 and of .5, and the area under the curve of true against false positives.
"""

import json
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations, groupby
from math import fsum, sqrt
from pathlib import Path

from dedup.reports.concepts import concept_weights, find_concepts
from dedup.reports.names import NAME_WEIGHT, PREFIX, find_names
from dedup.reports.quantities import find_quantities, quantity_weight

_WINDOW = timedelta(days=3)
_LEAD_LETTERS = {"ko": 300, "zh": 250, "ja": 250}
_OTHER_LEAD_LETTERS = 600

Find = Callable[[str], frozenset[str]]
FINDERS: dict[str, Find] = {
    "concepts": find_concepts,
    "concepts, names": lambda text: find_concepts(text) | find_names(text),
    "concepts, names, quantities": lambda text: (
        find_concepts(text) | find_names(text) | find_quantities(text)
    ),
}


@dataclass(frozen=True)
class Article:
    """A labelled article. `reports` and `events`: the labels it has."""

    title: str
    text: str
    language: str
    published_at: datetime
    reports: frozenset[str]
    events: frozenset[str]

    def beginning(self) -> str:
        """Returns the headline and the beginning of the text, or all of a short text."""
        letters = _LEAD_LETTERS.get(self.language, _OTHER_LEAD_LETTERS)
        return f"{self.title}\n{self.text[:letters]}"


@dataclass(frozen=True)
class Pair:
    """Two articles in two languages. `kind`: same report, two reports, or other."""

    one: Article
    other: Article
    kind: str


def read_articles(directory: Path) -> Iterator[Article]:
    """Yields the articles of a labelled set that have a day."""
    groups = json.loads((directory / "groups.json").read_bytes())
    for line in (directory / "input.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        if row["published_at"]:
            at = datetime.fromisoformat(row["published_at"])
            yield Article(
                row["title"],
                row["text"],
                row["language"][:2],
                at if at.tzinfo else at.replace(tzinfo=UTC),
                *(
                    frozenset(name for name, ids in groups[kind].items() if row["id"] in ids)
                    for kind in ("reports", "events")
                ),
            )


def iter_pairs(articles: list[Article]) -> Iterator[Pair]:
    """Yields pairs of one report, and pairs near in time of neither one report nor one event."""
    for one, other in combinations(articles, 2):
        if one.language == other.language:
            continue
        if one.reports & other.reports:
            yield Pair(one, other, "same report")
        elif abs(one.published_at - other.published_at) <= _WINDOW and not (
            one.events & other.events
        ):
            yield Pair(one, other, "two reports" if one.reports and other.reports else "other")


@cache
def weight(key: str) -> float:
    """Returns the weight of a concept, name or quantity."""
    if key.startswith(PREFIX):
        return NAME_WEIGHT
    weights = concept_weights()
    return weights[key] if key in weights else quantity_weight(key)


def likenesses(one: frozenset[str], other: frozenset[str]) -> dict[str, float]:
    """Returns the likeness of two sets of keys by each measure."""
    overlap = fsum(map(weight, one & other))
    norms = [sqrt(fsum(weight(key) ** 2 for key in keys)) for keys in (one, other)]
    dot = fsum(weight(key) ** 2 for key in one & other)
    cosine = dot / (norms[0] * norms[1]) if dot else 0.0
    return {"overlap": overlap, "cosine": cosine, "product": overlap * cosine}


def recall_at(precision: float, scored: list[tuple[float, bool]]) -> float:
    """Returns the greatest recall of a threshold that has this precision."""
    total = sum(same for _, same in scored)
    best, found, true = 0.0, 0, 0
    for likeness, group in groupby(sorted(scored, reverse=True), key=lambda pair: pair[0]):
        same = [is_same for _, is_same in group]
        found, true = found + len(same), true + sum(same)
        if likeness > 0 and true / found >= precision:
            best = max(best, true / total)
    return best


def area(scored: list[tuple[float, bool]]) -> float:
    """Returns the chance that a pair of one report is more alike than another pair."""
    others = sorted(likeness for likeness, same in scored if not same)
    pairs = [likeness for likeness, same in scored if same]
    ranks = ((bisect_left(others, x) + bisect_right(others, x)) / 2 for x in pairs)
    return fsum(ranks) / len(pairs) / len(others)


def print_table(
    pairs: list[Pair], find: Find, label: str, text_of: Callable[[Article], str]
) -> None:
    """Prints the figures of one set of keys on one part of the texts."""
    keys = {
        id(article): find(text_of(article)) for pair in pairs for article in (pair.one, pair.other)
    }
    for kinds in (("same report", "two reports"), ("same report", "two reports", "other")):
        chosen = [pair for pair in pairs if pair.kind in kinds]
        measured = [
            (likenesses(keys[id(pair.one)], keys[id(pair.other)]), pair.kind == "same report")
            for pair in chosen
        ]
        for measure in ("overlap", "cosine", "product"):
            scored = [(likeness[measure], same) for likeness, same in measured]
            print(
                f"{label:36} {'all' if len(kinds) == 3 else 'of reports':10} {measure:8}"
                f" {recall_at(0.85, scored):.2f} {recall_at(0.5, scored):.2f} {area(scored):.3f}"
            )


def main(directories: list[Path]) -> None:
    """Prints the tables."""
    pairs = [
        pair for directory in directories for pair in iter_pairs(list(read_articles(directory)))
    ]
    for kind in ("same report", "two reports", "other"):
        print(sum(pair.kind == kind for pair in pairs), "pairs:", kind)
    print(f"{'keys':36} {'others':10} {'likeness':8}  .85   .5 area")
    for label, find in FINDERS.items():
        print_table(pairs, find, f"{label}; lead", Article.beginning)
        print_table(pairs, find, f"{label}; all", lambda each: f"{each.title}\n{each.text}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main([Path(name) for name in sys.argv[1:]])
