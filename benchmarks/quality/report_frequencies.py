"""Counts in how many news leads each term occurs, for `dedup/reports/frequencies.npz`.

    python -m benchmarks.quality.report_frequencies FILE.jsonl[.gz] ... [--out dedup/reports/frequencies.npz]

Each file is JSON lines with `title` and `text`. Leads that begin alike count once. The table holds
hashes and counts, no words.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dedup.reports.frequencies import MIN_DOCUMENTS
from dedup.reports.terms import LEAD_CHARS, Writing, find_writing, hash_term, iter_terms

OUT = Path(__file__).parents[2] / "dedup/reports/frequencies.npz"
_SAME_CHARS = 100
_MAX_COUNT = 65_535


def iter_articles(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yields the title and text of each article."""
    for path in paths:
        open_text = gzip.open if path.suffix == ".gz" else open
        with open_text(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield row.get("title") or "", row.get("text") or ""


def count_documents(
    articles: Iterable[tuple[str, str]],
) -> tuple[Counter[Writing], dict[Writing, Counter[int]]]:
    """Returns the number of leads, and of leads with each term, by system of writing."""
    documents: Counter[Writing] = Counter()
    counts: dict[Writing, Counter[int]] = {writing: Counter() for writing in Writing}
    seen: set[str] = set()
    for title, text in articles:
        if text[:_SAME_CHARS] in seen:
            continue
        seen.add(text[:_SAME_CHARS])
        writing = find_writing(f"{title} {text}")
        documents[writing] += 1
        lead = f"{title}\n{text[: LEAD_CHARS[writing]]}"
        counts[writing].update({hash_term(term) for term in iter_terms(lead)})
    return documents, counts


def main() -> None:
    """Writes the table and prints how many terms it has."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    documents, counts = count_documents(iter_articles(arguments.files))
    table: dict[str, Any] = {}
    for writing in Writing:
        kept = sorted((h, n) for h, n in counts[writing].items() if n >= MIN_DOCUMENTS)
        table[f"{writing}.documents"] = np.int64(documents[writing])
        table[f"{writing}.hashes"] = np.array([h for h, _ in kept], np.uint32)
        table[f"{writing}.counts"] = np.array([min(n, _MAX_COUNT) for _, n in kept], np.uint16)
        print(f"{writing}: {len(kept)} terms of {documents[writing]} leads")
    np.savez_compressed(arguments.out, **table)
    print(f"{arguments.out}: {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
