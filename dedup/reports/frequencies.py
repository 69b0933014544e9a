"""How rare each term is in news at large: its inverse document frequency.

The table `frequencies.npz` holds counts only: for each system of writing, the hashes of the terms of
at least `MIN_DOCUMENTS` leads, and in how many leads each occurs. `benchmarks.quality.report_frequencies`
counts them. A term that the table lacks is taken as rare. Texts are compared with this table alone
and not with counts of the corpus, so that a report does not change when other articles come in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log

import numpy as np
from numpy.typing import NDArray

from dedup.reports.terms import Writing

FREQUENCIES_VERSION = "1"
"""Changes with the table: cues of another version are worked out anew."""

MIN_DOCUMENTS = 3


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Document frequencies of the terms of one system of writing.

    `hashes`: sorted uint32[n]. `counts`: uint16[n], in how many of `documents` leads each occurs.
    """

    documents: int
    hashes: NDArray[np.uint32]
    counts: NDArray[np.uint16]

    def inverse(self, hashes: NDArray[np.uint32]) -> NDArray[np.float32]:
        """Returns log((N + 1) / (n + 1)) for each term: float32 of the same shape.

        Source: Sparck Jones, A statistical interpretation of term specificity (1972), smoothed.
        """
        if not len(self.hashes):
            return np.full(len(hashes), log(self.documents + 1), np.float32)
        positions = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        counts = np.where(self.hashes[positions] == hashes, self.counts[positions], 0)
        return np.log((self.documents + 1) / (counts + 1.0)).astype(np.float32)


@cache
def load_frequencies() -> Mapping[Writing, Frequencies]:
    """Returns the table for each system of writing; reads the file once."""
    with (
        files("dedup.reports").joinpath("frequencies.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as table,
    ):
        return {
            writing: Frequencies(
                int(table[f"{writing}.documents"]),
                table[f"{writing}.hashes"],
                table[f"{writing}.counts"],
            )
            for writing in Writing
        }
