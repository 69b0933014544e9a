"""Reads the decisions of persons for `nkwire cluster`, by the ids in the file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.errors import UserError
from dedup.records import Decision, DecisionVerb
from storage.archive.location import looks_like_address
from storage.importers.jsonl_reader import BadLine, read_jsonl_rows

UNKNOWN_ARTICLE = "decision about no article"
"""Why a decision is left out."""


@dataclass(frozen=True, slots=True)
class NamedDecision:
    """A decision about two articles that are named by their ids in the file."""

    a: str
    b: str
    verb: DecisionVerb


def read_decisions(path: Path) -> list[NamedDecision]:
    """Returns the decisions in a file of JSON lines: `a`, `b` and `verb`; of a pair, the last.

    Raises UserError if the file is missing or a line is no decision, OSError if it cannot be read.
    """
    if looks_like_address(path):
        raise UserError(f"{path}: decisions are read from a file of this machine")
    if not path.exists():
        raise UserError(f"{path}: no such file")
    decisions: dict[tuple[str, ...], NamedDecision] = {}
    for number, row in read_jsonl_rows(path):
        reason = row.reason if isinstance(row, BadLine) else _find_fault(row)
        if reason or isinstance(row, BadLine):
            raise UserError(f"{path}:{number}: {reason}")
        found = NamedDecision(str(row["a"]), str(row["b"]), DecisionVerb(row["verb"]))
        decisions[tuple(sorted((found.a, found.b)))] = found
    return list(decisions.values())


def _find_fault(row: Mapping[str, object]) -> str:
    if any(not isinstance(row.get(end), str | int) or row.get(end) == "" for end in ("a", "b")):
        return "a decision needs the ids of two articles, a and b"
    if str(row["a"]) == str(row["b"]):
        return "a decision is about two different articles"
    if row.get("verb") not in list(DecisionVerb):
        return f"the verb is {' or '.join(DecisionVerb)}, not {row.get('verb')!r}"
    return ""


def resolve_decisions(
    decisions: Iterable[NamedDecision],
    ids: Mapping[str, int],
    on_unknown: Callable[[str], None],
) -> Iterator[Decision]:
    """Yields the decisions with the numbers of their articles.

    `ids`: the number of each article by its id in the file. `on_unknown`: called with a message for
    each decision about an article that is not there.
    """
    for each in decisions:
        unknown = [name for name in (each.a, each.b) if name not in ids]
        if unknown:
            on_unknown(f"the decision about {each.a!r} and {each.b!r}: no article {unknown[0]!r}")
            continue
        low_id, high_id = sorted((ids[each.a], ids[each.b]))
        yield Decision(low_id, high_id, each.verb)
