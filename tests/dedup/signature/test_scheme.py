import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.signature.features import minhash_signature
from dedup.signature.scheme import Scheme
from dedup.text.shingles import sorted_unique


def test_two_corpora_have_different_seeds() -> None:
    assert Scheme.new().seed != Scheme.new().seed


def test_the_name_tells_schemes_apart_and_not_the_seed() -> None:
    scheme = Scheme(seed=1234567890)
    assert scheme.name == Scheme(seed=1234567890).name
    assert scheme.name != Scheme(seed=1234567891).name
    assert scheme.name != Scheme(seed=1234567890, bands=16).name
    assert "1234567890" not in scheme.name


def test_a_scheme_survives_being_stored() -> None:
    scheme = Scheme(seed=7, bands=16, rows=8, hot_key=50)
    assert Scheme.from_dict(scheme.to_dict()) == scheme
    with pytest.raises(TypeError):
        Scheme.from_dict({"seed": 7, "unheard_of": 1})


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Scheme(seed=seed)


def test_more_rows_than_permutations_are_refused() -> None:
    with pytest.raises(ValueError, match="permutations"):
        Scheme(seed=1, bands=33, rows=4)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=1500, unique=True),
)
def test_signatures_are_datasketch_s_bit_for_bit(seed: int, hashes: list[int]) -> None:
    scheme = Scheme(seed=seed)
    shingles = sorted_unique(np.array(hashes, np.uint64))
    reference = scheme.reference_minhash.copy()
    reference.update_batch([value & 0xFFFFFFFF for value in hashes])
    assert reference.scheme == "affine32"
    assert minhash_signature(shingles, scheme).tolist() == reference.hashvalues.tolist()


@pytest.mark.parametrize("permutations", [16, 128, 256])
@pytest.mark.parametrize("seed", [0, 1, 7, 20260719, 2**63 - 1])
def test_the_numbers_of_the_permutations_are_those_that_datasketch_draws(
    seed: int, permutations: int
) -> None:
    scheme = Scheme(seed=seed, permutations=permutations, bands=4)
    drawn = np.stack(scheme.multipliers)
    reference = scheme.reference_minhash.permutations
    assert drawn.dtype == reference.dtype == np.uint32
    assert drawn.tolist() == reference.tolist()


def test_the_numbers_of_the_permutations_are_the_same_on_every_machine() -> None:
    """Stored signatures depend on them."""
    a, b = Scheme(seed=7).multipliers
    assert (a[:3].tolist(), b[:3].tolist()) == (
        [4091636049, 2919119135, 127179619],
        [3994903446, 4224304765, 1326384162],
    )


def test_signing_loads_neither_datasketch_nor_scipy() -> None:
    script = """
import sys
import numpy as np
from dedup.signature.features import minhash_signature
from dedup.signature.scheme import Scheme
minhash_signature(np.arange(100, dtype=np.uint64), Scheme(seed=7))
print({"datasketch", "scipy"} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert ran.stdout == "set()\n"
