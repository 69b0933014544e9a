"""Sums up the runs of a day, for the usual values of an outlet and for charts. Pure functions."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from storage.counts import Count
from storage.health.run_evidence import interpret_run
from storage.records import Run

FIELD_COUNTS: Mapping[str, Count] = {
    "title": Count.FIELD_TITLE,
    "text": Count.FIELD_TEXT,
    "lead": Count.FIELD_LEAD,
    "authors": Count.FIELD_AUTHORS,
    "published_at": Count.FIELD_PUBLISHED_AT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthDay:
    """The sums of the crawls of one day (UTC).

    `runs`: runs with evidence; `bad`: failed runs; `seen`: runs whose sources answered. `new`,
    `edited`: stored articles. `pages`: fetched pages; `read`: articles among them; `fields`: number
    of these articles that have each field. `listed`: the smallest number of links of a run that
    read all sources; None if no run did.
    """

    day: date
    runs: int = 0
    bad: int = 0
    seen: int = 0
    new: int = 0
    edited: int = 0
    pages: int = 0
    read: int = 0
    listed: int | None = None
    fields: Mapping[str, int] = field(default_factory=dict)


def summarise_day(day: date, runs: Iterable[Run]) -> HealthDay:
    """Sums up the runs that began on a day; runs without evidence are left out."""
    run_evidence = [evidence for run in runs if (evidence := interpret_run(run))]
    totals = Counter[str]()
    for evidence in run_evidence:
        totals.update(evidence.run.counts)
    return HealthDay(
        day=day,
        runs=len(run_evidence),
        bad=sum(evidence.failure is not None for evidence in run_evidence),
        seen=sum(evidence.sources == "" for evidence in run_evidence),
        new=totals[Count.STORED_NEW],
        edited=totals[Count.STORED_EDITED],
        pages=totals[Count.PAGE_FETCHED],
        read=sum(evidence.articles_read for evidence in run_evidence),
        listed=min(
            (each.count(Count.LISTED) for each in run_evidence if each.lists_all_sources),
            default=None,
        ),
        fields={name: totals[count] for name, count in FIELD_COUNTS.items() if totals[count]},
    )
