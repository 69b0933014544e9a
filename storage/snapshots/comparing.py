"""Two corpora compared without their texts: which articles of one are copies of which of the other.

Rows of exports suffice, also of those with `--text none`: `content_sha256` finds equal articles, the
`sketch` near copies. Candidates share one of the smallest hashes, as pairs that resemble each other
nearly always do (Broder, On the resemblance and containment of documents, 1997); all are then estimated.

    from storage.snapshots.comparing import matches, read_rows
    for match in matches(read_rows("ours.jsonl.gz"), read_rows("theirs.jsonl.gz")):
        print(match.a, match.b, match.resemblance)
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.export.sketch import hashes_of, resemblance, sketch
from storage.importers.files import rows_of
from storage.importers.lines import BadLine, BadRow

LEAST = 0.5
_KEYS = 12
_CROWDED = 200


@dataclass(frozen=True, slots=True)
class Match:
    """An article of one corpus and one of the other, by their addresses; `resemblance` is 0 to 1."""

    a: str
    b: str
    resemblance: float


@dataclass(frozen=True, slots=True)
class _Known:
    url: str
    sha256: str
    sketch: str


def matches(
    ours: Iterable[Mapping[str, Any]],
    theirs: Iterable[Mapping[str, Any]],
    *,
    least: float = LEAST,
) -> Iterator[Match]:
    """The pairs at least so alike, those of one article together, the most alike first.

    The rows of `ours` are held in memory without their texts (about 2 KB each), those of `theirs` are
    a stream. A hash that over 200 of ours begin with says nothing and is passed over.
    """
    held = [_known(row) for row in ours]
    by_content, by_hash = _index(held)
    for row in theirs:
        one = _known(row)
        same = by_content.get(one.sha256, []) if one.sha256 else []
        near = {i for key in _keys(one) for i in by_hash.get(key, ())} - set(same)
        found = [Match(held[i].url, one.url, 1.0) for i in same]
        found += [
            Match(held[i].url, one.url, resemblance(held[i].sketch, one.sketch)) for i in near
        ]
        found.sort(key=lambda match: (-match.resemblance, match.a))
        yield from (match for match in found if match.resemblance >= least)


def read_rows(path: str | Path) -> Iterator[Mapping[str, Any]]:
    """The rows of an export in JSON lines, CSV or Parquet. Raises OSError, MissingLibrary, BadRow."""
    for number, row in rows_of(Path(path)):
        if isinstance(row, BadLine):
            raise BadRow(f"{path}:{number}: {row.reason}")
        yield row


def _known(row: Mapping[str, Any]) -> _Known:
    sketched = row.get("sketch") or sketch(str(row.get("text") or row.get("maintext") or ""))
    return _Known(str(row.get("url") or ""), str(row.get("content_sha256") or ""), str(sketched))


def _keys(known: _Known) -> list[str]:
    return hashes_of(known.sketch)[:_KEYS]


def _index(held: list[_Known]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    by_content, by_hash = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for place, known in enumerate(held):
        by_content[known.sha256].append(place)
        for key in _keys(known):
            by_hash[key].append(place)
    return by_content, {k: some for k, some in by_hash.items() if len(some) <= _CROWDED}
