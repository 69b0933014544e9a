"""The runs of a day in numbers: what an outlet's usual is told from, and its chart. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from storage.health.signs import read_sign
from storage.records import Run

FIELDS = ("title", "text", "lead", "authors", "published_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The crawls of one day (UTC) in numbers.

    `bad`: those that failed; `seen`: those whose sources answered; `pages`: fetched; `read`: articles
    among them; `fields`: how many of these had each; `listed`: the fewest links of a run, None where
    no run had all.
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


def fold(day: date, runs: Iterable[Run]) -> Day:
    """Sum up the runs that began on a day."""
    signs = [sign for run in runs if (sign := read_sign(run))]
    total = Counter[str]()
    for sign in signs:
        total.update(sign.run.counts)
    return Day(
        day=day,
        runs=len(signs),
        bad=sum(sign.wrong is not None for sign in signs),
        seen=sum(sign.sources == "" for sign in signs),
        new=total["stored.new"],
        edited=total["stored.edited"],
        pages=total["page.fetched"],
        read=sum(sign.read for sign in signs),
        listed=min((s.count("listed") for s in signs if s.lists_all), default=None),
        fields={name: total[f"field.{name}"] for name in FIELDS if total[f"field.{name}"]},
    )
