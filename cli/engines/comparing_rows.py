"""The middle steps of an engine as functions of Arrow batches: from candidates to components."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa

from cli.engines.arrow_rows import Batches, Row, iter_rows, to_batches
from cli.engines.components import find_roots, load_roots, look_up
from cli.engines.job import Job
from cli.engines.outputs import relation_line
from dedup.bulk import steps
from dedup.bulk.flat_rows import DOCUMENTS, RELATIONS
from dedup.records import Document, Relation

RELATION_ROWS = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("merges", pa.bool_()),
        ("is_witness", pa.bool_()),
        ("surplus", pa.bool_()),
        ("relation", pa.binary()),
        ("a_name", pa.binary()),
        ("b_name", pa.binary()),
    ]
)
"""A relation, with the ids in the files of its articles."""

ROOTS = pa.schema([("roots", pa.binary())])
"""Many pairs of an article and the first one of its component, as int64."""

NEEDED = pa.schema([("root", pa.int64()), ("part", pa.int8()), ("id", pa.int64())])
"""An article that is needed to settle the component `root`."""

PARTS = pa.schema(
    [
        ("root", pa.int64()),
        ("part", pa.int8()),
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("data", pa.binary()),
        ("text_hash", pa.binary()),
        ("a_name", pa.binary()),
        ("b_name", pa.binary()),
        ("grade", pa.int32()),
        ("surplus", pa.bool_()),
    ]
)
"""A part of a component: an article (`a`) or a relation."""

RESULTS = pa.schema(
    [
        ("result", pa.int8()),
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("kind", pa.string()),
        ("line", pa.binary()),
        ("size", pa.int64()),
        ("names", pa.list_(pa.binary())),
        ("members", pa.binary()),
        ("member_names", pa.list_(pa.binary())),
        ("lead", pa.binary()),
        ("grade", pa.int32()),
    ]
)
"""A story or report, with the sorted ids in the files of its articles (`names`); or a final
relation, as the `line` to write; or a component that needs its texts (`a` is its root).

Of a story that carries a report, `b` is the article that stands for it, `grade` its grade, and
`lead` its lead document without a text.
"""

STORY, RELATION, UNSETTLED, REPORT = range(4)
MEMBER, OUTSIDE, INNER, WITNESS = range(4)

FindFile = Callable[[], str]
"""Returns the path of the file of roots (`cli.engines.components`) on the machine of the executor."""

_MAX_PAIRS = 1 << 20
EMPTY = (None,) * len(RESULTS)
"""A row of `RESULTS` without values."""


def compare(job: Job, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Compares articles with their candidates; yields `RELATION_ROWS`.

    `batches`: of `CANDIDATES` the columns from `later` on, with the names and the documents; those
    of one article follow each other, by place.
    """
    return to_batches(
        RELATION_ROWS,
        (
            row
            for _, group in groupby(iter_rows(batches), key=itemgetter(0))
            for row in _compare_rows(job, list(group))
        ),
    )


def _compare_rows(job: Job, group: list[Row]) -> Iterator[Row]:
    names = {row[2]: row[4] for row in group}
    document, *candidates = (_decode_document(row[5]) for row in group)
    compared = steps.compare(
        document, candidates, is_surplus=group[0][3], with_spans=job.with_spans
    )
    for each in compared.relations:
        yield (
            *(each.a, each.b, each.merges, steps.is_witness(each), compared.is_surplus),
            *(RELATIONS.encode(each), names[each.a], names[each.b]),
        )


@lru_cache(maxsize=256)
def _decode_document(row: bytes) -> Document:
    # Neighbours share candidates. One object for all of them also keeps the hash of its text.
    return DOCUMENTS.decode(row)


def link_pairs(batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the `ROOTS` of pairs of articles that belong together, found in these batches only."""
    held: list[np.ndarray] = []
    for batch in batches:
        held.append(np.stack([column.to_numpy() for column in batch.columns], axis=1))
        if sum(map(len, held)) >= _MAX_PAIRS:
            yield from to_batches(ROOTS, [(find_roots(np.concatenate(held)).tobytes(),)])
            held = []
    if held:
        yield from to_batches(ROOTS, [(find_roots(np.concatenate(held)).tobytes(),)])


def need_members(find_roots_file: FindFile, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields `NEEDED`: the articles that are in a component of several. `batches`: ids."""
    roots = load_roots(find_roots_file())
    for batch in batches:
        ids = batch.column(0).to_numpy()
        found, is_known = look_up(roots, ids)
        rows = zip(found[is_known].tolist(), ids[is_known].tolist(), strict=True)
        yield from to_batches(NEEDED, ((root, MEMBER, each) for root, each in rows))


def keep_single(find_roots_file: FindFile, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the rows of articles that are alone in their component. The first column is the id."""
    roots = load_roots(find_roots_file())
    for batch in batches:
        _, is_known = look_up(roots, batch.column(0).to_numpy())
        yield batch.filter(pa.array(~is_known))


def need_witnesses(find_roots_file: FindFile, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields `NEEDED`: the other ends of the relations of a component that `is_witness`.

    `batches`: `RELATION_ROWS`.
    """
    return to_batches(
        NEEDED,
        (
            (root, OUTSIDE, other)
            for row, ends in _iter_crossing(find_roots_file, batches)
            if row[3]
            for root, other in zip(ends, (row[1], row[0]), strict=True)
            if root is not None
        ),
    )


def part_relations(find_roots_file: FindFile, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the relations that are `PARTS` of components. `batches`: `RELATION_ROWS`."""
    return to_batches(PARTS, _iter_part_rows(find_roots_file, batches))


def _iter_part_rows(find_roots_file: FindFile, batches: Batches) -> Iterator[Row]:
    for row, (root, other) in _iter_with_roots(find_roots_file, batches):
        a, b, _, is_witness, surplus, relation, a_name, b_name = row
        values = (a, b, relation, None, a_name, b_name, None, surplus)
        if root is not None and root == other:
            yield (root, INNER, *values)
        elif is_witness:
            for each in (root, other):
                if each is not None:
                    yield (each, WITNESS, *values)


def finish_crossing(find_roots_file: FindFile, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the relations between two components as `RESULTS`: they are final.

    `batches`: `RELATION_ROWS`.
    """
    return to_batches(
        RESULTS,
        (
            relation_result(RELATIONS.decode(row[5]), {row[0]: row[6], row[1]: row[7]})
            for row, _ in _iter_crossing(find_roots_file, batches)
        ),
    )


def _iter_crossing(find_roots_file: FindFile, batches: Batches) -> Iterator[tuple[Row, Row]]:
    for row, (root, other) in _iter_with_roots(find_roots_file, batches):
        if root is None or root != other:
            yield row, (root, other)


def _iter_with_roots(find_roots_file: FindFile, batches: Batches) -> Iterator[tuple[Row, Row]]:
    """Yields relations with the roots of both ends; None for an article that is alone."""
    roots = load_roots(find_roots_file())
    for batch in batches:
        ends: list[list[int | None]] = []
        for column in (0, 1):
            found, is_known = look_up(roots, batch.column(column).to_numpy())
            pairs = zip(found.tolist(), is_known.tolist(), strict=True)
            ends.append([root if known else None for root, known in pairs])
        yield from zip(iter_rows([batch]), zip(*ends, strict=True), strict=True)


def relation_result(relation: Relation, names: Mapping[int, bytes]) -> Row:
    """Returns a final relation as a row of `RESULTS`. `names`: the ids in the files."""
    ends = {each: names[each].decode("utf-8", "surrogatepass") for each in (relation.a, relation.b)}
    line = relation_line(relation, ends)
    return (RELATION, relation.a, relation.b, relation.kind.value, line, *EMPTY[5:])
