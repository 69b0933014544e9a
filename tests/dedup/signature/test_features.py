from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.records import Document
from dedup.signature.features import compute_features, winnow
from dedup.signature.scheme import Scheme
from dedup.text.shingles import MIN_SHINGLES, sorted_unique

Make = Callable[..., Document]


def shared(one: np.ndarray, two: np.ndarray) -> int:
    return len(np.intersect1d(one, two))


@pytest.mark.parametrize("text", ["", "   ", "Subscribe now.", "탑이 문을 열었다.", "a " * 5000])
def test_a_text_that_says_too_little_has_nothing_to_match(
    text: str, make: Make, scheme: Scheme
) -> None:
    found = compute_features(make(text), scheme)
    assert found.text_hash == b""
    assert not len(found.bands)
    assert not len(found.fingerprints)


def test_copies_share_bands_and_strangers_do_not(
    make: Make, scheme: Scheme, english: tuple[str, ...], prose: Callable[[int, int], str]
) -> None:
    one = compute_features(make(english), scheme)
    copy = compute_features(make([*english[:-1], "Visitors may climb it in summer."]), scheme)
    other = compute_features(make(prose(1, 300)), scheme)
    assert shared(one.bands, copy.bands) >= 8
    assert shared(one.fingerprints, copy.fingerprints) >= 10
    assert shared(one.bands, other.bands) == shared(one.fingerprints, other.fingerprints) == 0


def test_outlets_marks_do_not_change_the_features(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    body = " ".join(english)
    plain = compute_features(make(body), scheme)
    dressed = compute_features(
        make(f"BAY, May 6 (Agency) -- {body}\n(END)\njane@example.org"), scheme
    )
    assert plain.text_hash == dressed.text_hash
    assert plain.bands.tolist() == dressed.bands.tolist()


def test_features_of_another_seed_have_nothing_in_common(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    document = make(english)
    one, two = (
        compute_features(document, scheme),
        compute_features(document, Scheme(seed=scheme.seed + 1)),
    )
    assert one.scheme != two.scheme
    assert shared(one.bands, two.bands) == shared(one.fingerprints, two.fingerprints) == 0


def test_stored_types_are_those_that_are_promised(
    make: Make, scheme: Scheme, english: tuple[str, ...]
) -> None:
    found = compute_features(make(english), scheme)
    assert found.signature.dtype == np.uint32
    assert len(found.signature) == scheme.permutations
    assert found.bands.dtype == found.fingerprints.dtype == np.int64
    assert len(found.bands) == scheme.bands
    assert len(found.text_hash) == 16
    assert found.shingles >= MIN_SHINGLES


@given(st.lists(st.integers(0, 2**64 - 1), max_size=200), st.integers(1, 40))
def test_every_window_of_hashes_leaves_its_least(hashes: list[int], window: int) -> None:
    kept = set(winnow(np.array(hashes, np.uint64), window).view(np.uint64).tolist())
    windows = [hashes[at : at + window] for at in range(max(1, len(hashes) - window + 1))]
    assert kept == {min(each) for each in windows if each}


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60))
def test_distinct_values_are_sorted_and_once(values: list[int]) -> None:
    assert sorted_unique(np.array(values, np.uint64)).tolist() == sorted(set(values))
