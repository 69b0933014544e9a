import random
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Database
from storage.export.export import ExportFormat, export
from storage.records import Article
from storage.rights import TextLevel
from storage.snapshots.corpus_matching import Match, find_matches, read_rows

WORDS = [f"{a}{b}" for a in ("tile", "kiln", "coast", "rice", "post") for b in range(200)]


def text(seed: int, edits: int = 0) -> str:
    """300 words of one seed, so many of them replaced."""
    words = random.Random(seed).choices(WORDS, k=300)
    for n in range(edits):
        words[n * 300 // max(edits, 1)] = f"other{seed}x{n}"
    return " ".join(words)


@pytest.fixture
def corpora(
    tmp_path: Path, open_corpus: Callable[..., Database], make_article: Callable[..., Article]
) -> tuple[Database, Database]:
    """Twenty articles; and the same ones, edited ones, and others, under other seeds and addresses."""
    ours = open_corpus(f"sqlite:///{tmp_path / 'ours.db'}", 1)
    ours.save([make_article(n, text=text(n), title=f"Title {n}") for n in range(20)])
    theirs = open_corpus(f"sqlite:///{tmp_path / 'theirs.db'}", 2)
    theirs.save(
        [make_article(100 + n, text=text(n), title=f"Title {n}") for n in range(5)]
        + [make_article(100 + n, text=text(n, edits=8), title="Edited") for n in range(5, 10)]
        + [make_article(100 + n, text=text(1000 + n), title="Other") for n in range(10, 20)]
    )
    return ours, theirs


def number(url: str) -> int:
    return int(url.rsplit("/", 1)[1])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("none", "none"), ("full", "none"), ("full", "full")],
    ids=["both without texts", "one without", "both with"],
)
@pytest.mark.parametrize(
    ("format", "ending"), [("jsonl", "jsonl.gz"), ("csv", "csv"), ("parquet", "parquet")]
)
def test_copies_are_found_across_corpora_whose_texts_are_withheld(
    corpora: tuple[Database, Database],
    tmp_path: Path,
    ours: TextLevel,
    theirs: TextLevel,
    format: ExportFormat,
    ending: str,
) -> None:
    paths: list[Path] = []
    for database, amount in zip(corpora, (ours, theirs), strict=True):
        paths.append(tmp_path / f"{len(paths)}.{ending}")
        export(database, paths[-1], format=format, text=amount)
    found = list(find_matches(read_rows(paths[0]), read_rows(paths[1])))
    assert [(number(m.a), number(m.b)) for m in found] == [(n, 100 + n) for n in range(10)]
    assert [m.resemblance for m in found[:5]] == [1.0] * 5
    # 8 words of 300 edited: 32 of 297 shingles go and 32 come.
    assert all(0.6 < m.resemblance < 1 for m in found[5:])


def test_the_most_alike_comes_first_and_least_is_kept() -> None:
    ours = [{"url": f"a{n}", "text": text(1, edits=n)} for n in (30, 0, 5)]
    theirs = [{"url": "b", "text": text(1)}]
    found = list(find_matches(ours, theirs, min_resemblance=0))
    assert [match.a for match in found] == ["a0", "a5", "a30"]
    assert list(find_matches(ours, theirs, min_resemblance=0.99)) == [Match("a0", "b", 1.0)]


def test_what_very_many_texts_share_makes_no_matches() -> None:
    ours = [{"url": f"a{n}", "text": "Subscribe to our letter now please."} for n in range(300)]
    assert (
        list(find_matches(ours, [{"url": "b", "text": "Subscribe to our letter now please."}]))
        == []
    )


def test_rows_without_anything_to_compare_match_nothing() -> None:
    assert list(find_matches([{"url": "a"}], [{"url": "b"}, {}], min_resemblance=0)) == []


def test_a_damaged_file_is_told_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"url": "x"}\n{')
    with pytest.raises(ValueError, match=r"a.jsonl:2: not JSON"):
        list(read_rows(tmp_path / "a.jsonl"))
