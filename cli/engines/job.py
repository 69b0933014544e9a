"""What every executor must know of a run of an engine; small, and sent to all of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from dedup.records import Decision
from dedup.signature.scheme import Scheme
from dedup.text.kernel_loader import KernelMode

_FILE_BITS = 32


@dataclass(frozen=True, slots=True)
class Reading:
    """What articles are read with. `now`: the time of the run. `ranks`: of outlets, by name."""

    now: datetime
    ranks: Mapping[str, int]

    @classmethod
    def start(cls) -> "Reading":
        """Returns the present time and the declared outlets."""
        from crawler.registry import outlets

        ranks = {name: outlet.agency_rank for name, outlet in outlets().items()}
        return cls(datetime.now(UTC), ranks)


@dataclass(frozen=True)
class Job:
    """A run. `addresses`: the files in order. `with_spans`: whether relations are written.

    `with_reports`: whether reports or relations are.
    """

    addresses: tuple[str, ...]
    reading: Reading
    scheme: Scheme
    kernel: KernelMode
    with_spans: bool
    with_reports: bool
    decisions: tuple[Decision, ...] = ()

    @cached_property
    def decided(self) -> Collection[int]:
        """The ids of the articles that persons decided about."""
        return frozenset(self.decisions_by_id)

    @cached_property
    def decisions_by_id(self) -> Mapping[int, list[Decision]]:
        """The decisions about each article."""
        found: dict[int, list[Decision]] = {}
        for decision in self.decisions:
            for end in {decision.a, decision.b}:
                found.setdefault(end, []).append(decision)
        return found


def document_id(file: int, number: int) -> int:
    """Returns the id of the article in a row of a file; ids ascend in the order of the corpus."""
    return (file + 1) << _FILE_BITS | number


def number_of(document: int) -> int:
    """Returns the number of the row that an article came from."""
    return document & ((1 << _FILE_BITS) - 1)


def file_of(document: int) -> int:
    """Returns the number of the file that an article came from."""
    return (document >> _FILE_BITS) - 1
