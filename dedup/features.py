"""What is stored of a text so that its copies are found again: signature, bands, fingerprints."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from xxhash import xxh3_128_digest

from dedup.normalise import Normal, Script, normalise
from dedup.records import Document, Features
from dedup.scheme import Scheme

MIN_SHINGLES = 40
"""Shorter texts match nothing: stubs, captions and menus would match each other."""

SHINGLE = {Script.WORDS: 3, Script.SYLLABLES: 5}
_FINGERPRINT = {Script.WORDS: (5, 8), Script.SYLLABLES: (10, 16)}
_ODD = np.uint64(0x9E3779B97F4A7C15)


def features(document: Document, scheme: Scheme) -> Features:
    """The features of one document; empty ones if its text is too short to be told from others."""
    return features_of(normalise(document.text, document.title), scheme)


def features_many(documents: Iterable[Document], scheme: Scheme) -> Iterator[Features]:
    """`features` of each document in turn, lazily."""
    return (features(document, scheme) for document in documents)


def features_of(normal: Normal, scheme: Scheme) -> Features:
    """The features of a normalised text.

    Signature: datasketch MinHash (`Scheme.reference`) of the shingle set. Bands: one int64 key per
    band. Fingerprints: winnowing of longer shingles (Schleimer, Wilkerson, Aiken, SIGMOD 2003).
    """
    shingles = np.unique(shingle_hashes(normal, SHINGLE[normal.script], scheme.hash_key))
    if len(shingles) < MIN_SHINGLES:
        return nothing(scheme, len(shingles))
    signature = sign(shingles, scheme)
    size, window = _FINGERPRINT[normal.script]
    hashes = shingle_hashes(normal, size, scheme.hash_key)
    return Features(
        scheme=scheme.name,
        text_hash=xxh3_128_digest(normal.joined),
        shingles=len(shingles),
        signature=signature,
        bands=band_keys(signature, scheme),
        fingerprints=winnow(hashes, window),
    )


def nothing(scheme: Scheme, shingles: int = 0) -> Features:
    """Features that match nothing."""
    none = np.empty(0, np.int64)
    return Features(scheme.name, b"", shingles, np.empty(0, np.uint32), none, none)


def shingle_hashes(normal: Normal, size: int, key: int) -> NDArray[np.uint64]:
    """uint64 hash of each run of `size` words or syllables, in order of the text."""
    units = unit_hashes(normal, key)
    if len(units) < size:
        return np.empty(0, np.uint64)
    runs = sliding_window_view(units, size)
    mixed = runs[:, 0].copy()
    for column in range(1, size):
        mixed = _mix(mixed) + runs[:, column]
    return _mix(mixed)


def sign(shingles: NDArray[np.uint64], scheme: Scheme) -> NDArray[np.uint32]:
    """The affine32 signature of these shingle hashes (their low 32 bits)."""
    minhash = scheme.reference.copy()
    minhash.update_batch((shingles & np.uint64(0xFFFFFFFF)).tolist())
    signature: NDArray[np.uint32] = minhash.hashvalues
    return signature


def band_keys(signature: NDArray[np.uint32], scheme: Scheme) -> NDArray[np.int64]:
    """One int64 key per band of the signature; bands never share a key space."""
    rows = signature[: scheme.bands * scheme.rows].reshape(scheme.bands, scheme.rows)
    mixed = np.arange(1, scheme.bands + 1, dtype=np.uint64) * _ODD
    for column in range(scheme.rows):
        mixed = _mix(mixed) + rows[:, column]
    return _mix(mixed).view(np.int64)


def winnow(hashes: NDArray[np.uint64], window: int) -> NDArray[np.int64]:
    """The distinct minima of every `window` neighbouring hashes, as int64, sorted."""
    if not len(hashes):
        return np.empty(0, np.int64)
    minima = sliding_window_view(hashes, min(window, len(hashes))).min(axis=1)
    return np.unique(minima).view(np.int64)


def unit_hashes(normal: Normal, key: int) -> NDArray[np.uint64]:
    """uint64 hash of each word or syllable, in order of the text."""
    letters = normal.letters.astype(np.uint64)
    if normal.script is Script.SYLLABLES:
        return _mix(letters + np.uint64(key))
    if not len(letters):
        return letters
    # Polynomial hash of a word as a difference of prefix sums, moved back to where the word begins.
    base = key | 1
    powers, inverses = _powers(base, len(letters)), _powers(pow(base, -1, 2**64), len(letters))
    sums = np.concatenate([[np.uint64(0)], np.cumsum(letters * powers)])
    ends = np.append(normal.starts[1:], len(letters))
    raw = (sums[ends] - sums[normal.starts]) * inverses[normal.starts]
    return _mix(raw + (ends - normal.starts).astype(np.uint64) * _ODD)


@lru_cache(maxsize=8)
def _power_table(base: int, size: int) -> NDArray[np.uint64]:
    table = np.full(size, base, np.uint64)
    table[0] = 1
    return np.cumprod(table)


def _powers(base: int, size: int) -> NDArray[np.uint64]:
    """`base ** 0 ... base ** (size - 1)` modulo 2**64."""
    return _power_table(base, 1 << max(12, (size - 1).bit_length()))[:size]


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The 64-bit MurmurHash3 finaliser (Appleby): a bijection that spreads every bit."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))
