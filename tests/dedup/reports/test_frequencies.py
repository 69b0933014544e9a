"""The shipped table of how rare each term is."""

from math import log

import numpy as np
import pytest

from dedup.reports.frequencies import MIN_DOCUMENTS, Frequencies, load_frequencies
from dedup.reports.terms import Writing, hash_term


def inverse(writing: Writing, *terms: str) -> list[float]:
    hashes = np.array([hash_term(term) for term in terms], np.uint32)
    return [float(each) for each in load_frequencies()[writing].inverse(hashes)]


@pytest.mark.parametrize("writing", Writing)
def test_every_writing_has_a_sorted_table_of_counts(writing: Writing) -> None:
    table = load_frequencies()[writing]
    assert len(table.hashes) == len(table.counts)
    assert table.hashes.dtype == np.uint32
    assert np.all(np.diff(table.hashes.astype(np.int64)) > 0)
    if len(table.counts):
        assert table.counts.min() >= MIN_DOCUMENTS
        assert table.counts.max() <= table.documents


@pytest.mark.parametrize(
    ("writing", "common", "rare", "unknown"),
    [
        (Writing.LATIN, "the", "missile", "zzyzxqj"),
        (Writing.HANGUL, "했다", "미사", "뷁쀍"),
    ],
)
def test_a_rare_term_weighs_more_and_an_unknown_one_most(
    writing: Writing, common: str, rare: str, unknown: str
) -> None:
    least, more, most = inverse(writing, common, rare, unknown)
    assert 0 <= least < more < most
    assert most == pytest.approx(log(load_frequencies()[writing].documents + 1))


def test_the_weight_is_the_logarithm_of_the_share_of_documents() -> None:
    table = Frequencies(99, np.array([3, 7], np.uint32), np.array([9, 99], np.uint16))
    found = table.inverse(np.array([7, 3, 8, 2**32 - 1], np.uint32))
    assert found.tolist() == pytest.approx([0, log(10), log(100), log(100)])
    assert found.dtype == np.float32


def test_a_table_without_terms_takes_every_term_as_rare() -> None:
    table = Frequencies(0, np.array([], np.uint32), np.array([], np.uint16))
    assert table.inverse(np.array([1, 2], np.uint32)).tolist() == [0, 0]


def test_the_table_is_read_once() -> None:
    assert load_frequencies() is load_frequencies()
