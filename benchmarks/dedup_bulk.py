"""Compares two ways to find the candidates of a corpus: sorted arrays and datasketch's MinHashLSH.

    python -m benchmarks.dedup_bulk [--documents 1000000] [--loop 100000]

The signatures are random. One in five is a copy of an earlier one with a fifth of its values
changed, as for a Jaccard similarity of 0.8. Both ways find the documents that share a band with an
earlier document. The sorted arrays are those of `nkwire recluster`, with their files in a temporary
folder. datasketch's dictionaries need 10 kB a document, so its loop takes only the first `--loop`
documents. The table goes to standard output and to benchmarks/results/dedup_bulk.md.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from benchmarks.memory import peak_memory_mb
from dedup.bulk.postings import Postings
from dedup.records import Features
from dedup.signature.features import band_keys
from dedup.signature.scheme import Scheme

RESULT = Path(__file__).parent / "results/dedup_bulk.md"
SCHEME = Scheme(seed=20310506)
_BATCH_DOCUMENTS = 10_000


def signatures(documents: int) -> NDArray[np.uint32]:
    """Returns random signatures, uint32[documents, permutations]. One in five is a changed copy."""
    rng = np.random.default_rng(7)
    signature_matrix = rng.integers(0, 2**32, (documents, SCHEME.permutations), dtype=np.uint32)
    copies = np.flatnonzero(rng.random(documents) < 0.2)[1:]
    originals = (rng.random(len(copies)) * copies).astype(np.int64)
    for copy, original in zip(copies, originals, strict=True):
        unchanged = rng.random(SCHEME.permutations) < 0.8
        signature_matrix[copy, unchanged] = signature_matrix[original, unchanged]
    return signature_matrix


def count_pairs_with_postings(signature_matrix: NDArray[np.uint32]) -> int:
    """Counts candidate pairs with this project's sorted arrays."""
    none, empty = np.empty(0, np.int64), np.empty(0, np.uint32)
    with tempfile.TemporaryDirectory() as folder:
        postings = Postings(SCHEME, Path(folder))
        for start in range(0, len(signature_matrix), _BATCH_DOCUMENTS):
            keys = band_keys(signature_matrix[start : start + _BATCH_DOCUMENTS], SCHEME)
            for number, document_keys in enumerate(keys, start + 1):
                postings.add(
                    Features(SCHEME.name, number.to_bytes(16), 200, empty, document_keys, none)
                )
        return sum(
            len(candidates)
            for _, candidates_by_document in postings.iter_candidates()
            for candidates in candidates_by_document.values()
        )


def count_pairs_with_datasketch(signature_matrix: NDArray[np.uint32]) -> int:
    """Counts candidate pairs with datasketch's MinHashLSH: queries, then inserts each document."""
    index = MinHashLSH(num_perm=SCHEME.permutations, params=(SCHEME.bands, SCHEME.rows))
    pairs = 0
    for number, row in enumerate(signature_matrix):
        sketch = MinHash(
            hashvalues=row, permutations=SCHEME.reference_minhash.permutations, scheme="affine32"
        )
        pairs += len(index.query(sketch))
        index.insert(number, sketch)
    return pairs


@dataclass(frozen=True)
class Timed:
    """The cost of one way: CPU seconds, and peak memory of the process so far in MB."""

    name: str
    documents: int
    cpu_seconds: float
    pairs: int
    peak: float


def time_run(
    name: str, method: Callable[[NDArray[np.uint32]], int], signature_matrix: NDArray[np.uint32]
) -> Timed:
    """Measures one way."""
    start = time.process_time()
    pairs = method(signature_matrix)
    cpu_seconds = time.process_time() - start
    return Timed(name, len(signature_matrix), cpu_seconds, pairs, peak_memory_mb())


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--loop", type=int, default=100_000)
    arguments = parser.parse_args()
    signature_matrix = signatures(arguments.documents)
    rows = [
        time_run("this project", count_pairs_with_postings, signature_matrix),
        time_run("this project", count_pairs_with_postings, signature_matrix[: arguments.loop]),
        time_run(
            "datasketch MinHashLSH, query then insert",
            count_pairs_with_datasketch,
            signature_matrix[: arguments.loop],
        ),
    ]
    slowest = rows[-1].cpu_seconds / rows[-1].documents
    lines = [
        f"| {row.name} | {row.documents:,} | {row.cpu_seconds:.1f} | {row.documents / row.cpu_seconds:,.0f} |"
        f" {slowest / (row.cpu_seconds / row.documents):.1f} | {row.pairs:,} | {row.peak:,.0f} |\n"
        for row in rows
    ]
    result = f"""# Candidates in bulk

`python -m benchmarks.dedup_bulk --documents {arguments.documents} --loop {arguments.loop}`: drawn signatures,
{SCHEME.bands} bands of {SCHEME.rows}, one core, CPU time. The peak of memory is that of the process so far, with the drawn
signatures. The ratio is that of the times of one document: the loop's dictionaries make it no quicker with more.

| way | documents | seconds | documents a second | x loop | pairs | peak MB |
|---|--:|--:|--:|--:|--:|--:|
{"".join(lines)}"""
    RESULT.write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
