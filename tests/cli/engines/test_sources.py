"""What `nkwire cluster` reads: folders, tables, addresses and decisions, without an engine."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.engines.article_files import find_article_files
from tests.cli.engines.corpus import make_rows, write_parts
from tests.storage.object_storage import Bucket

ROOT = Path(__file__).parents[3]
Nkwire = Callable[..., Any]


def test_a_folder_is_read_in_the_order_of_its_names(an_empty_folder: Path) -> None:
    rows = make_rows()[:9]
    write_parts(an_empty_folder / "docs", rows)
    for name in ("b.versions.jsonl", "b.jsonl", ".hidden.jsonl", "_tmp/a.jsonl", "more/a.json.zst"):
        (an_empty_folder / "docs" / name).parent.mkdir(exist_ok=True)
        (an_empty_folder / "docs" / name).touch()
    found = find_article_files("docs")
    names = ["b.jsonl", "more/a.json.zst", "more/part-2.csv", "part-0.jsonl.gz", "part-1.jsonl"]
    assert found == [f"docs/{name}" for name in names]


def test_the_parts_of_a_folder_are_one_corpus(
    nkwire: Nkwire,
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    whole = write("whole.jsonl", *articles)
    (an_empty_folder / "docs").mkdir()
    for number, article in enumerate(articles):
        write(f"docs/part-{number}.jsonl", article)
    files = []
    for source in (whole, "docs"):
        assert nkwire("cluster", source, "--relations", "r.jsonl", "--seed", "7").code == 0
        files.append((an_empty_folder / "r.jsonl").read_text())
    assert files[0] == files[1] != ""


def test_a_bucket_is_read_and_written_as_a_folder_is(
    nkwire: Nkwire, bucket: Bucket, articles: list[dict[str, Any]]
) -> None:
    for number, article in enumerate(articles):
        bucket.write(f"docs/부분 {number}.jsonl", json.dumps(article).encode())
    out = f"{bucket.address}/stories.json"
    for source in (f"{bucket.address}/docs/", f"{bucket.address}/docs"):
        assert nkwire("cluster", source, "--groups", out).code == 0
        assert json.loads(bucket.read("stories.json")) == [["first", "second"]]
    said = nkwire("cluster", f"{bucket.address}/nothing/")
    assert said.code == 2
    assert "no file of articles is there" in said.err
    said = nkwire("cluster", f"{bucket.address}/docs/", "--groups", "s3://no-such-bucket/x.json")
    assert said.code == 2
    assert "no such bucket" in said.err
    bucket.write("docs/part#3.jsonl", b"")
    said = nkwire("cluster", f"{bucket.address}/docs")
    assert (said.code, said.out) == (2, "")
    assert "docs/part#3.jsonl' cannot be read" in said.err


def test_decisions_at_an_address_are_refused(
    nkwire: Nkwire, write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    corpus = write("corpus.jsonl", *articles)
    said = nkwire("cluster", corpus, "--decisions", "s3://bucket/decisions.jsonl")
    assert (said.code, said.out) == (2, "")
    assert "decisions are read from a file of this machine" in said.err


def test_decisions_are_followed(
    nkwire: Nkwire, write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    corpus = write("corpus.jsonl", *articles)
    first, second, third = (each["id"] for each in articles)
    decided = write(
        "decisions.jsonl",
        {"a": first, "b": second, "verb": "must-link"},
        {"a": second, "b": first, "verb": "cannot-link"},  # of a pair, the last counts
        {"a": third, "b": second, "verb": "must-link"},
    )
    said = nkwire("cluster", corpus, "--decisions", decided)
    assert (said.code, said.json) == (0, [sorted([second, third])])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"{", "not JSON"),
        ({"a": "first", "verb": "must-link"}, "needs the ids of two articles"),
        ({"a": "first", "b": "first", "verb": "must-link"}, "two different articles"),
        ({"a": "first", "b": "second", "verb": "perhaps"}, "must-link or cannot-link"),
    ],
)
def test_a_line_that_is_no_decision_ends_the_run(
    row: dict[str, Any] | bytes,
    reason: str,
    nkwire: Nkwire,
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
) -> None:
    decided = write("decisions.jsonl", row)
    said = nkwire("cluster", write("corpus.jsonl", *articles), "--decisions", decided)
    assert (said.code, said.out) == (2, "")
    assert reason in said.err
    assert f"{decided}:1: " in said.err


def test_without_an_engine_or_an_address_no_extra_is_loaded(
    write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    code = (
        "import sys; from cli.app import run; code = run(['cluster', sys.argv[1]]);"
        "print(*sorted({'pyspark', 'py4j', 'pyarrow', 'fsspec', 's3fs'} & sys.modules.keys()));"
        "sys.exit(code)"
    )
    file = write("corpus.jsonl", *articles)
    words = [sys.executable, "-c", code, str(file)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ['[["first", "second"]]', ""]
