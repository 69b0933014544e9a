"""Compares the stories, reports and decisions of two snapshots. No I/O.

Stories and reports match by the articles that both snapshots have, so the numbers may be of two databases.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_MAX_EXAMPLES = 20


@dataclass(slots=True)
class Tally:
    """The number of cases of each kind, and up to 20 of them in words."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        """Adds a case."""
        self.counts[kind] += 1
        examples = self.examples.setdefault(kind, [])
        if len(examples) < _MAX_EXAMPLES:
            examples.append(example)


@dataclass(frozen=True, slots=True)
class DecidedPair:
    """A person's decision. `urls`: the addresses of the two articles, sorted."""

    verb: str
    urls: tuple[str, str]

    def __str__(self) -> str:
        return f"{self.verb}: {self.urls[0]} {self.urls[1]}"


def compare_reports(shared: Mapping[tuple[int, int], int]) -> Tally:
    """Returns the reports that were merged, split or renumbered; see `compare_stories`."""
    return compare_stories(shared, {}, {}, letter="r")


def compare_stories(
    shared: Mapping[tuple[int, int], int],
    old_leads: Mapping[int, bytes],
    new_leads: Mapping[int, bytes],
    *,
    letter: str = "s",
) -> Tally:
    """Returns the stories that were merged, split, renumbered, or have another lead document.

    `shared`: how many articles each old and each new story have in common; the keys are pairs of
    their numbers. An old story lives on in the new story with its number, else in the one with most
    of its articles (ties: the lowest number). `old_leads`, `new_leads`: a digest of the lead document of
    each story. `letter`: the one before a number.
    """
    tally = Tally()
    by_old: dict[int, dict[int, int]] = defaultdict(dict)
    for (old, new), count in shared.items():
        by_old[old][new] = count
    heirs = {
        old: min(counts, key=lambda new: (new != old, -counts[new], new))
        for old, counts in by_old.items()
    }
    olds_by_heir: dict[int, list[int]] = defaultdict(list)
    for old, new in sorted(heirs.items()):
        olds_by_heir[new].append(old)
    for new, olds in sorted(olds_by_heir.items()):
        keeper = new if new in olds else olds[0]
        for old in olds:
            if old != keeper:
                tally.add("merged", f"{letter}{old} is part of {letter}{new}")
        if keeper != new:
            tally.add("renumbered", f"{letter}{keeper} is {letter}{new}")
        if old_leads.get(keeper) != new_leads.get(new):
            tally.add("other lead", f"{letter}{new}")
    for old, counts in sorted(by_old.items()):
        if parts := sorted(counts.keys() - {heirs[old]}):
            told = ", ".join(f"{counts[new]} of its articles are in {letter}{new}" for new in parts)
            tally.add("split", f"{letter}{old}: {told}")
    return tally


def compare_decisions(
    old: Mapping[Collection[bytes], DecidedPair], new: Mapping[Collection[bytes], DecidedPair]
) -> Tally:
    """Returns the decisions that were made and taken back; a reversed one is both.

    The keys are digests of the identities of the two articles.
    """
    tally = Tally()
    for kind, each in _iter_changed(old, new):
        tally.add(kind, str(each))
    return tally


def _iter_changed(
    old: Mapping[Collection[bytes], DecidedPair], new: Mapping[Collection[bytes], DecidedPair]
) -> Iterator[tuple[str, DecidedPair]]:
    for kind, here, there in (("made", new, old), ("taken back", old, new)):
        missing = (
            each
            for key, each in here.items()
            if (other := there.get(key)) is None or other.verb != each.verb
        )
        yield from ((kind, each) for each in sorted(missing, key=str))


def pair_decisions(
    decisions: Iterable[tuple[int, int, str]], articles: Mapping[int, tuple[bytes, str]]
) -> dict[Collection[bytes], DecidedPair]:
    """Returns decisions by the identities of their articles; those on unknown ids are left out.

    `decisions`: two article ids and a verb. `articles`: identity digest and address, by id.
    """
    pairs: dict[Collection[bytes], DecidedPair] = {}
    for a, b, verb in decisions:
        if a in articles and b in articles:
            first, second = sorted((articles[a], articles[b]), key=lambda each: each[1])
            pairs[frozenset((first[0], second[0]))] = DecidedPair(verb, (first[1], second[1]))
    return pairs
