"""Finds the articles of one corpus that are copies of articles of another, without their texts.

The rows of two exports suffice, even with `--text none`: `content_sha256` finds equal articles, the
`sketch` near-duplicates. Candidate pairs share one of the 12 smallest hashes of their sketches, as
similar texts almost always do (Broder, On the resemblance and containment of documents, 1997). The
resemblance of each candidate pair is then estimated from the whole sketches.

    from storage.snapshots.corpus_matching import find_matches, read_rows
    for match in find_matches(read_rows("ours.jsonl.gz"), read_rows("theirs.jsonl.gz")):
        print(match.a, match.b, match.resemblance)
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.export.sketch import estimate_resemblance, make_sketch, split_hashes
from storage.importers.files import read_numbered_rows
from storage.importers.jsonl_reader import BadLine, BadRow

MIN_RESEMBLANCE = 0.5
_CANDIDATE_HASHES = 12
_MAX_ARTICLES_PER_HASH = 200


@dataclass(frozen=True, slots=True)
class Match:
    """The URLs of an article of our corpus (`a`) and one of theirs (`b`).

    `resemblance`: the Jaccard similarity of their shingles, 0 to 1; 1.0 if the content is equal.
    """

    a: str
    b: str
    resemblance: float


@dataclass(frozen=True, slots=True)
class _SketchedArticle:
    url: str
    sha256: str
    sketch: str


def find_matches(
    ours: Iterable[Mapping[str, Any]],
    theirs: Iterable[Mapping[str, Any]],
    *,
    min_resemblance: float = MIN_RESEMBLANCE,
) -> Iterator[Match]:
    """Yields the pairs with at least `min_resemblance`.

    The pairs of each article of `theirs` come together, the most similar first. The articles of
    `ours` are kept in memory without their texts (about 2 KB each); `theirs` is read as a stream. A
    hash among the smallest 12 of more than 200 articles of `ours` is ignored. The sketch of a row
    that has none is computed from its text.
    """
    our_articles = [_make_sketched(row) for row in ours]
    by_content, by_hash = _build_lookup(our_articles)
    for row in theirs:
        their_article = _make_sketched(row)
        equal_indexes = by_content.get(their_article.sha256, []) if their_article.sha256 else []
        candidates = {
            i for key in _candidate_hashes(their_article) for i in by_hash.get(key, ())
        } - set(equal_indexes)
        matches = [Match(our_articles[i].url, their_article.url, 1.0) for i in equal_indexes]
        matches += [
            Match(
                our_articles[i].url,
                their_article.url,
                estimate_resemblance(our_articles[i].sketch, their_article.sketch),
            )
            for i in candidates
        ]
        matches.sort(key=lambda match: (-match.resemblance, match.a))
        yield from (match for match in matches if match.resemblance >= min_resemblance)


def read_rows(path: str | Path) -> Iterator[Mapping[str, Any]]:
    """Yields the rows of an export in JSON lines, CSV or Parquet.

    Raises BadRow at the first bad row, OSError if the file cannot be read, and MissingLibrary if
    its format needs a library that is not installed.
    """
    for number, row in read_numbered_rows(Path(path)):
        if isinstance(row, BadLine):
            raise BadRow(f"{path}:{number}: {row.reason}")
        yield row


def _make_sketched(row: Mapping[str, Any]) -> _SketchedArticle:
    sketch = row.get("sketch") or make_sketch(str(row.get("text") or row.get("maintext") or ""))
    return _SketchedArticle(
        str(row.get("url") or ""), str(row.get("content_sha256") or ""), str(sketch)
    )


def _candidate_hashes(article: _SketchedArticle) -> list[str]:
    return split_hashes(article.sketch)[:_CANDIDATE_HASHES]


def _build_lookup(
    articles: list[_SketchedArticle],
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    by_content, by_hash = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for index, article in enumerate(articles):
        by_content[article.sha256].append(index)
        for key in _candidate_hashes(article):
            by_hash[key].append(index)
    return by_content, {
        k: indexes for k, indexes in by_hash.items() if len(indexes) <= _MAX_ARTICLES_PER_HASH
    }
