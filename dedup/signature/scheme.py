"""What makes two texts' features comparable: the seed and every number that shapes a signature."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_hexdigest, xxh3_64_intdigest

if TYPE_CHECKING:
    from datasketch import MinHash

# Raised whenever the same text would give other features, or the same pair another verdict.
NORMALISER_VERSION = 1
SHINGLE_SPEC = "word3-syllable5"
FINGERPRINT_SPEC = "word5/12-syllable10/24"


class SchemeMismatch(ValueError):
    """Features of two schemes were brought together; their numbers mean different things."""


@dataclass(frozen=True)
class Scheme:
    """All that must be equal for two features to be compared, and the caps of the index.

    `seed` is private to a corpus: who knows it can build pages whose estimated similarity is
    anything they like. Signatures are datasketch's "affine32" (its default since 2.0), banded for
    LSH (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4).
    """

    seed: int
    permutations: int = 128
    bands: int = 32
    rows: int = 4
    hot_key: int = 200
    hot_sample: int = 4
    min_fingerprints: int = 2
    max_candidates: int = 32
    prints: int = 8

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"a seed is a whole number from 0 to 2**63 - 1, not {self.seed}")
        if self.bands * self.rows > self.permutations:
            raise ValueError(
                f"{self.bands} bands of {self.rows} rows need more than {self.permutations} permutations"
            )

    @classmethod
    def new(cls) -> Self:
        """A scheme with a random private seed."""
        return cls(seed=secrets.randbits(63))

    @cached_property
    def name(self) -> str:
        """Identifies everything above; equal names mean comparable features. Hides the seed."""
        digest = xxh3_64_hexdigest(self._salted("name"))[:8]
        return (
            f"n{NORMALISER_VERSION}.{SHINGLE_SPEC}.{FINGERPRINT_SPEC}.affine32-{self.permutations}"
            f".{self.bands}x{self.rows}.{digest}"
        )

    @cached_property
    def hash_key(self) -> int:
        """The 64-bit key of the shingle hash."""
        return xxh3_64_intdigest(self._salted("shingles"))

    @cached_property
    def reference_minhash(self) -> "MinHash":
        """An empty datasketch MinHash of this scheme; takes shingle hashes, not shingles."""
        # It loads SciPy: 0.7 s and 43 MB, which nobody should pay who signs no text.
        from datasketch import MinHash

        seed = xxh3_64_intdigest(self._salted("permutations")) & 0xFFFFFFFF
        return MinHash(self.permutations, seed=seed, hashfunc=int, scheme="affine32")

    @cached_property
    def multipliers(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The reference's `a` and `b` of `a * h + b mod 2**32`, one of each per permutation."""
        a, b = self.reference_minhash.permutations
        return a, b

    @property
    def packed_multipliers(self) -> bytes:
        """The multipliers for a corpus' own record: uint32 little-endian, all `a` and then all `b`."""
        return np.stack(self.multipliers).astype("<u4").tobytes()

    def with_packed_multipliers(self, drawn: bytes) -> Self:
        """The scheme with multipliers that were `drawn` before; datasketch is not asked again.

        Raises ValueError if they are not as many as the permutations.
        """
        a, b = np.frombuffer(drawn, "<u4").astype(np.uint32).reshape(2, self.permutations)
        kept = replace(self)
        vars(kept)["multipliers"] = (a, b)  # where a cached property keeps its value
        return kept

    def _salted(self, purpose: str) -> bytes:
        return f"nkwire {purpose} {self.seed}".encode()

    def to_dict(self) -> dict[str, int]:
        """For a corpus' own record; `from_dict` takes it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, int]) -> Self:
        """The scheme that `to_dict` wrote. Raises TypeError for a field this version lacks."""
        return cls(**stored)
