"""A short public fingerprint of a text, for corpora that go out without their texts. Pure.

The smallest 64-bit hashes of all shingles of four tokens: the shares of two texts' shingles can be
estimated from them alone (bottom-k sketch: Cohen and Kaplan, Summarizing data using bottom-k
sketches, PODC 2007). It has no seed, so that sketches of different corpora compare; the signatures
that stories are made by have a private one, and never leave the database.
"""

from heapq import nsmallest

from xxhash import xxh3_64_intdigest

from storage.tokens import tokens

SHINGLE = 4
SIZE = 48
_HEX = 16


def sketch(text: str) -> str:
    """At most 48 hashes in ascending order, 16 hex digits each; "" for under four tokens."""
    found = tokens(text)
    shingles = {" ".join(found[i : i + SHINGLE]) for i in range(len(found) - SHINGLE + 1)}
    hashes = nsmallest(SIZE, {xxh3_64_intdigest(each.encode()) for each in shingles})
    return "".join(f"{each:016x}" for each in hashes)


def resemblance(a: str, b: str) -> float:
    """The Jaccard similarity of two texts' shingles, estimated from their sketches; 0 without any."""
    one, other = _hashes(a), _hashes(b)
    least = set(sorted(one | other)[:SIZE])
    return len(least & one & other) / len(least) if least else 0.0


def _hashes(sketched: str) -> set[str]:
    return {sketched[i : i + _HEX] for i in range(0, len(sketched), _HEX)}
