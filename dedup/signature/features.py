"""Computes the features by which copies of a text are found: signature, bands, fingerprints."""

import threading
from dataclasses import replace
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128_digest

from dedup.records import Document, Features
from dedup.signature.scheme import Scheme
from dedup.text.kernel_loader import load_kernel
from dedup.text.normalise import NormalisedText, Script, normalise_cached
from dedup.text.shingles import (
    GOLDEN_RATIO,
    MIN_DISTINCTIVE_SHINGLES,
    MIN_SHINGLES,
    SHINGLE_SIZE,
    mix,
    ngram_hashes,
    sorted_unique,
    unit_hashes,
)

_FINGERPRINT_SIZE_AND_WINDOW = {Script.WORDS: (5, 12), Script.SYLLABLES: (10, 24)}
"""Units of a fingerprint, and the window of winnowing: two texts with a common passage of 16 words
or 33 syllables share at least one fingerprint.
"""

_MAX_SHORT_UNITS = {Script.WORDS: 60, Script.SYLLABLES: 180}
_SHORT_WINDOW_DIVISOR = 3
"""Short texts are winnowed with a third of the window, so that two teasers that share one sentence
have two fingerprints in common. They keep what the full window would keep.
"""

_HASHES_PER_BLOCK = 512


def compute_features(document: Document, scheme: Scheme) -> Features:
    """Returns the features of one document.

    Bands and fingerprints are empty if the text has fewer than `MIN_SHINGLES` distinct shingles.
    """
    return compute_text_features(normalise_cached(document.text, document.title), scheme)


def compute_text_features(normal: NormalisedText, scheme: Scheme) -> Features:
    """Returns the features of a normalised text.

    Signature: MinHash (Broder 1997) of the set of shingles. Bands: one int64 key per band of the
    signature. Fingerprints: winnowing of longer shingles (Schleimer, Wilkerson, Aiken 2003).
    """
    return compiled_features(normal, scheme) or numpy_features(normal, scheme)


def numpy_features(normal: NormalisedText, scheme: Scheme) -> Features:
    """Computes the features with NumPy."""
    units = unit_hashes(normal, scheme.hash_key)
    return _with_text_hash(numpy_unit_features(units, normal.script, scheme), normal)


def compiled_features(normal: NormalisedText, scheme: Scheme) -> Features | None:
    """Computes the same features with the compiled kernel; returns None if it is not loaded."""
    kernel = load_kernel()
    if kernel is None:
        return None
    key = np.uint64(scheme.hash_key)
    if normal.script is Script.SYLLABLES:
        units = kernel.syllable_hashes(normal.letters, key)
    else:
        units = kernel.word_hashes(normal.letters, normal.word_starts, key)
    return _with_text_hash(_compiled_unit_features(kernel, units, normal.script, scheme), normal)


def compute_unit_features(units: NDArray[np.uint64], script: Script, scheme: Scheme) -> Features:
    """Returns the features of a text from the hashes of its units, without a text hash."""
    kernel = load_kernel()
    if kernel is None:
        return numpy_unit_features(units, script, scheme)
    return _compiled_unit_features(kernel, units, script, scheme)


def numpy_unit_features(units: NDArray[np.uint64], script: Script, scheme: Scheme) -> Features:
    """Computes the features of `compute_unit_features` with NumPy."""
    shingles = sorted_unique(ngram_hashes(units, SHINGLE_SIZE[script], scheme.hash_key))
    if len(shingles) < MIN_SHINGLES:
        return empty_features(scheme, len(shingles))
    signature = minhash_signature(shingles, scheme)
    size, window = _fingerprint_size_and_window(script, len(units))
    return Features(
        scheme=scheme.name,
        text_hash=b"",
        shingles=len(shingles),
        signature=signature,
        bands=band_keys(signature, scheme),
        fingerprints=winnow(ngram_hashes(units, size, scheme.hash_key), window),
    )


def _compiled_unit_features(
    kernel: ModuleType, units: NDArray[np.uint64], script: Script, scheme: Scheme
) -> Features:
    key = np.uint64(scheme.hash_key)
    size, window = _fingerprint_size_and_window(script, len(units))
    shingles = kernel.ngram_hashes(units, SHINGLE_SIZE[script], key)
    shingle_count = kernel.count_distinct(shingles)
    if shingle_count < MIN_SHINGLES:
        return empty_features(scheme, shingle_count)
    signature = kernel.minhash_signature(shingles, *scheme.multipliers)
    minima = kernel.winnow(kernel.ngram_hashes(units, size, key), window)
    return Features(
        scheme=scheme.name,
        text_hash=b"",
        shingles=shingle_count,
        signature=signature,
        bands=kernel.band_keys(signature, scheme.bands, scheme.rows).view(np.int64),
        fingerprints=np.sort(sorted_unique(minima).view(np.int64)),
    )


def _fingerprint_size_and_window(script: Script, unit_count: int) -> tuple[int, int]:
    size, window = _FINGERPRINT_SIZE_AND_WINDOW[script]
    is_short = unit_count < _MAX_SHORT_UNITS[script]
    return size, window // _SHORT_WINDOW_DIVISOR if is_short else window


def _with_text_hash(features: Features, normal: NormalisedText) -> Features:
    """Adds the text hash, unless the text is too short to be known by its words alone."""
    if features.shingles < MIN_DISTINCTIVE_SHINGLES:
        return features
    return replace(features, text_hash=xxh3_128_digest(normal.comparison_key))


def empty_features(scheme: Scheme, shingles: int = 0) -> Features:
    """Returns features that match nothing."""
    no_keys = np.empty(0, np.int64)
    return Features(scheme.name, b"", shingles, np.empty(0, np.uint32), no_keys, no_keys)


def minhash_signature(shingles: NDArray[np.uint64], scheme: Scheme) -> NDArray[np.uint32]:
    """Returns the signature, uint32[permutations], of the low 32 bits of these shingle hashes.

    It equals that of `Scheme.reference_minhash` bit for bit. Uses datasketch's scheme "affine32":
    the 32-bit MurmurHash3 finaliser, then `a * h + b mod 2**32`.
    """
    hashes = _mix32(shingles.astype(np.uint32))
    a, b = (each[:, None] for each in scheme.multipliers)
    signature = np.full(len(a), 0xFFFFFFFF, np.uint32)
    for start in range(0, len(hashes), _HASHES_PER_BLOCK):
        block = hashes[start : start + _HASHES_PER_BLOCK]
        permuted = _scratch.of(len(a), len(block))
        np.multiply(a, block, out=permuted)
        np.add(permuted, b, out=permuted)
        np.minimum(signature, permuted.min(axis=1), out=signature)
    return signature


class _Scratch(threading.local):
    """A reused buffer per thread: fresh memory costs as much time as the arithmetic."""

    def __init__(self) -> None:
        self.room = np.empty(0, np.uint32)

    def of(self, rows: int, columns: int) -> NDArray[np.uint32]:
        if len(self.room) < rows * columns:
            self.room = np.empty(rows * _HASHES_PER_BLOCK, np.uint32)
        return self.room[: rows * columns].reshape(rows, columns)


_scratch = _Scratch()


def band_keys(signature: NDArray[np.uint32], scheme: Scheme) -> NDArray[np.int64]:
    """Returns one int64 key per band of a signature, or of each of several ([n, permutations]).

    Keys of different bands are hashed with different seeds, so they match only by chance.
    """
    used_values = signature[..., : scheme.bands * scheme.rows]
    rows = used_values.reshape(*signature.shape[:-1], scheme.bands, scheme.rows)
    mixed = np.arange(1, scheme.bands + 1, dtype=np.uint64) * GOLDEN_RATIO
    for row in range(scheme.rows):
        mixed = mix(mixed) + rows[..., row]
    return mix(mixed).view(np.int64)


def winnow(hashes: NDArray[np.uint64], window: int) -> NDArray[np.int64]:
    """Returns the distinct minima of every `window` neighbouring hashes, as int64, sorted."""
    if not len(hashes):
        return np.empty(0, np.int64)
    # Doubling the reach of each minimum needs log2(window) passes instead of `window`.
    minima, reach = hashes, 1
    window = min(window, len(hashes))
    while reach < window:
        step = min(reach, window - reach)
        minima = np.minimum(minima[:-step], minima[step:])
        reach += step
    return np.sort(sorted_unique(minima).view(np.int64))


def _mix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Applies the 32-bit MurmurHash3 finaliser (Appleby)."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))
