"""Searches in real articles agree with a plain reading of all texts."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import Database
from storage.records import Article
from storage.search import query
from storage.search.counting import COUNTED_BY
from storage.search.tokeniser import tokenise

TEXTS = Path(__file__).parents[3] / "../shared/gold/input.jsonl"
MOST = 80
SEARCHES = [
    *(
        "북한",
        "탄도미사일",
        "missile",
        "title:미사일",
        "text:kcna",
        '"north korea"',
        "朝鲜 OR 북한",
    ),
    *("미사일 -title:미사일", "title:(북한 OR korea) 발사", "miss*"),
]
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not TEXTS.exists(), reason="the real texts are not beside the checkout"),
]


def rows() -> list[dict[str, Any]]:
    lines = TEXTS.read_text(encoding="utf-8").strip().split("\n")
    return [json.loads(line) for line in lines[:: max(1, len(lines) // MOST)]][:MOST]


def test_orders_fields_and_counts_agree_with_a_reading_of_all_texts(
    corpus: Database, make_article: Callable[..., Article]
) -> None:
    corpus.save(
        [
            make_article(n, title=row["title"], text=row["text"], outlet=f"o{n % 7}")
            for n, row in enumerate(rows())
        ]
    )
    articles = [(r, [tokenise(r.title), tokenise(r.text)]) for r in corpus.articles.iter()]
    found_some = 0
    for words in SEARCHES:
        node = query.parse(words)
        expected = [r for r, fields in articles if query.matches(node, fields)]
        expected.sort(key=lambda r: (r.published_at or r.first_seen_at, r.id))
        ids = [r.id for r in expected]
        found_some += bool(ids)
        assert [hit.id for hit in corpus.search(words, sort="oldest", limit=1000)] == ids
        assert [hit.id for hit in corpus.search(words, limit=1000)] == ids[::-1]
        ranked = corpus.search(words, sort="relevance", limit=1000)
        assert sorted(hit.id for hit in ranked) == sorted(ids)
        for by in COUNTED_BY:
            counted = {each.value: each.articles for each in corpus.count_hits(words, by)}
            assert sum(counted.values()) == len(ids)
        assert {e.value: e.articles for e in corpus.count_hits(words, "outlet")} == Counter(
            r.outlet for r in expected
        )
    assert found_some >= 5
