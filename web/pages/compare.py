"""Shows two articles side by side, and explains why they belong together."""

from dataclasses import dataclass

from dedup.explain import Step
from storage.index.unplaced import story_number
from storage.reports.pair import StoredPair, explain_stored_pair
from web.comparison import Comparison, View, load_comparison
from web.page import Page, Query
from web.parameters import Parameter, ParameterKind, parse_number

_QUOTING_STEPS = frozenset({"shared passage", "source"})
"""Steps that quote the texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage:
    """Two articles side by side.

    `together`: whether they are one story. `same_report`: whether they carry one report. `steps`:
    the checks that led there. `remark`: why the corpus sees it otherwise than the two texts alone.
    `story_a`, `report_a` and so on: where the two are in the corpus.
    """

    comparison: Comparison
    together: bool
    same_report: bool
    steps: tuple[Step, ...]
    remark: str
    story_a: int | None
    story_b: int | None
    report_a: int | None
    report_b: int | None


def load(query: Query) -> ComparePage:
    """Reads and compares two articles. Raises NotFound, and InvalidRequest for one article twice."""
    a, b = parse_number(query.ids["a"]), parse_number(query.ids["b"])
    pair = explain_stored_pair(query.database, a, b)
    view = None if query["view"] is None else View(query["view"])
    comparison = load_comparison(query, a, b, view)
    return ComparePage(
        comparison=comparison,
        together=pair.explanation.together,
        same_report=pair.explanation.same_report,
        steps=_shown_steps(pair, comparison),
        remark=pair.compare_with_group(),
        story_a=story_number(pair.stories[a]),
        story_b=story_number(pair.stories[b]),
        report_a=pair.reports.get(a),
        report_b=pair.reports.get(b),
    )


def _shown_steps(pair: StoredPair, comparison: Comparison) -> tuple[Step, ...]:
    """Returns the steps, without quotes from texts that may not be shown."""
    hides = comparison.a.is_restricted or comparison.b.is_restricted
    return tuple(
        step for step in pair.explanation.steps if not (hides and step.looked_at in _QUOTING_STEPS)
    )


PAGE = Page(
    name="compare",
    path="/compare/{a}/{b}",
    summary="Two articles side by side, and why they belong together or not.",
    template="compare.html",
    model=ComparePage,
    load=load,
    parameters=(
        Parameter(
            name="view",
            kind=ParameterKind.CHOICE,
            choices=tuple(View),
            description="What is marked: differences, or passages in both. Without it, what suits.",
        ),
    ),
    section="/reports",
)
