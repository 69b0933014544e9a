from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from storage import Database
from storage.errors import InvalidRequest
from storage.export.export import ExportOptions, export
from storage.export.formats import xlsx
from storage.records import Article

BODY = " ".join(f"Kiln {n} fires {n * 7} tiles of type {n} each day." for n in range(40))


@pytest.fixture
def filled(corpus: Database, make_article: Callable[..., Article]) -> Database:
    """Six articles, of which the first and the fourth are one story."""
    texts = (BODY, "Green river.", "River green.", BODY, "The green river rises.", "Snow.")
    corpus.save(
        [make_article(n * 1_000, title=f"Title {n}", text=text) for n, text in enumerate(texts)]
    )
    return corpus


def titles(database: Database, out: Path, limit: int, **chosen: Any) -> list[str]:
    options = ExportOptions(limit=limit)
    count = export(database, out, options=options, **chosen)
    rows = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert len(rows) == count
    return [row["title"].removeprefix("Title ") for row in rows]


def test_a_limit_takes_the_first_articles_or_stories(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    assert titles(filled, out, 2) == ["0", "1"]
    assert titles(filled, out, 6) == titles(filled, out, 99) == list("012345")
    assert titles(filled, out, 3, collapse=True) == ["0", "1", "2"]
    assert titles(filled, out, 1, words="river") == ["1"]


def test_a_limit_counts_only_what_matches_a_phrase(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    assert titles(filled, out, 2, words='"green river"') == ["1", "4"]
    assert titles(filled, out, 2, words='"green river"', collapse=True) == ["1", "4"]
    assert titles(filled, out, 3, words='"green river"') == ["1", "4"]


def test_a_workbook_that_no_sheet_can_hold_is_refused_before_it_is_written(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 5)
    reported: list[int] = []
    with pytest.raises(InvalidRequest, match="holds 5 rows"):
        export(
            filled,
            tmp_path / "corpus.xlsx",
            format="xlsx",
            progress=lambda done, total: reported.append(done),
        )
    assert (reported, list(tmp_path.glob("corpus*"))) == ([], [])
    options = ExportOptions(limit=5)
    assert export(filled, tmp_path / "corpus.xlsx", format="xlsx", options=options) == 5
