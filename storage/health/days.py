"""Sums up the runs of a day, for the usual values of an outlet and for charts. Pure functions."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from storage.health.run_evidence import interpret_run
from storage.records import Run

WATCHED_FIELDS = ("title", "text", "lead", "authors", "published_at")


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
    signs = [sign for run in runs if (sign := interpret_run(run))]
    total = Counter[str]()
    for sign in signs:
        total.update(sign.run.counts)
    return HealthDay(
        day=day,
        runs=len(signs),
        bad=sum(sign.failure is not None for sign in signs),
        seen=sum(sign.sources == "" for sign in signs),
        new=total["stored.new"],
        edited=total["stored.edited"],
        pages=total["page.fetched"],
        read=sum(sign.articles_read for sign in signs),
        listed=min((s.count("listed") for s in signs if s.lists_all_sources), default=None),
        fields={name: total[f"field.{name}"] for name in WATCHED_FIELDS if total[f"field.{name}"]},
    )
