from collections import Counter
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database
from storage.errors import InvalidRequest
from storage.reading.rows import ArticleRow
from storage.records import Article
from storage.search import query
from storage.search.counting import COUNTED_BY, CountedBy
from storage.search.search import SearchTimeout
from storage.search.tokeniser import tokenise
from tests.storage.conftest import CORPUS_START

MakeArticle = Callable[..., Article]


def counts(database: Database, words: str, by: CountedBy, **wanted: Any) -> dict[str | None, int]:
    return {each.value: each.articles for each in database.count_hits(words, by, **wanted)}


def value_of(row: ArticleRow, by: CountedBy) -> str | None:
    at = row.published_at
    day = None if at is None else at.astimezone(UTC).date().isoformat()
    return {
        "outlet": row.outlet,
        "language": row.language,
        "month": day and day[:7],
        "day": day,
    }[by]


ONE_ARTICLE = st.tuples(
    st.sampled_from(["kcna", "tass", "yonhap"]),
    st.sampled_from(["ko", "en"]),
    st.none() | st.integers(-200, 200),
    st.sampled_from(["rocket drill", "drill rocket", "미사일", "kcna", "rocket"]),
)


@given(
    made=st.lists(ONE_ARTICLE, min_size=1, max_size=12),
    words=st.sampled_from(["rocket", '"rocket drill"', "", "title:rocket", "미사일 OR kcna"]),
    outlet=st.sampled_from([None, None, "kcna"]),
)
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_counts_agree_with_brute_force(
    corpus: Database,
    make_article: MakeArticle,
    made: list[tuple[str, str, int | None, str]],
    words: str,
    outlet: str | None,
) -> None:
    corpus.save(
        [
            make_article(
                n,
                outlet=outlet_name,
                language=language,
                title=f"t {text if n % 2 else ''}",
                text=text,
                published_at=None if hours is None else CORPUS_START + timedelta(hours=hours),
            )
            for n, (outlet_name, language, hours, text) in enumerate(made)
        ]
    )
    node = query.parse(words) if words else None
    rows = [
        row
        for row in corpus.articles.iter()
        if (node is None or query.matches(node, [tokenise(row.title), tokenise(row.text)]))
        and outlet in (None, row.outlet)
    ]
    for by in COUNTED_BY:
        expected = Counter(value_of(row, by) for row in rows)
        found = corpus.count_hits(words, by, outlet=outlet)
        assert {each.value: each.articles for each in found} == expected
        stories = {(value_of(row, by), row.story_id) for row in rows}
        assert counts(corpus, words, by, outlet=outlet, collapse=True) == Counter(
            value for value, _ in stories
        )


def test_outlets_come_by_number_and_days_by_time(
    corpus: Database, make_article: MakeArticle
) -> None:
    days = {"kcna": [3, 1], "tass": [2, 2, 2], "yonhap": [3, 3]}
    corpus.save(
        [
            make_article(10 * n + k, outlet=name, published_at=CORPUS_START + timedelta(days=day))
            for n, (name, each) in enumerate(days.items())
            for k, day in enumerate(each)
        ]
    )
    assert list(counts(corpus, "", "outlet")) == ["tass", "kcna", "yonhap"]
    found = counts(corpus, "", "day")
    assert list(found) == sorted(filter(None, found))
    assert sum(found.values()) == 7


def test_articles_without_a_date_are_counted_last_and_not_at_the_day_of_their_import(
    corpus: Database, make_article: MakeArticle
) -> None:
    days = [CORPUS_START, None, CORPUS_START + timedelta(days=40), None, None]
    corpus.save([make_article(n, published_at=day, text="drill") for n, day in enumerate(days)])
    first, second = CORPUS_START, CORPUS_START + timedelta(days=40)
    for words in ("drill", ""):
        by_month = counts(corpus, words, "month")
        assert list(by_month.items()) == [(f"{first:%Y-%m}", 1), (f"{second:%Y-%m}", 1), (None, 3)]
        assert list(counts(corpus, words, "day").items())[-1] == (None, 3)


def test_impossible_counts_say_why(sqlite_corpus: Database) -> None:
    with pytest.raises(InvalidRequest, match="outlet, language, month, day"):
        sqlite_corpus.count_hits("a", "year")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="needs words"):
        sqlite_corpus.count_hits("", "day", field="title")


def test_a_count_that_takes_too_long_is_cut(corpus: Database, make_article: MakeArticle) -> None:
    corpus.save([make_article(n, text="kcna drill") for n in range(3)])
    if corpus.engine.dialect.name == "postgresql":
        with pytest.raises(SearchTimeout):
            corpus.count_hits('"kcna drill"', "day", seconds=-1)
