"""Why two articles are together, or are not: every step that decided it, for a person to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dedup.compare import compare
from dedup.features import features
from dedup.records import Decision, Document, Relation
from dedup.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at, what was found, and whether it speaks for one story."""

    looked_at: str
    found: str
    speaks_for: bool | None  # None: it only informs


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole reasoning about two articles."""

    a: int
    b: int
    together: bool
    steps: tuple[Step, ...]
    relation: Relation | None

    def lines(self) -> list[str]:
        """One line per step, the verdict first."""
        verdict = "are one story" if self.together else "are not one story"
        marks = {True: "+", False: "-", None: " "}
        return [
            f"{self.a} and {self.b} {verdict}",
            *(f"{marks[s.speaks_for]} {s.looked_at}: {s.found}" for s in self.steps),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {
            "a": self.a,
            "b": self.b,
            "together": self.together,
            "steps": [
                {"looked_at": s.looked_at, "found": s.found, "speaks_for": s.speaks_for}
                for s in self.steps
            ],
        }


def explain(
    a: Document, b: Document, scheme: Scheme, decisions: Sequence[Decision] = ()
) -> Explanation:
    """The reasoning about two articles by themselves."""
    one, two = features(a, scheme), features(b, scheme)
    bands = len(np.intersect1d(one.bands, two.bands))
    fingerprints = len(np.intersect1d(one.fingerprints, two.fingerprints))
    relation = compare(a, b)
    steps = (
        Step("bands", f"{bands} of {scheme.bands} shared", None),
        Step("fingerprints", f"{fingerprints} shared", None),
        Step(
            "texts",
            relation.reason if relation else "they share no words that count",
            bool(relation and relation.merges),
        ),
    )
    return Explanation(a.id, b.id, bool(relation and relation.merges), steps, relation)
