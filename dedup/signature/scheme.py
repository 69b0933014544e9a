"""Defines the scheme of a corpus: the seed and every number that shapes a signature."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_hexdigest, xxh3_64_intdigest

from dedup.errors import DedupError

if TYPE_CHECKING:
    from datasketch import MinHash

# Increase when the same text would get other features, or the same pair another verdict.
NORMALISER_VERSION = 2
SHINGLE_SPEC = "word3-syllable5"
FINGERPRINT_SPEC = "word5/12-syllable10/24-short3"


class SchemeMismatch(DedupError):
    """Raised if features of two schemes meet; their numbers are not comparable."""


@dataclass(frozen=True)
class Scheme:
    """Parameters that must be equal for comparable features, and the limits of the index.

    `seed`, 0 to 2**63 - 1, is private to a corpus: whoever knows it can build pages with any
    estimated similarity. Signatures use datasketch's "affine32" (its default since 2.0). They are
    split into `bands` of `rows` for LSH (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets,
    3.4). `dedup.copies.index.Index.candidates` explains the fields from `hot_key` on.

    Raises ValueError if `seed` is out of range or `bands * rows` exceeds `permutations`.
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
        """Returns a scheme with a random private seed."""
        return cls(seed=secrets.randbits(63))

    @cached_property
    def name(self) -> str:
        """Identifies seed, normaliser and shape of the signature without revealing the seed.

        Features are comparable if the names of their schemes are equal.
        """
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
        """An empty datasketch MinHash of this scheme; its input is shingle hashes, not shingles.

        Signatures of `dedup.signature.features` equal its own bit for bit.
        """
        # Imported late: it loads SciPy (0.7 s, 43 MB), and nothing but comparisons with it needs it.
        from datasketch import MinHash

        seed = self._permutation_seed
        return MinHash(self.permutations, seed=seed, hashfunc=int, scheme="affine32")

    @cached_property
    def multipliers(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """`a` and `b` of `a * h + b mod 2**32`: uint32[permutations] each, `a` odd.

        Drawn as datasketch 2.0 draws them. NumPy never changes the numbers of `RandomState`.
        """
        generator = np.random.RandomState(self._permutation_seed)
        half = generator.randint(0, 1 << 31, self.permutations, dtype=np.uint32)
        b = generator.randint(0, 1 << 32, self.permutations, dtype=np.uint32)
        return half * np.uint32(2) + np.uint32(1), b

    @property
    def _permutation_seed(self) -> int:
        return xxh3_64_intdigest(self._salted("permutations")) & 0xFFFFFFFF

    def _salted(self, purpose: str) -> bytes:
        return f"nkwire {purpose} {self.seed}".encode()

    def to_dict(self) -> dict[str, int]:
        """Returns the fields as plain values for storage; `from_dict` is the inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, int]) -> Self:
        """Returns the scheme that `to_dict` stored. Raises TypeError for an unknown field."""
        return cls(**stored)
