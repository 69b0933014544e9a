"""Computes public fingerprints of texts, for corpora that are published without texts. No I/O.

A sketch is the 48 smallest 64-bit hashes of the shingles (four tokens each) of a text. Two sketches
are enough to estimate the Jaccard similarity of the texts (bottom-k sketch: Cohen and Kaplan,
Summarizing data using bottom-k sketches, PODC 2007). The hash has no seed, so sketches of different
corpora can be compared. The signatures that form stories have a private seed and are never
exported.
"""

import numpy as np
from xxhash import xxh3_64_intdigest

from storage.search.tokeniser import tokenise

SHINGLE_SIZE = 4
SKETCH_SIZE = 48
_HEX_DIGITS_PER_HASH = 16
# Odd constants, one for each position in a shingle. The first is 2**64 divided by the golden ratio.
# The steps below are the finalizer of splitmix64 (Steele et al. 2014).
_POSITION_FACTORS = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93)
_SPLITMIX_STEPS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def make_sketch(text: str) -> str:
    """Returns at most 48 hashes in ascending order, each as 16 hex digits, without separators.

    Returns "" for fewer than four tokens.
    """
    tokens = tokenise(text)
    shingle_count = len(tokens) - SHINGLE_SIZE + 1
    if shingle_count < 1:
        return ""
    hash_by_token = {token: xxh3_64_intdigest(token.encode()) for token in set(tokens)}
    hashes = np.fromiter((hash_by_token[token] for token in tokens), np.uint64, len(tokens))
    mixed = np.zeros(shingle_count, np.uint64)
    for position, factor in enumerate(_POSITION_FACTORS):
        mixed += hashes[position : position + shingle_count] * np.uint64(factor)
    for shift, factor in _SPLITMIX_STEPS:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return "".join(f"{each:016x}" for each in np.unique(mixed)[:SKETCH_SIZE].tolist())


def estimate_resemblance(a: str, b: str) -> float:
    """Estimates the Jaccard similarity of two texts from their sketches; 0 if both are empty."""
    hashes_a, hashes_b = set(split_hashes(a)), set(split_hashes(b))
    smallest = set(sorted(hashes_a | hashes_b)[:SKETCH_SIZE])
    return len(smallest & hashes_a & hashes_b) / len(smallest) if smallest else 0.0


def split_hashes(sketch: str) -> list[str]:
    """Returns the hashes of a sketch as hex strings, smallest first."""
    return [
        sketch[i : i + _HEX_DIGITS_PER_HASH] for i in range(0, len(sketch), _HEX_DIGITS_PER_HASH)
    ]
