"""Compares this project's MinHash signatures with datasketch's documented methods, by CPU time.

    python benchmarks/dedup_signature.py TEXTS.jsonl[.gz] [--texts 1500] [--rounds 5]

Each line of TEXTS is a JSON object with `text` (and `title`). All methods sign the same texts in
turn, round after round. The least CPU time of a method counts, because noise can only raise it. The
table goes to standard output and to benchmarks/results/dedup_signature.md.
"""

import argparse
import gzip
import importlib
import importlib.util
import json
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import datasketch
import numpy as np
import xxhash
from datasketch import MinHash

from dedup.records import Document
from dedup.signature import features as features_module
from dedup.signature.features import compute_features, minhash_signature
from dedup.signature.scheme import Scheme
from dedup.text import kernel_loader, substring_matcher
from dedup.text import normalise as normalise_module
from dedup.text.normalise import Script, normalise
from dedup.text.shingles import SHINGLE_SIZE, shingle_hashes, sorted_unique

RESULT = Path(__file__).parent / "results/dedup_signature.md"
SCHEME = Scheme(seed=20310506)
UPDATE_BATCH_NAME = "of ready hashes: datasketch update_batch"
OWN_SIGN_NAME = "of ready hashes: this project's kernel"
MINHASH_BULK_NAME = "datasketch MinHash.bulk, SHA-1 (documented)"


def word_shingles(text: str) -> list[bytes]:
    """Returns the shingles of three words, made as in datasketch's documentation."""
    words = text.lower().split()
    return [" ".join(words[start : start + 3]).encode() for start in range(len(words) - 2)]


def sign_with_update(documents: Iterable[Document]) -> None:
    """Signs with datasketch's `MinHash.update`, one call for each shingle."""
    for document in documents:
        sketch = MinHash(SCHEME.permutations)
        for shingle in word_shingles(document.text):
            sketch.update(shingle)


def sign_with_bulk(documents: Iterable[Document], **options: object) -> None:
    """Signs with datasketch's `MinHash.bulk`."""
    shingles = [word_shingles(document.text) for document in documents]
    MinHash.bulk(shingles, num_perm=SCHEME.permutations, **options)


def sign_with_numpy(documents: Iterable[Document]) -> None:
    """Normalises and signs with this project's NumPy code."""
    for document in documents:
        normalised = normalise(document.text, document.title)
        size = SHINGLE_SIZE[normalised.script]
        minhash_signature(sorted_unique(shingle_hashes(normalised, size, SCHEME.hash_key)), SCHEME)


def sign_with_kernel(documents: Iterable[Document]) -> None:
    """Does the same as `sign_with_numpy` with the compiled kernel."""
    kernel = kernel_loader._import_kernel()
    if kernel is None:
        raise RuntimeError("the extra fast is not installed")
    key = np.uint64(SCHEME.hash_key)
    for document in documents:
        normalised = normalise(document.text, document.title)
        if normalised.script is Script.SYLLABLES:
            units = kernel.syllable_hashes(normalised.letters, key)
        else:
            units = kernel.word_hashes(normalised.letters, normalised.word_starts, key)
        kernel.minhash_signature(
            kernel.ngram_hashes(units, SHINGLE_SIZE[normalised.script], key), *SCHEME.multipliers
        )


def compute_all_features(documents: Iterable[Document]) -> None:
    """Computes signature, bands, fingerprints and text hash."""
    for document in documents:
        compute_features(document, SCHEME)


def use_kernel(method: Callable[[], None]) -> Callable[[], None]:
    """Wraps a method so that it uses the compiled kernel of the extra `fast`."""

    def run() -> None:
        for module in (features_module, substring_matcher, normalise_module):
            setattr(module, "load_kernel", kernel_loader._import_kernel)  # noqa: B010
        try:
            method()
        finally:
            disable_kernel()

    return run


def disable_kernel() -> None:
    """Makes this project use NumPy only."""
    for module in (features_module, substring_matcher, normalise_module):
        setattr(module, "load_kernel", lambda: None)  # noqa: B010


def sign_with_rensa(documents: Iterable[Document]) -> None:
    """Makes shingles in Python and signs with rensa (Rust)."""
    rensa = importlib.import_module("rensa")
    for document in documents:
        sketch = rensa.RMinHash(num_perm=SCHEME.permutations, seed=1)
        words = document.text.lower().split()
        sketch.update([" ".join(words[start : start + 3]) for start in range(len(words) - 2)])
        sketch.digest()


def make_methods(documents: Sequence[Document]) -> dict[str, Callable[[], None]]:
    """Returns the methods to time by name."""
    normalised_texts = [normalise(document.text, document.title) for document in documents]
    shingle_sets = [
        sorted_unique(shingle_hashes(normalised, SHINGLE_SIZE[normalised.script], SCHEME.hash_key))
        for normalised in normalised_texts
    ]

    def reference() -> None:
        for shingles in shingle_sets:
            sketch = SCHEME.reference_minhash.copy()
            sketch.update_batch((shingles & np.uint64(0xFFFFFFFF)).tolist())

    def kernel() -> None:
        for shingles in shingle_sets:
            minhash_signature(shingles, SCHEME)

    optional_methods: dict[str, Callable[[], None]] = {}
    if importlib.util.find_spec("rensa"):
        optional_methods["rensa RMinHash (Rust), shingles in Python"] = lambda: sign_with_rensa(
            documents
        )
    if kernel_loader._import_kernel():
        optional_methods["this project with the extra fast: folded, cleaned, signed"] = use_kernel(
            lambda: sign_with_kernel(documents)
        )
        optional_methods["this project with the extra fast: all features"] = use_kernel(
            lambda: compute_all_features(documents)
        )
    return optional_methods | {
        MINHASH_BULK_NAME: lambda: sign_with_bulk(documents),
        "datasketch MinHash.bulk, xxHash": lambda: sign_with_bulk(
            documents, hashfunc=xxhash.xxh32_intdigest
        ),
        "datasketch update() one by one, SHA-1": lambda: sign_with_update(documents[:100]),
        "this project: folded, cleaned, signed": lambda: sign_with_numpy(documents),
        "this project: the same and bands, fingerprints, text hash": lambda: compute_all_features(
            documents
        ),
        UPDATE_BATCH_NAME: reference,
        OWN_SIGN_NAME: kernel,
    }


def measure(documents: Sequence[Document], rounds: int) -> dict[str, float]:
    """Returns the CPU microseconds a text of each method, the least of all rounds."""
    best_times: dict[str, float] = {}
    disable_kernel()
    methods = make_methods(documents)
    for method in methods.values():
        method()  # warms up, so that one-off compilation does not count
    for _ in range(rounds):
        for name, method in methods.items():
            texts = 100 if "one by one" in name else len(documents)
            start = time.process_time()
            method()
            microseconds = (time.process_time() - start) / min(texts, len(documents)) * 1e6
            best_times[name] = min(microseconds, best_times.get(name, microseconds))
    return best_times


_NOTE = """
datasketch's ways take lower case and spaces for all there is to a text. This project's folds width and
composition, leaves out datelines, bylines, captions and small print, and cuts Korean, Chinese and
Japanese into syllables (some three times as many shingles as words). The last two rows sign the same
ready hashes, bit for bit alike; their ratio is between themselves.
"""


def table(best_times: dict[str, float], documents: Sequence[Document]) -> str:
    """Returns the result as Markdown."""
    mean_length = sum(len(document.text) for document in documents) / len(documents)
    conditions = f"""# Text to signature

`python benchmarks/dedup_signature.py`: {len(documents):,} texts of {mean_length:,.0f} characters on average,
{SCHEME.permutations} permutations, one core, least CPU time; datasketch {datasketch.__version__}, NumPy
{np.__version__}, Python {platform.python_version()}.

| way | µs a text | texts a second | x documented |
|---|--:|--:|--:|
"""
    rows = []
    for name, microseconds in best_times.items():
        ratio = (
            best_times[UPDATE_BATCH_NAME] / microseconds
            if name in {UPDATE_BATCH_NAME, OWN_SIGN_NAME}
            else best_times[MINHASH_BULK_NAME] / microseconds
        )
        rows.append(f"| {name} | {microseconds:,.0f} | {1e6 / microseconds:,.0f} | {ratio:.2f} |\n")
    return conditions + "".join(rows) + _NOTE


def read_documents(path: Path, texts: int) -> list[Document]:
    """Reads at most `texts` documents, spread evenly over the file."""
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    chosen_rows = rows[:: max(1, len(rows) // texts)][:texts]
    return [
        Document(number, str(number), row.get("title") or "", row["text"])
        for number, row in enumerate(chosen_rows, start=1)
    ]


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("texts", type=Path)
    parser.add_argument("--texts", dest="count", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    documents = read_documents(arguments.texts, arguments.count)
    result = table(measure(documents, arguments.rounds), documents)
    RESULT.write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
