"""The first steps of an engine as functions of Arrow batches: from files to pairs of articles."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cli.engines.arrow_rows import Batches, Row, iter_rows, to_batch, to_batches
from cli.engines.article_files import FileRow, read_rows
from cli.engines.job import Job, document_id
from cli.engines.signing import RowSigner, describe_rejected
from dedup.bulk import steps
from dedup.bulk.flat_rows import DOCUMENTS, pack_row, unpack_row
from dedup.reports.days import report_day
from dedup.text.kernel_loader import use_kernel
from dedup.text.shingles import mix
from storage.importers.jsonl_reader import BadLine

FILE_ROWS = pa.schema(
    [("file", pa.int32()), ("chunk", pa.int64()), ("number", pa.int64()), ("row", pa.binary())]
)
"""A row of a file. Rows of one `chunk` are read by one task."""

ARTICLES = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.binary()),
        ("cause", pa.string()),
        ("message", pa.binary()),
        ("document", pa.binary()),
        ("member", pa.binary()),
        ("text_hash", pa.binary()),
        ("text_key", pa.int64()),
        ("bands", pa.binary()),
        ("fingerprints", pa.binary()),
        ("grade", pa.int32()),
        ("day", pa.int32()),
    ]
)
"""An article, or why it is left out (`cause`, `message`). `name`: its id in the file. `member`: the
document without title and text. `text_key`: equal for equal texts. `day`: of a carrier of a report.
"""

POSTING = np.dtype([("key", "<i8"), ("kind", "<i1"), ("id", "<i8"), ("text", "<i8"), ("asks", "?")])
"""A holder of a key. `text`: the first article with the same text, `_NO_TEXT` if it is too short.
`asks`: `dedup.bulk.steps.asks_for_candidates`.
"""

BLOCKS = pa.schema([("bucket", pa.int32()), ("postings", pa.binary())])
"""Many `POSTING` of one bucket, as bytes. A key is in one bucket only."""

PAIRS = pa.schema(
    [(name, pa.int64()) for name in ("later", "earlier", "later_text", "earlier_text", "hits")]
)
"""Two articles that share keys, a sum of hits; the same pair may come several times."""

CANDIDATES = pa.schema(
    [
        ("home", pa.int64()),
        ("part", pa.int64()),
        ("later", pa.int64()),
        ("place", pa.int32()),
        ("id", pa.int64()),
        ("surplus", pa.bool_()),
    ]
)
"""A text that is needed to compare the article `later`: itself at place -1, then its candidates.
Those of one `home` and `part` are compared by one task, since they share candidates.
"""

IDS = pa.schema([("id", pa.int64())])

_BAND, _FINGERPRINT, _PRINT = 0, 1, 2
_BAND_HIT, _PRINT_HIT = 1 << 20, 1 << 40
"""In a sum, the low 20 bits count all hits, the next 20 the shared bands, the rest the same text."""

_NO_TEXT = -1
_ROWS_PER_CHUNK = 256
_PART_BITS = 12
_MAX_HELD = 1 << 20
"""Rows of numbers that are held in memory before they are summed or handed on."""

_POSTINGS_PER_BUCKET = 1 << 21
_POSTINGS_PER_ARTICLE = 128
_BUCKETS_PER_TASK = 16

Columns = list[NDArray[Any]]


def read_files(job: Job, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Reads files of lines, given their numbers; yields `FILE_ROWS`."""
    rows = (
        (file, number // _ROWS_PER_CHUNK, number, _encode_line(row))
        for file, number, row in _read_rows(job, batches)
    )
    return to_batches(FILE_ROWS, rows)


def sign_rows(job: Job, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Signs the articles of `FILE_ROWS`; yields `ARTICLES`."""
    use_kernel(job.kernel)
    rows = (
        _sign_row(job, file, number, _decode_line(row))
        for file, _, number, row in iter_rows(batches)
    )
    return to_batches(ARTICLES, rows)


def sign_files(job: Job, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Reads files and signs their articles in one task each; yields `ARTICLES`."""
    use_kernel(job.kernel)
    return to_batches(ARTICLES, (_sign_row(job, *each) for each in _read_rows(job, batches)))


def _read_rows(job: Job, batches: Batches) -> Iterator[tuple[int, int, FileRow]]:
    for (file,) in iter_rows(batches):
        for number, row in read_rows(job.addresses[file]):
            yield file, number, row


def _encode_line(row: FileRow) -> bytes:
    """Returns a row of a file of lines as bytes. Raises TypeError for a row of a table."""
    if isinstance(row, BadLine):
        return pack_row((row.number, row.reason))
    if isinstance(row, bytes):
        return pack_row((row,))
    raise TypeError("a row of a table holds values of any kind, so it is signed where it is read")


def _decode_line(data: bytes) -> FileRow:
    match unpack_row(data):
        case [int(number), str(reason)]:
            return BadLine(number, reason)
        case [bytes(line)]:
            return line
    raise ValueError("no row of `read_files`")


def _sign_row(job: Job, file: int, number: int, row: FileRow) -> Row:
    signer = RowSigner(job.scheme, job.reading, job.with_reports)
    found = signer.sign((document_id(file, number), row))
    name = found.file_id.encode("utf-8", "surrogatepass") or None
    if found.signed is None:
        cause, message = describe_rejected(job.addresses[file], found)
        told = message.encode("utf-8", "surrogatepass")
        return (found.id, name, cause, told, *[None] * (len(ARTICLES) - 4))
    features = found.signed.features
    carrier, grade = found.signed.carrier or (None, None)
    at = carrier.published_at if carrier else None
    document = DOCUMENTS.decode(found.signed.row)
    return (
        *(found.id, name, None, None, found.signed.row),
        DOCUMENTS.encode(replace(document, title="", text="")),
        features.text_hash,
        int.from_bytes(features.text_hash[:8] or found.id.to_bytes(8), signed=True),
        features.bands.tobytes(),
        features.fingerprints.tobytes(),
        None if grade is None else int(grade),
        report_day(at).toordinal() if at else None,
    )


def find_repeated(batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the `IDS` of articles whose id in the file was given before.

    `batches`: names and ids, sorted by both.
    """
    rows = (
        (row_id,)
        for _, group in groupby(iter_rows(batches), key=itemgetter(0))
        for place, (_, row_id) in enumerate(group)
        if place
    )
    return to_batches(IDS, rows)


def count_buckets(articles: int, tasks: int) -> int:
    """Returns how many buckets of postings there are: several a task, each small enough to sort."""
    needed = articles * _POSTINGS_PER_ARTICLE // _POSTINGS_PER_BUCKET
    return max(_BUCKETS_PER_TASK * tasks, needed)


def post_keys(job: Job, buckets: int, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields the `BLOCKS` of articles.

    `batches`: text hashes, ids, bands and fingerprints; equal texts follow each other, by id.
    """
    current, first, earlier = b"", 0, 0
    for batch in batches:
        text_hashes, row_ids, bands, fingerprints = (each.to_pylist() for each in batch.columns)
        found: list[tuple[int, int]] = []
        for text_hash, row_id in zip(text_hashes, row_ids, strict=True):
            if not text_hash or text_hash != current:
                current, first, earlier = text_hash, row_id, 0
            found.append((earlier, first))
            earlier += 1
        prints_before, firsts = np.array(found, np.int64).reshape(-1, 2).T
        asks = steps.ask_for_candidates(prints_before, firsts, job.decided, job.scheme)
        is_long = np.array([bool(each) for each in text_hashes], np.bool_)
        texts, ids = np.where(is_long, firsts, _NO_TEXT), np.array(row_ids, np.int64)
        postings = []
        for kind, keys in ((_BAND, bands), (_FINGERPRINT, fingerprints)):
            rows = np.repeat(np.arange(len(ids)), [len(each) >> 3 for each in keys])
            flat = np.frombuffer(b"".join(keys), np.int64)
            postings.append(_postings(flat, kind, ids[rows], texts[rows], asks[rows]))
        long_texts = texts[is_long]
        postings.append(_postings(long_texts, _PRINT, ids[is_long], long_texts, True))
        yield from to_batches(BLOCKS, _iter_blocks(np.concatenate(postings), buckets))


def _postings(
    keys: NDArray[np.int64], kind: int, ids: Any, texts: Any, asks: Any
) -> NDArray[np.void]:
    """Returns `POSTING` records. `ids`, `texts`, `asks`: arrays or one value for all."""
    records = np.empty(len(keys), POSTING)
    columns = (keys, kind, ids, texts, asks)
    for name, column in zip(POSTING.names or (), columns, strict=True):
        records[name] = column
    return records


def _iter_blocks(postings: NDArray[np.void], buckets: int) -> Iterator[Row]:
    numbers = (mix(postings["key"].astype(np.uint64)) % np.uint64(buckets)).astype(np.int64)
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=buckets))
    for bucket, block in enumerate(np.split(postings[order], ends[:-1])):
        if len(block):
            yield bucket, block.tobytes()


@dataclass(slots=True)
class _Held:
    """Columns of numbers that wait to be handed on."""

    schema: pa.Schema
    columns: list[list[NDArray[Any]]] = field(default_factory=list)
    size: int = 0

    def add(self, *values: Any) -> None:
        """Adds rows: a column each, or one value for all of them. The first must be a column."""
        if not self.columns:
            self.columns = [[] for _ in self.schema]
        count = len(values[0])
        for column, value, kind in zip(self.columns, values, self.schema.types, strict=True):
            column.append(np.broadcast_to(np.asarray(value, kind.to_pandas_dtype()), count))
        self.size += count

    def take(self) -> Columns:
        """Returns all rows and forgets them."""
        columns = [np.concatenate(each) for each in self.columns]
        self.columns, self.size = [], 0
        return columns


def find_pairs(job: Job, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields `PAIRS`. `batches`: all `BLOCKS` of some buckets, sorted by bucket."""
    # Of equal texts, the first ones are candidates whatever they share.
    prints = job.scheme.prints
    few_prints = replace(job.scheme, hot_key=prints, hot_sample=prints)
    held = _Held(PAIRS)
    for keys, kinds, ids, texts, asks in _iter_buckets(batches):
        for kind, hit, scheme in (
            (_BAND, _BAND_HIT + 1, job.scheme),
            (_FINGERPRINT, 1, job.scheme),
            (_PRINT, _PRINT_HIT, few_prints),
        ):
            rows = np.flatnonzero(kinds == kind)
            found = steps.find_pairs(keys[rows], rows, asks[rows], scheme, _MAX_HELD)
            for later, earlier in found:
                held.add(ids[later], ids[earlier], texts[later], texts[earlier], hit)
                if held.size >= _MAX_HELD:
                    yield to_batch(PAIRS, _sum_hits(held.take(), is_sorted=False))
    if held.size:
        yield to_batch(PAIRS, _sum_hits(held.take(), is_sorted=False))


def _iter_buckets(batches: Batches) -> Iterator[Columns]:
    """Yields the postings of each bucket as columns, sorted by key, kind and id."""
    for _, blocks in groupby(iter_rows(batches), key=itemgetter(0)):
        postings = np.frombuffer(b"".join(block for _, block in blocks), POSTING)
        ordered = postings[np.lexsort((postings["id"], postings["kind"], postings["key"]))]
        yield [np.ascontiguousarray(ordered[name]) for name in POSTING.names or ()]


def _sum_hits(columns: Columns, *, is_sorted: bool) -> Columns:
    """Returns each pair once, in order, with the sum of its hits."""
    if not is_sorted:
        order = np.lexsort((columns[1], columns[0]))
        columns = [column[order] for column in columns]
    later, earlier, *_, hits = columns
    is_new = np.ones(len(later), np.bool_)
    is_new[1:] = (later[1:] != later[:-1]) | (earlier[1:] != earlier[:-1])
    starts = np.flatnonzero(is_new)
    return [*(column[starts] for column in columns[:-1]), np.add.reduceat(hits, starts)]


def _iter_whole_groups(batches: Batches) -> Iterator[Columns]:
    """Yields rows as columns, cut where the first column changes.

    A group that goes on in the next batch waits for it.
    """
    waiting: list[Columns] = []
    for batch in batches:
        columns = [each.to_numpy(zero_copy_only=False) for each in batch.columns]
        if not len(columns[0]):
            continue
        if waiting and waiting[-1][0][-1] != columns[0][0]:
            yield _join(waiting)
            waiting = []
        ends = np.flatnonzero(columns[0][1:] != columns[0][:-1])
        if len(ends):
            cut = int(ends[-1]) + 1
            yield _join([*waiting, [column[:cut] for column in columns]])
            waiting = [[column[cut:] for column in columns]]
        else:
            waiting.append(columns)
    if waiting:
        yield _join(waiting)


def _join(parts: list[Columns]) -> Columns:
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def choose(job: Job, batches: Batches) -> Iterator[pa.RecordBatch]:
    """Yields `CANDIDATES`. `batches`: all `PAIRS` of some articles, sorted by both articles."""
    return to_batches(
        CANDIDATES,
        (
            row
            for columns in _iter_whole_groups(batches)
            for row in _choose_rows(job, _sum_hits(columns, is_sorted=True))
        ),
    )


def _choose_rows(job: Job, columns: Columns) -> Iterator[Row]:
    scheme = job.scheme
    prints, sums = np.divmod(columns[-1], _PRINT_HIT)
    bands, hits = np.divmod(sums, _BAND_HIT)
    similar = steps.are_candidates(bands, hits, scheme)
    kept = np.flatnonzero(similar | (prints > 0))
    values = (*columns[:-1], hits, similar, prints > 0)
    rows = zip(*(each[kept].tolist() for each in values), strict=True)
    for later, group in groupby(rows, key=itemgetter(0)):
        found = list(group)
        text_hash = _as_hash(found[0][2])
        hashes = {earlier: _as_hash(text) for _, earlier, _, text, *_ in found}
        chosen = steps.choose_candidates(
            text_hash,
            {row[1]: (row[4], hashes[row[1]]) for row in found if row[5]},
            [row[1] for row in found if row[6]],
            scheme,
        )
        surplus = steps.is_surplus(text_hash, chosen, hashes.__getitem__, job.decided, scheme)
        if surplus:  # it is compared with the first print only
            chosen = chosen[:1]
        home, part = min(chosen), later >> _PART_BITS
        for place, needed in enumerate((later, *chosen), start=-1):
            yield home, part, later, place, needed, surplus


def _as_hash(text: int) -> bytes:
    """Returns bytes that are equal for equal texts; none for a text that is too short."""
    return b"" if text == _NO_TEXT else text.to_bytes(8)
